"""Bottleneck attention (BAM, arXiv:1807.06514) for Keras 3 on TensorFlow, PyTorch and JAX.

What saved models are made of is imported at once; all else when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from keras_bam import backend_choice

backend_choice.choose()
try:
    import keras as _keras  # noqa: F401
except (ModuleNotFoundError, ValueError) as error:
    raise backend_choice.explained(error) from error

from keras_bam import detection as detection  # noqa: E402
from keras_bam import layers as layers  # noqa: E402
from keras_bam import ops as ops  # noqa: E402
from keras_bam.version import __version__ as __version__  # noqa: E402

if TYPE_CHECKING:
    from keras_bam import applications as applications
    from keras_bam import checkpoints as checkpoints
    from keras_bam import data as data
    from keras_bam import explain as explain
    from keras_bam.counting import complexity as complexity
    from keras_bam.export import export_model as export_model
    from keras_bam.insertion import blocks as blocks
    from keras_bam.insertion import bottlenecks as bottlenecks
    from keras_bam.insertion import freeze_except as freeze_except
    from keras_bam.insertion import insert as insert

__all__ = [
    "__version__",
    "applications",
    "blocks",
    "bottlenecks",
    "checkpoints",
    "complexity",
    "data",
    "detection",
    "explain",
    "export_model",
    "freeze_except",
    "insert",
    "layers",
    "ops",
]

_MODULES = ("applications", "checkpoints", "data", "explain")
_FUNCTIONS = {
    "blocks": "insertion",
    "bottlenecks": "insertion",
    "complexity": "counting",
    "export_model": "export",
    "freeze_except": "insertion",
    "insert": "insertion",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"keras_bam.{name}")
    if name in _FUNCTIONS:
        found = getattr(importlib.import_module(f"keras_bam.{_FUNCTIONS[name]}"), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module 'keras_bam' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
