"""Pictures as Pillow opens them, in any of its pixel modes, as RGB."""

import numpy as np

from keras_bam.extra import from_extra

_OPAQUE = ("1", "L", "P", "RGB", "RGBX", "YCbCr", "CMYK")
_WITH_ALPHA = ("LA", "RGBA")
_16_BIT = ("I;16", "I;16B", "I;16L", "I;16N")


def as_rgb(image) -> np.ndarray:
    """uint8, shape (H, W, 3).

    Grey and 16-bit grey (65535 is white) become three equal channels; of 16-bit colour Pillow keeps
    the high byte. What is transparent shows white. CMYK is converted without a colour profile.

    Args:
        image: a `PIL.Image.Image`.

    Raises:
        ValueError: naming a mode whose values have no known range or colour space.
    """
    has_key = "transparency" in image.info  # one colour, or entries of a palette
    if image.mode == "RGB" and not has_key:
        return np.asarray(image)
    if image.mode in _16_BIT:
        grey = np.asarray(image).astype(np.uint32)
        grey = ((grey * 255 + 32767) // 65535).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    if image.mode in _WITH_ALPHA or (image.mode in _OPAQUE and has_key):
        image = image.convert("RGBA")
        white = from_extra("PIL.Image").new("RGBA", image.size, "white")
        image = from_extra("PIL.Image").alpha_composite(white, image)
    elif image.mode not in _OPAQUE:
        raise ValueError(
            f"its pixels are of Pillow's mode {image.mode!r}, whose range or colours are not "
            "known; convert it to RGB"
        )
    return np.asarray(image.convert("RGB"))
