"""Boxes as offsets from default boxes (equation 2 of arXiv:1512.02325), and back; NumPy."""

import numpy as np

from keras_bam.detection.boxes import centres_to_corners, corners_to_centres

# What the authors' code divides the offsets of centre and of size by.
VARIANCES = (0.1, 0.1, 0.2, 0.2)


def encode(boxes, centres, variances=VARIANCES):
    """((g_xy - d_xy) / d_wh, ln(g_wh / d_wh)) / variances.

    Args:
        boxes: relative corners with an area, shape (..., 4).
        centres: default boxes as (cx, cy, width, height), of the same shape.

    Returns:
        float32 of the shape of `boxes`.
    """
    boxes = corners_to_centres(np.asarray(boxes, np.float64))
    centres = np.asarray(centres, np.float64)
    shift = (boxes[..., :2] - centres[..., :2]) / centres[..., 2:]
    growth = np.log(boxes[..., 2:] / centres[..., 2:])
    return (np.concatenate([shift, growth], axis=-1) / variances).astype(np.float32)


def decode(offsets, centres, variances=VARIANCES):
    """The relative corners, float32, that `encode` turned into `offsets`; not clipped."""
    offsets, centres = np.asarray(offsets, np.float64) * variances, np.asarray(centres, np.float64)
    xy = offsets[..., :2] * centres[..., 2:] + centres[..., :2]
    wh = np.exp(offsets[..., 2:]) * centres[..., 2:]
    return centres_to_corners(np.concatenate([xy, wh], axis=-1)).astype(np.float32)
