"""State dicts in safetensors files, for which no PyTorch is needed."""

import ml_dtypes  # noqa: F401  NumPy then knows bfloat16 by name
import numpy as np

from keras_bam.extra import from_extra


def read(path):
    """Key -> array.

    Raises:
        ValueError: if the file is damaged or no safetensors file.
        ModuleNotFoundError: without the package safetensors.
    """
    safetensors = from_extra("safetensors", "safetensors")
    reader = from_extra("safetensors.numpy", "safetensors")
    try:
        return reader.load_file(path)
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is no safetensors file, or it is damaged: {error}") from None


def write(path, state, **more):
    """A file of `state`; `more` goes into its metadata."""
    writer = from_extra("safetensors.numpy", "safetensors")
    arrays = {key: np.array(array, order="C") for key, array in state.items()}
    writer.save_file(arrays, path, {name: str(value) for name, value in more.items()})
