"""Labelled boxes on an image."""

import colorsys

import numpy as np

from keras_bam.extra import from_extra

_GOLDEN = 0.618034  # of the circle of hues: classes next to each other differ most


def draw_detections(pixels, detected, class_names, show_scores=True):
    """A picture of the image with a box, its class and score around each object.

    Boxes of higher scores lie over others; each class has its colour, whatever else is found.

    Args:
        pixels: uint8 of shape (height, width, 3).
        detected: a `Detected`, boxes in these pixels.
        class_names: one name a class.
        show_scores: behind the names.

    Returns:
        A `PIL.Image.Image` of the same size.

    Raises:
        ModuleNotFoundError: if Pillow is not installed.
    """
    image_module, drawing, fonts = (
        from_extra(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont")
    )
    image = image_module.fromarray(np.ascontiguousarray(pixels))
    canvas = drawing.Draw(image)
    shorter = min(image.size)
    width = max(1, round(shorter / 200))
    font = fonts.load_default(max(10, round(shorter / 30)))
    order = np.argsort(np.asarray(detected.scores), kind="stable")
    for box, score, label in ((part[at] for part in detected) for at in order):
        corners = [float(side) for side in box]
        colour = colour_of(int(label))
        canvas.rectangle(corners, outline=colour, width=width)
        text = class_names[int(label)] + (f" {float(score):.2f}" if show_scores else "")
        _label(canvas, corners, text, font, colour, image.size)
    return image


def colour_of(label):
    """Of a class: red, green and blue, 0 to 255."""
    hue = (0.02 + label * _GOLDEN) % 1
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.85, 0.95))


def _label(canvas, corners, text, font, colour, size):
    """Above the box, or in it where there is no room above."""
    _, _, width, height = (round(side) for side in canvas.textbbox((0, 0), text, font=font))
    left = max(0, min(corners[0], size[0] - width - 4))
    top = corners[1] - height - 4
    if top < 0:
        top = max(0, min(corners[1], size[1] - height - 4))
    canvas.rectangle([left, top, left + width + 4, top + height + 4], fill=colour)
    red, green, blue = colour
    is_light = 0.299 * red + 0.587 * green + 0.114 * blue > 140
    canvas.text((left + 2, top + 1), text, font=font, fill=(0, 0, 0) if is_light else "white")
