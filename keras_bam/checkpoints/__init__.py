"""Weights published for other frameworks, in Keras on any backend, and the way back."""

from keras_bam.checkpoints.checkpoint import Checkpoint as Checkpoint
from keras_bam.checkpoints.checkpoint import load as load
from keras_bam.checkpoints.checkpoint import read as read
from keras_bam.checkpoints.preprocessing import Preprocessing as Preprocessing
from keras_bam.checkpoints.saving import save_official as save_official

__all__ = ["Checkpoint", "Preprocessing", "load", "read", "save_official"]
