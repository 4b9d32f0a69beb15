"""Figure 1 of arXiv:1807.06514: stacked BAMs, image by image."""

from keras_bam.explain import panels
from keras_bam.explain.figure import (
    check_flat_maps,
    checked_images,
    checked_path,
    mark_random_bams,
    new_figure,
    save,
)


def plot_hierarchy(maps, images, path, last=None, titles=None):
    """For each image a row: input, then F, M and F' of each BAM, then the last stage.

    F, F' and the last stage are means over the channels; F and F' of one BAM share a scale. M has
    the fixed scale 0 to 1, with its own smallest, mean and largest value below.

    Args:
        maps: from `attention_maps`.
        images: as for `plot_attention`.
        path: as for `plot_attention`.
        last: the last stage's map, from `feature_map`, shape (batch, H, W, C); None leaves it out.
        titles: one for each image.

    Raises:
        ValueError, FileNotFoundError: as for `plot_attention`.
    """
    path = checked_path(path)
    check_flat_maps(maps)
    images = checked_images(images, len(maps[0].before))
    columns = 1 + 3 * len(maps) + (last is not None)
    figure = new_figure((0.9 + 1.45 * columns, 0.45 + 1.5 * len(images)))
    grid = figure.subplots(len(images), columns, squeeze=False)
    for index, row in enumerate(grid):
        panels.draw_image(row[0], images[index], "input" if index == 0 else "")
        row[0].set_xlabel(titles[index] if titles else "", fontsize=panels.SMALL)
        for number, each in enumerate(maps):
            shown = _draw(row[1 + 3 * number :], each, index, number + 1)
        if last is not None:
            features = last[index].mean(axis=-1)
            limits = min(0.0, features.min()), features.max()
            panels.draw_features(row[-1], features, limits, "" if index else "last stage")
    bar = figure.colorbar(shown, ax=grid[:, -1], shrink=0.9, pad=0.06)
    bar.set_label("M, mean of channels", fontsize=panels.SMALL)
    bar.ax.tick_params(labelsize=panels.SMALL)
    mark_random_bams(figure, maps)
    save(figure, path)


def _draw(row, maps, index, number):
    before, after = (x[index].mean(axis=-1) for x in (maps.before, maps.after))
    limits = min(0.0, before.min(), after.min()), max(before.max(), after.max())
    height, width = before.shape
    titles = [f"F{number}  {height} x {width}", f"M{number}", f"F{number}'"]
    if index:
        titles = ["", "", ""]
    panels.draw_features(row[0], before, limits, titles[0])
    panels.draw_features(row[2], after, limits, titles[2])
    return panels.draw_attention(row[1], maps.attention[index], titles[1])
