"""Crop and flip of whole batches, the augmentation of the paper's CIFAR experiments."""

from typing import Literal, get_args

import numpy as np

PaddingMode = Literal["constant", "reflect", "edge"]


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
