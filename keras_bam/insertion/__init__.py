"""Modules at places of a graph; nothing here has heard of BAM."""

from keras_bam.insertion.editing import insert as insert
from keras_bam.insertion.freezing import freeze_except as freeze_except
from keras_bam.insertion.modules import module_factory as module_factory
from keras_bam.insertion.modules import refine as refine
from keras_bam.insertion.places import blocks as blocks
from keras_bam.insertion.places import bottlenecks as bottlenecks

__all__ = ["blocks", "bottlenecks", "freeze_except", "insert", "module_factory", "refine"]
