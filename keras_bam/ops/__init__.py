from keras_bam.ops.equations import combine as combine
from keras_bam.ops.equations import refine as refine

__all__ = ["combine", "refine"]
