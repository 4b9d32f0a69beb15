"""Which operations the running backend computes in a way of its own, and how to switch that off."""

import contextlib
import contextvars
import functools
import importlib
import os

import keras

_FILES = {
    "jax": "keras_bam.ops.jax_paths",
    "tensorflow": "keras_bam.ops.tensorflow_paths",
    "torch": "keras_bam.ops.torch_paths",
}
_portable = contextvars.ContextVar(
    "keras_bam_portable", default=os.environ.get("KERAS_BAM_PORTABLE", "0") != "0"
)


@contextlib.contextmanager
def portable():
    """Within it `keras_bam` computes by the plain formulas, in `keras.ops` alone.

    The results are the same up to rounding. It acts where operations are run or traced: a function
    that was compiled before stays as it is. The environment variable KERAS_BAM_PORTABLE=1 does the
    same for a whole process.
    """
    token = _portable.set(True)
    try:
        yield
    finally:
        _portable.reset(token)


def fast_path(name, *tensors):
    """The running backend's own function `name` where there is one for these tensors, or None.

    Symbolic tensors, of a graph that is being drawn, have none.
    """
    if _portable.get() or any(isinstance(x, keras.KerasTensor) for x in tensors):
        return None
    return getattr(_own(keras.backend.backend()), name, None)


@functools.cache
def _own(backend):
    file = _FILES.get(backend)
    return file and importlib.import_module(file)
