"""Weights published for other frameworks, in Keras on any backend, and the way back."""

from keras_bam.checkpoints.checkpoint import Checkpoint as Checkpoint
from keras_bam.checkpoints.checkpoint import load as load
from keras_bam.checkpoints.checkpoint import read as read
from keras_bam.checkpoints.preprocessing import Preprocessing as Preprocessing
from keras_bam.checkpoints.saving import save_official as save_official
from keras_bam.checkpoints.trunks import load_trunk as load_trunk
from keras_bam.checkpoints.trunks import take_rgb as take_rgb

__all__ = ["Checkpoint", "Preprocessing", "load", "load_trunk", "read", "save_official", "take_rgb"]
