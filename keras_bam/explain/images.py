"""The images that a model is explained on."""

import numpy as np


def as_batch(model, images):
    """One float32 array of shape (batch, ...) as `model` takes it.

    Args:
        model: with one input.
        images: a batch, or a list of images; preprocessed, in the model's data format.

    Raises:
        ValueError: if they differ in size, or are not of the model's input shape.
    """
    shapes = sorted({np.shape(image) for image in images})
    if len(shapes) != 1:
        found = " and ".join(map(str, shapes)) or "none"
        raise ValueError(
            f"images must be of one shape, received {found}: bring them to one size, or pass them "
            "one by one"
        )
    batch = np.stack([np.asarray(image, "float32") for image in images])
    expected = getattr(model, "input_shape", batch.shape)
    if not isinstance(expected, tuple):
        raise ValueError(f"{model.name!r} has several inputs, {expected}; one image is explained")
    fits = len(expected) == batch.ndim and all(
        size in (None, actual) for size, actual in zip(expected[1:], batch.shape[1:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"images have shape {batch.shape}, and {model.name!r} takes {expected}, the batch first"
        )
    return batch


def channels_last(features, data_format):
    """A NumPy map with its channels moved to the end."""
    return features if data_format == "channels_last" else np.moveaxis(features, 1, -1)
