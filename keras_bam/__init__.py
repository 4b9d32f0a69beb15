"""Bottleneck attention (BAM, arXiv:1807.06514) for Keras 3 on TensorFlow, PyTorch and JAX."""

from keras_bam import layers as layers
from keras_bam import ops as ops
from keras_bam.version import __version__ as __version__

__all__ = ["__version__", "layers", "ops"]
