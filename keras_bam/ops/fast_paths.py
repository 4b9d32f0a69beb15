"""Which operations the running backend computes in a way of its own, and how to switch that off."""

import contextlib
import importlib
import os
import threading

import keras

_FILES = {
    "jax": "keras_bam.ops.jax_paths",
    "tensorflow": "keras_bam.ops.tensorflow_paths",
    "torch": "keras_bam.ops.torch_paths",
}
_file = _FILES.get(keras.backend.backend())
_own = _file and importlib.import_module(_file)


class _Choice(threading.local):  # PyTorch's compiler can't read a ContextVar
    portable = os.environ.get("KERAS_BAM_PORTABLE", "0") != "0"


_choice = _Choice()


@contextlib.contextmanager
def portable():
    """Within it `keras_bam` computes by the plain formulas, in `keras.ops` alone.

    The results are the same up to rounding. It acts where operations are run or traced: a function
    that was compiled before stays as it is. The environment variable KERAS_BAM_PORTABLE=1 does the
    same for a whole process.
    """
    before = _choice.portable
    _choice.portable = True
    try:
        yield
    finally:
        _choice.portable = before


def fast_path(name, *tensors):
    """The running backend's own function `name` where there is one for these tensors, or None.

    Symbolic tensors, of a graph that is being drawn, have none.
    """
    if _choice.portable:
        return None
    for tensor in tensors:
        if isinstance(tensor, keras.KerasTensor):
            return None
    return getattr(_own, name, None)
