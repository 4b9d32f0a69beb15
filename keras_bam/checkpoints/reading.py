"""From a file, or a Keras model, to weights by their names there."""

from pathlib import Path

import keras
import numpy as np

from keras_bam.checkpoints import keras_file, pytorch_file, safetensors_file

_READERS = {
    ".pth": pytorch_file.read,
    ".pt": pytorch_file.read,
    ".pth.tar": pytorch_file.read,
    ".safetensors": safetensors_file.read,
    ".h5": keras_file.read,
}
SUFFIXES = tuple(_READERS)


def is_checkpoint(path):
    """Whether the path has the suffix of a file that is read here."""
    return Path(path).name.lower().endswith(SUFFIXES)


def read_state(source):
    """Their name -> float32 array.

    Without the prefix `module.` of PyTorch's DataParallel, and without the counts of batches that
    its batch norms keep.

    Raises:
        FileNotFoundError, IsADirectoryError: as opening the file would.
        ValueError: for another kind of file, a damaged one, or weights that are no numbers.
    """
    if isinstance(source, keras.Model):
        where, state = f"the model {source.name!r}", keras_file.of_model(source)
    else:
        where = Path(source)
        if not is_checkpoint(where):
            raise ValueError(
                f"{where} is no checkpoint by its suffix: known are {', '.join(SUFFIXES)}, and of "
                "keras.applications a model itself, such as keras.saving.load_model returns"
            )
        where.open("rb").close()
        reader = _READERS[next(s for s in SUFFIXES if where.name.lower().endswith(s))]
        state = reader(where)
    if all(key.startswith("module.") for key in state):
        state = {key.removeprefix("module."): array for key, array in state.items()}
    return {
        key: _checked(array, f"{where}: {key}")
        for key, array in state.items()
        if not key.endswith("num_batches_tracked")
    }


def _checked(array, name):
    array = np.asarray(array)
    if array.dtype.kind != "f" and array.dtype.name != "bfloat16":
        raise ValueError(f"{name} holds {array.dtype}, and weights are floating-point numbers")
    return array.astype(np.float32, copy=False)
