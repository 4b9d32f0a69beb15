"""What the labels of any labelled images must be."""

import numpy as np


def check_labels(labels, count: int, class_names: tuple[str, ...]):
    """Raises ValueError unless labels are int64, one an image, each an index into `class_names`."""
    if not isinstance(labels, np.ndarray) or labels.dtype != np.int64 or labels.ndim != 1:
        raise ValueError(
            "labels must be an int64 array of shape (n,), got "
            f"{describe(labels)}; convert it with labels.ravel().astype('int64')"
        )
    if count != len(labels):
        raise ValueError(
            f"images and labels must be equally many, got {count} images and "
            f"{len(labels)} labels; pass one label for each image"
        )
    low, high = labels.min(), labels.max()
    if low < 0 or high >= len(class_names):
        raise ValueError(
            f"labels must lie in 0..{len(class_names) - 1}, one for each of the "
            f"{len(class_names)} class_names, got {low}..{high}; "
            "number the classes from 0 or name them all"
        )


def describe(array) -> str:
    """Dtype and shape of what was received."""
    return f"{getattr(array, 'dtype', type(array).__name__)} of shape {np.shape(array)}"
