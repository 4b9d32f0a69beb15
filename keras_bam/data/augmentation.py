"""Crop and flip of whole batches, as in the paper's CIFAR experiments, and cutout."""

from typing import Literal, get_args

import numpy as np

PaddingMode = Literal["constant", "reflect", "edge"]

_CUTOUT = 2  # tells its stream from that of the crops and, 1, of the order


def draw_crops_and_flips(
    seed: int, epoch: int, count: int, padding: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """What happens to each of `count` images in an epoch.

    Row i depends on (seed, epoch, i) alone: not on `count`, the batch or the order.

    Returns:
        offsets, int64 of shape (count, 2), each 0..2*padding, and flips, bool of shape (count,).
    """
    draws = np.random.default_rng([seed, epoch]).random((count, 3))
    offsets = (draws[:, :2] * (2 * padding + 1)).astype(np.int64)
    return offsets, draws[:, 2] < 0.5


def crop_and_flip(
    images: np.ndarray,
    offsets: np.ndarray,
    flips: np.ndarray,
    padding: int = 4,
    mode: PaddingMode = "constant",
) -> np.ndarray:
    """Pads each image on every side, cuts a window of the old size and mirrors it left to right.

    Args:
        images: shape (batch, H, W, C).
        offsets: integers, shape (batch, 2): the window's first row and column, 0..2*padding;
            `padding` leaves the image in place.
        flips: bool, shape (batch,): which images are mirrored.
        padding: pixels added on each side.
        mode: what they hold: "constant" is 0, "reflect" and "edge" are NumPy's `np.pad`.

    Raises:
        ValueError: an unknown mode, or an offset out of range.
    """
    if mode not in get_args(PaddingMode):
        raise ValueError(f"mode must be one of {', '.join(get_args(PaddingMode))}, got {mode!r}")
    if ((offsets < 0) | (offsets > 2 * padding)).any():
        raise ValueError(
            f"offsets must lie in 0..{2 * padding}, twice the padding, got "
            f"{offsets.min()}..{offsets.max()}; draw them with the same padding"
        )
    batch, height, width, channels = images.shape
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)), mode)
    # A row of a window is contiguous once columns and channels are one axis: copied in one piece.
    rows = padded.reshape(batch, height + 2 * padding, -1)
    windows = np.lib.stride_tricks.sliding_window_view(rows, (height, width * channels), (1, 2))
    cropped = windows[np.arange(batch), offsets[:, 0], offsets[:, 1] * channels]
    cropped = cropped.reshape(images.shape)
    cropped[flips] = cropped[flips, :, ::-1]
    return cropped


def draw_cutouts(seed: int, epoch: int, count: int, height: int, width: int) -> np.ndarray:
    """The pixel that is the centre of each image's square, uniform over the image.

    Row i depends on (seed, epoch, i) alone.

    Returns:
        int64, shape (count, 2): row and column.
    """
    draws = np.random.default_rng([seed, epoch, _CUTOUT]).random((count, 2))
    return (draws * (height, width)).astype(np.int64)


def cut_out(images: np.ndarray, centres: np.ndarray, size: int) -> np.ndarray:
    """Cutout (arXiv:1708.04552): one square of each image becomes zero, the mean colour.

    Args:
        images: normalised, shape (batch, H, W, C).
        centres: integers, shape (batch, 2): row and column; what lies outside the image is lost.
        size: side of the square, in pixels, of which size // 2 are before the centre.

    Raises:
        ValueError: `size` is not a positive integer.
    """
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError(f"cutout must be a positive integer, or 0 for none, got {size!r}")
    from_start = [
        np.arange(side) - (centres[:, axis, np.newaxis] - size // 2)
        for axis, side in enumerate(images.shape[1:3])
    ]
    rows, columns = ((0 <= steps) & (steps < size) for steps in from_start)
    inside = rows[:, :, np.newaxis, np.newaxis] & columns[:, np.newaxis, :, np.newaxis]
    return np.where(inside, images.dtype.type(0), images)
