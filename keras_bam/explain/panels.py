"""Single panels of the figures: each draws one thing on the axes it is given."""

import numpy as np

from keras_bam.extra import from_extra

# Perceptually uniform, or diverging with equal lightness to both sides; none is a rainbow.
FEATURES, ATTENTION, DIVERGING, HEAT = "magma", "viridis", "RdBu_r", "inferno"
SMALL = 7.5
_BLUE, _RED = "#2166ac", "#b2182b"


def without_ticks(axes, title=""):
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=SMALL + 1)


def draw_image(axes, image, title=""):
    """An image as people see it: uint8, or floats of 0 to 1; grey ones too."""
    grey = image.shape[-1] == 1
    axes.imshow(image[..., 0] if grey else image, cmap="gray" if grey else None)
    without_ticks(axes, title)


def draw_features(axes, features, limits, title=""):
    """A map averaged over its channels, shape (H, W), on a scale that F and F' share."""
    shown = axes.imshow(features, cmap=FEATURES, vmin=limits[0], vmax=limits[1])
    without_ticks(axes, title)
    return shown


def draw_attention(axes, attention, title=""):
    """M of one image, shape (H, W, C), averaged over its channels on the fixed scale 0 to 1.

    A map that hardly varies looks flat; its smallest, mean and largest value stand below.
    """
    mean = attention.mean(axis=-1)
    shown = axes.imshow(mean, cmap=ATTENTION, vmin=0, vmax=1)
    without_ticks(axes, title)
    text = f"min {mean.min():.2f}  mean {mean.mean():.2f}  max {mean.max():.2f}"
    axes.set_xlabel(text, fontsize=SMALL)
    return shown


def draw_channel(axes, logits, title=""):
    """Mc of one image, shape (C,), sorted, positive ones red and negative ones blue."""
    values = np.sort(logits)[::-1]
    edges = np.arange(len(values) + 1)
    for color, part in ((_RED, values.clip(min=0)), (_BLUE, values.clip(max=0))):
        axes.stairs(part, edges, fill=True, color=color, linewidth=0)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_xlim(0, len(values))
    largest = max(1.0, float(abs(values).max())) * 1.05  # logits below 1 look small
    axes.set_ylim(-largest, largest)
    axes.tick_params(labelsize=SMALL - 1)
    axes.set_xticks([])
    axes.set_box_aspect(1)  # as tall as the maps beside it
    axes.set_title(title, fontsize=SMALL + 1)
    axes.set_xlabel(f"{len(values)} channels, sorted", fontsize=SMALL)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw_spatial(axes, logits, title=""):
    """Ms of one image, shape (H, W), white at 0."""
    largest = max(1.0, float(abs(logits).max()))
    shown = axes.imshow(logits, cmap=DIVERGING, vmin=-largest, vmax=largest)
    without_ticks(axes, title)
    axes.set_xlabel(f"min {logits.min():.2f}  max {logits.max():.2f}", fontsize=SMALL)
    return shown


def draw_absent(axes, text):
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes)
    axes.axis("off")


def draw_heat(axes, image, heat, title=""):
    """A map of 0 to 1, shape (h, w), over a grey image, the more opaque the hotter."""
    grey = np.asarray(image, "float32").mean(axis=-1)
    grey /= 255 if image.dtype == np.uint8 else 1
    extent = (-0.5, grey.shape[1] - 0.5, grey.shape[0] - 0.5, -0.5)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=1)
    colors = from_extra("matplotlib").colormaps[HEAT]
    # A cell's value stands at its centre, and is interpolated between.
    smooth = _enlarged(heat, grey.shape)
    shaded = colors(smooth)
    shaded[..., 3] = 0.8 * smooth
    axes.imshow(shaded, extent=extent)
    without_ticks(axes, title)


def _enlarged(heat, size):
    """Bilinear, with the centres of the outer cells held to the edge."""
    for axis, (few, many) in enumerate(zip(heat.shape, size, strict=True)):
        places = ((np.arange(many) + 0.5) * few / many - 0.5).clip(0, few - 1)
        low = np.floor(places).astype(int)
        high = np.minimum(low + 1, few - 1)
        share = np.expand_dims(places - low, 1 - axis)
        heat = np.take(heat, low, axis) * (1 - share) + np.take(heat, high, axis) * share
    return heat
