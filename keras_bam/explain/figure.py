"""What all figures share: making one, marking random weights, writing it."""

from pathlib import Path

import numpy as np

from keras_bam.extra import from_extra
from keras_bam.files import replacing

_SUFFIXES = (".pdf", ".png", ".svg")
_BANNER = 0.4  # inches
RANDOM_COLOR = "#b2182b"


def new_figure(size):
    """Without pyplot, which would change what the user's own figures are shown with."""
    return from_extra("matplotlib.figure").Figure(figsize=size, layout="constrained")


def mark_random(figure, what):
    """A banner above the figure, which says that it shows no result of training.

    Args:
        figure: complete but for it; it grows by the banner's height.
        what: has random weights, such as "this network was".
    """
    text = f"RANDOM WEIGHTS: {what} never trained"
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + _BANNER)
    share = _BANNER / (height + _BANNER)
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - share))
    figure.text(
        0.5,
        1 - share / 2,
        text,
        color="white",
        backgroundcolor=RANDOM_COLOR,
        fontweight="bold",
        fontsize=min(11, 100 * width / len(text)),  # narrow figures, long names
        ha="center",
        va="center",
    )


def mark_random_bams(figure, maps):
    """The same, for the BAMs among `maps` that were never trained."""
    names = [each.name for each in maps if each.random_weights]
    if names:
        verb = "was" if len(names) == 1 else "were"
        whole = "this BAM" if len(maps) == 1 else "these BAMs"
        shown = whole if len(names) == len(maps) else ", ".join(names)
        mark_random(figure, f"{shown} {verb}")


def checked_path(path):
    """Raises ValueError for an unknown suffix, FileNotFoundError if there is no such folder."""
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"path={str(path)!r} must end in one of {', '.join(_SUFFIXES)}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} for {path.name!r}")
    return path


def save(figure, path):
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150)


def checked_images(images, count):
    """The images to be shown, as an array.

    Raises:
        ValueError: if they are no batch of `count` images that can be shown.
    """
    images = np.asarray(images)
    bright = images.dtype == np.uint8 or (
        images.dtype.kind == "f" and images.size and 0 <= images.min() and images.max() <= 1
    )
    shown = images.ndim == 4 and images.shape[-1] in (1, 3) and len(images) == count
    if not (shown and bright):
        raise ValueError(
            f"images must be the {count} images of the maps as people see them, shape ({count}, H, "
            f"W, 3) or ({count}, H, W, 1), uint8 or floats of 0 to 1; received {images.dtype} of "
            f"shape {images.shape}"
        )
    return images


def check_flat_maps(maps):
    """Raises ValueError for maps of other than two spatial dimensions, or for none."""
    if not maps:
        raise ValueError("maps is empty: pass what attention_maps returned")
    for each in maps:
        if each.before.ndim != 4:
            raise ValueError(
                f"the maps of {each.name!r} have shape {each.before.shape}, which is no picture: "
                "figures show (batch, height, width, channels)"
            )
