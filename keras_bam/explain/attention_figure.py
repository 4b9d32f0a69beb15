"""The figure of one image: what each BAM does to its map."""

import numpy as np

from keras_bam.explain import panels
from keras_bam.explain.figure import (
    RANDOM_COLOR,
    check_flat_maps,
    checked_images,
    checked_path,
    mark_random_bams,
    new_figure,
    save,
)

_COLUMNS = 5


def plot_attention(maps, images, path, index=0, title=""):
    """For each BAM a row: F, Mc as sorted bars, Ms, M and F', of one image.

    F and F' are means over the channels on one scale, that of the row; Ms is white at 0; M has the
    fixed scale 0 to 1, with its own smallest, mean and largest value below. BAMs that were never
    trained are marked.

    Args:
        maps: from `attention_maps`.
        images: those of the maps, as people see them: uint8 or floats of 0 to 1, shape
            (batch, H, W, 3) or (batch, H, W, 1).
        path: of the picture; its suffix says the format: `.pdf`, `.png` or `.svg`.
        index: which image of the batch.
        title: under the image, such as its class.

    Raises:
        ValueError: for maps or images that can't be shown, or an unknown suffix.
        FileNotFoundError: if `path` lies in no folder.
    """
    path = checked_path(path)
    check_flat_maps(maps)
    images = checked_images(images, len(maps[0].before))
    if not 0 <= index < len(images):
        raise ValueError(f"index={index!r} is none of {len(images)} images, 0 to {len(images) - 1}")
    figure = new_figure((11, 0.6 + 1.85 * len(maps)))
    left, right = figure.subfigures(1, 2, width_ratios=(1, _COLUMNS + 0.4))
    axes = left.subplots()
    panels.draw_image(axes, images[index], "input")
    axes.set_xlabel(title, fontsize=panels.SMALL + 1)
    grid = right.subplots(len(maps), _COLUMNS, squeeze=False)
    for row, each in zip(grid, maps, strict=True):
        _draw_row(right, row, each, index)
    titles = ("F, before", "Mc: what", "Ms: where", "M, mean of channels", "F', after")
    for axes, text in zip(grid[0], titles, strict=True):
        axes.set_title(text, fontsize=panels.SMALL + 1)
    mark_random_bams(figure, maps)
    save(figure, path)


def _draw_row(figure, row, maps, index):
    before, after = (x[index].mean(axis=-1) for x in (maps.before, maps.after))
    limits = min(0.0, before.min(), after.min()), max(before.max(), after.max())
    height, width, channels = maps.before.shape[1:]
    panels.draw_features(row[0], before, limits)
    color = RANDOM_COLOR if maps.random_weights else "black"
    text = f"{maps.name}\n{height} x {width} x {channels}"
    row[0].set_ylabel(text, fontsize=panels.SMALL, color=color)
    if maps.channel is None:
        panels.draw_absent(row[1], "no channel branch")
    else:
        panels.draw_channel(row[1], maps.channel[index].ravel())
    if maps.spatial is None:
        panels.draw_absent(row[2], "no spatial branch")
    else:
        spatial = panels.draw_spatial(row[2], maps.spatial[index, ..., 0])
        _scale(figure, spatial, row[2])
    attention = panels.draw_attention(row[3], maps.attention[index])
    _scale(figure, attention, row[3])
    refined = panels.draw_features(row[4], after, limits)
    row[4].set_xlabel(f"mean F'/F {_ratio(maps, index):.2f}", fontsize=panels.SMALL)
    _scale(figure, refined, row[4])


def _ratio(maps, index):
    before = np.abs(maps.before[index]).sum()
    return np.abs(maps.after[index]).sum() / before if before else np.nan


def _scale(figure, shown, axes):
    bar = figure.colorbar(shown, ax=axes, fraction=0.046, pad=0.03)
    bar.ax.tick_params(labelsize=panels.SMALL - 1)
    bar.outline.set_linewidth(0.4)
