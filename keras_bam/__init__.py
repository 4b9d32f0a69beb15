"""Bottleneck attention (BAM, arXiv:1807.06514) for Keras 3 on TensorFlow, PyTorch and JAX."""

from keras_bam import backend_choice

backend_choice.choose()
try:
    import keras as _keras  # noqa: F401
except (ModuleNotFoundError, ValueError) as error:
    raise backend_choice.explained(error) from error

from keras_bam import applications as applications  # noqa: E402
from keras_bam import checkpoints as checkpoints  # noqa: E402
from keras_bam import data as data  # noqa: E402
from keras_bam import detection as detection  # noqa: E402
from keras_bam import layers as layers  # noqa: E402
from keras_bam import ops as ops  # noqa: E402
from keras_bam.counting import complexity as complexity  # noqa: E402
from keras_bam.export import export_model as export_model  # noqa: E402
from keras_bam.insertion import blocks as blocks  # noqa: E402
from keras_bam.insertion import bottlenecks as bottlenecks  # noqa: E402
from keras_bam.insertion import freeze_except as freeze_except  # noqa: E402
from keras_bam.insertion import insert as insert  # noqa: E402
from keras_bam.version import __version__ as __version__  # noqa: E402

__all__ = [
    "__version__",
    "applications",
    "blocks",
    "bottlenecks",
    "checkpoints",
    "complexity",
    "data",
    "detection",
    "export_model",
    "freeze_except",
    "insert",
    "layers",
    "ops",
]
