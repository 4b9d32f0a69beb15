"""The confusion matrix as a picture."""

import numpy as np

from keras_bam.extra import from_extra
from keras_bam.files import replacing

_NUMBERED = 20  # classes up to which each cell shows its number
_NAMED = 100  # classes up to which the axes show their names
_WORST = 10  # pairs listed where there are no numbers
_SHOWN = 0.05  # percent, below which a cell would show 0.0
_DARK = 55  # percent, from which on the number in a cell is white


def plot_confusion(matrix, class_names, path):
    """Of each class (row) the share of its images, in percent, that was taken for each (column).

    Up to 20 classes with numbers; beyond that without, and the 10 most frequent mistakes beside it.
    The row of a class without images is grey.

    Args:
        matrix: images by true and predicted class, shape (classes, classes).
        class_names: one name a class.
        path: of the picture.
    """
    matrix = np.asarray(matrix)
    classes, images = len(matrix), matrix.sum(axis=1, keepdims=True)
    percent = np.where(images > 0, 100 * matrix / np.maximum(images, 1), np.nan)
    numbered = classes <= _NUMBERED
    side = 3 + 0.42 * classes if numbered else 8.5
    size = (side + 0.6, side) if numbered else (side + 4.2, side)
    # Without pyplot, as in curves.py.
    figure = from_extra("matplotlib.figure").Figure(figsize=size, layout="constrained")
    axes = figure.subplots() if numbered else figure.subplots(1, 2, width_ratios=(side, 3))
    grid = axes if numbered else axes[0]
    picture = _draw_cells(grid, percent, numbered)
    _name_axes(grid, class_names, numbered)
    accuracy = 100 * np.trace(matrix) / matrix.sum()
    grid.set_title(f"top-1 accuracy {accuracy:.2f} %, {matrix.sum():,} images")
    figure.colorbar(picture, ax=grid, label="% of the true class", fraction=0.046, pad=0.02)
    if not numbered:
        _list_worst(axes[1], matrix, percent, class_names)
    with replacing(path) as temporary:
        # The layout alone cuts labels off: cells are squares, whatever room it has given them.
        figure.savefig(temporary, dpi=150 if numbered else 200, bbox_inches="tight")


def worst_pairs(matrix, count=_WORST):
    """The most frequent mistakes, as (true, predicted) indices, by their share of the true class.

    Of equal shares the one of more images comes first, then the one of lower indices.
    """
    matrix = np.asarray(matrix)
    wrong = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    share = wrong / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    order = np.lexsort((-wrong.ravel(), -share.ravel()))[:count]
    pairs = [divmod(int(cell), len(matrix)) for cell in order]
    return [pair for pair in pairs if wrong[pair]]


def _draw_cells(axes, percent, numbered):
    matplotlib = from_extra("matplotlib")
    colors = matplotlib.colormaps["Blues"].with_extremes(bad="0.85")
    # The root makes mistakes of a few percent visible beside a diagonal near 100.
    scale = from_extra("matplotlib.colors").PowerNorm(1.0 if numbered else 0.5, 0, 100)
    picture = axes.imshow(np.ma.masked_invalid(percent), cmap=colors, norm=scale)
    if numbered:
        for (row, column), value in np.ndenumerate(percent):
            if value >= _SHOWN:
                axes.text(
                    column,
                    row,
                    f"{value:.1f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    fontweight="bold" if row == column else "normal",
                    color="white" if value >= _DARK else "black",
                )
    return picture


def _name_axes(axes, class_names, numbered):
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    if len(class_names) > _NAMED:
        return
    size = 9 if numbered else 4.5 + 3.5 * (_NAMED - len(class_names)) / (_NAMED - _NUMBERED)
    places, names = range(len(class_names)), [name.replace("_", " ") for name in class_names]
    slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    upright = {"rotation": 90}
    axes.set_xticks(places, names, fontsize=size, **(slanted if numbered else upright))
    axes.set_yticks(places, names, fontsize=size)


def _list_worst(axes, matrix, percent, class_names):
    axes.axis("off")
    pairs = worst_pairs(matrix)
    lines = [f"The {len(pairs)} most frequent mistakes", "(true → predicted)", ""]
    for true, predicted in pairs:
        names = [class_names[index].replace("_", " ") for index in (true, predicted)]
        lines.append(f"{names[0]} → {names[1]}")
        share, images = percent[true, predicted], matrix[true].sum()
        lines.append(f"    {share:.1f} %, {matrix[true, predicted]:,} of {images:,} images")
    axes.text(0, 1, "\n".join(lines), va="top", fontsize=10, linespacing=1.5)
