from keras_bam.ops.convolution import convolution as convolution
from keras_bam.ops.equations import combine as combine
from keras_bam.ops.equations import refine as refine
from keras_bam.ops.fast_paths import portable as portable
from keras_bam.ops.pooling import global_average as global_average

__all__ = ["combine", "convolution", "global_average", "portable", "refine"]
