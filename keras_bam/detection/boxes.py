"""Boxes as NumPy arrays (..., 4): corners (x1, y1, x2, y2), or centres (cx, cy, width, height)."""

import numpy as np


def corners_to_centres(boxes):
    """(x1, y1, x2, y2) -> (cx, cy, width, height)."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)


def centres_to_corners(boxes):
    """(cx, cy, width, height) -> (x1, y1, x2, y2)."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return np.concatenate([centre - half, centre + half], axis=-1)


def clip(boxes, width=1.0, height=1.0):
    """Corners moved into the image; by default of relative boxes."""
    return np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype))


def areas(boxes):
    """Of corners; 0 where a box has none, or is turned inside out."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return sides[..., 0] * sides[..., 1]


def overlaps(first, second):
    """Intersection over union of each of `first` with each of `second`, both corners.

    Args:
        first: shape (n, 4).
        second: shape (m, 4).

    Returns:
        Shape (n, m); 0 where the union has no area.
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(high - low, 0)
    shared = sides[..., 0] * sides[..., 1]
    union = areas(first)[:, None] + areas(second)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
