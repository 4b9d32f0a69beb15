"""Images that say which values the numbers inside a network take."""

import numpy as np

from keras_bam.data import batches_of
from keras_bam.layers.arguments import positive_integer

INTEGER_PRECISIONS = ("int8", "int16x8")  # weights and activations


def checked_calibration(calibration, precision, signature):
    """The calibration images as an array; None if there are none and none are needed.

    Raises:
        ValueError: if `precision` needs some and there are none, or they are not what the model
            takes.
    """
    if calibration is None:
        if precision in INTEGER_PRECISIONS:
            raise ValueError(
                f"precision={precision!r} needs calibration: pass some hundred images, prepared as "
                "the model is fed, shape (n, height, width, channels)"
            )
        return None
    images = np.asarray(calibration)
    shape = signature.shape[1:]
    fits = images.ndim == len(shape) + 1 and all(
        size in (None, actual) for size, actual in zip(shape, images.shape[1:], strict=True)
    )
    if not fits or not len(images):
        raise ValueError(
            f"calibration must hold images of shape {('n', *shape)}, received {images.shape}"
        )
    _check_values(images, signature.dtype)
    return images


def _check_values(images, dtype):
    if images.dtype != dtype:
        raise ValueError(
            f"calibration must be of dtype {dtype}, as the model's input, received {images.dtype}; "
            "prepare the images as for training, and convert them with astype"
        )
    if not np.isfinite(images).all():
        raise ValueError("calibration holds NaN or infinite values; leave such images out")
    low, high = images.min(), images.max()
    if low == high:
        raise ValueError(
            f"calibration holds nothing but {low}, which says nothing of the range of values; pass "
            "real images"
        )


def draw_calibration(dataset, input_shape, count):
    """`count` training images of `dataset`, normalised, drawn with seed 0.

    Args:
        dataset: a `keras_bam.data.Dataset` or `FolderDataset`.
        input_shape: of the model, with batch, by which channels come first or last.
        count: how many.

    Raises:
        ValueError: if the model does not take the data set's images, or there are not so many.
    """
    available = len(dataset.train)
    if positive_integer("calibration_images", count) > available:
        raise ValueError(
            f"calibration_images={count}, but {dataset.name} has {available} training images"
        )
    data_format = dataset.data_format_of(input_shape[1:])
    batches = batches_of(dataset, dataset.train, count, shuffle=True, data_format=data_format)
    return batches[0][0]
