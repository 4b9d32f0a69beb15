"""How much of the attention lies on the objects: a number for what Figure 1 shows."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class BoxShare:
    """Share of a BAM's attention inside boxes, divided by the share of the area they cover.

    1 is chance, and what a flat map gives. Images without boxes have NaN.

    Attributes:
        name: of the BAM.
        attention: of M(F), averaged over the channels, shape (batch,).
        stretched: of the same after its smallest value is put to 0, which shows where attention
            is relatively high, however little it varies; shape (batch,).
    """

    name: str
    attention: np.ndarray
    stretched: np.ndarray


def box_share(maps, boxes):
    """The share of every BAM's attention inside boxes, relative to their area.

    The claim of arXiv:1807.06514 (Figure 1) that stacked BAMs go from suppressing the background to
    the object says that it rises from the first BAM to the last.

    Args:
        maps: from `attention_maps`, of images.
        boxes: for each image an array of shape (boxes, 4): left, top, right, bottom as shares of
            the image's width and height (Keras's "rel_xyxy"). What they cover together counts once.

    Returns:
        A list of `BoxShare`, one for each of `maps`.

    Raises:
        ValueError: for another number of images, maps that are not two-dimensional, or boxes that
            are not such, reach outside the image or have no area.
    """
    shares = []
    for of_bam in maps:
        attention = of_bam.mean_attention
        if attention.ndim != 3:
            raise ValueError(
                f"the maps of {of_bam.name!r} have shape {of_bam.before.shape}: boxes lie in "
                "images, (batch, height, width, channels)"
            )
        if len(boxes) != len(attention):
            raise ValueError(f"boxes are given for {len(boxes)} of {len(attention)} images")
        least = attention.min(axis=(1, 2), keepdims=True)
        covered = [_covered(_checked(each), *attention.shape[1:]) for each in boxes]
        shares.append(
            BoxShare(
                of_bam.name,
                np.array([_share(*pair) for pair in zip(attention, covered, strict=True)]),
                np.array([_share(*pair) for pair in zip(attention - least, covered, strict=True)]),
            )
        )
    return shares


def _checked(boxes):
    array = np.asarray(boxes, "float64").reshape(-1, 4) if len(boxes) == 0 else np.asarray(boxes)
    right = array.ndim == 2 and array.shape[1] == 4
    if not right or (array < 0).any() or (array > 1).any() or (array[:, :2] >= array[:, 2:]).any():
        raise ValueError(
            "boxes must be rows of left, top, right, bottom between 0 and 1, left < right and "
            f"top < bottom, received {np.array2string(array, threshold=8)}"
        )
    return array


def _covered(boxes, height, width):
    """The share of each cell of a map that lies in any of the boxes."""
    columns = np.unique(np.concatenate([np.arange(width + 1) / width, *boxes[:, ::2]]))
    rows = np.unique(np.concatenate([np.arange(height + 1) / height, *boxes[:, 1::2]]))
    # Between these lines every rectangle lies in one cell, and in a box or out of it.
    x, y = (columns[1:] + columns[:-1]) / 2, (rows[1:] + rows[:-1]) / 2
    inside = np.zeros((len(y), len(x)))
    for left, top, right, bottom in boxes:
        inside[np.ix_((top < y) & (y < bottom), (left < x) & (x < right))] = 1
    areas = inside * np.diff(rows)[:, None] * np.diff(columns)
    covered = np.zeros((height, width))
    np.add.at(covered, np.ix_((y * height).astype(int), (x * width).astype(int)), areas)
    return covered * height * width


def _share(attention, covered):
    if not covered.any():
        return np.nan
    if not attention.any():  # flat, put to 0
        return 1.0
    attention = attention.astype("float64")
    return (attention * covered).sum() / attention.sum() / covered.mean()
