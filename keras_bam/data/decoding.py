"""Image files as RGB: by Pillow, or of JPEG files by simplejpeg where it is installed.

Both give the same pixels. simplejpeg also notices damage in the middle of a JPEG file, which Pillow
passes over; both notice one that is cut off.
"""

import functools
import importlib
import io
from contextlib import contextmanager

import numpy as np

from keras_bam.data.pixel_modes import as_rgb
from keras_bam.extra import from_extra

SHRINKS = (8, 4, 2, 1)
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF")
_LARGEST = 178_956_970  # pixels; what Pillow refuses as a decompression bomb
_ORIENTATION = 0x0112  # tag of EXIF
# For each value of the tag: whether rows and columns change places, then which way both run.
_TURNS = {
    1: (False, 1, 1),
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, 1, -1),
    7: (True, -1, -1),
    8: (True, -1, 1),
}


class EncodedImage:
    """The content of an image file: its size is known, its pixels are not decoded yet.

    Args:
        path: of a JPEG, PNG, BMP, WebP or TIFF file, whatever its suffix; of several frames the
            first counts.

    Attributes:
        height, width: in pixels, as displayed: with the EXIF orientation applied.

    Raises:
        OSError: the file can't be read.
        ValueError: naming the path; it is no such image, damaged, or larger than 179 megapixels.
    """

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self._content = file.read()
        self._orientation = 1
        with _named(path):
            size = self._jpeg_size()
            if size is None or b"Exif\0" in self._content or b":Orientation" in self._content:
                image = self._opened()
                self._orientation = _orientation(image)
            self._by_pillow = size is None
            self.height, self.width = size or (image.height, image.width)
            if self.height * self.width > _LARGEST:
                raise ValueError(f"{self.height} x {self.width} pixels are too many")
        if _TURNS[self._orientation][0]:
            self.height, self.width = self.width, self.height

    def decode(self, shrink: int = 1) -> np.ndarray:
        """The pixels, uint8 of shape (H, W, 3).

        Args:
            shrink: 1, 2, 4 or 8: how many times smaller, in each direction and rounded up, a JPEG
                file is decoded, in a fraction of the time. A pixel is then about the mean of the
                shrink x shrink ones it stands for. Other files keep their size, and JPEG files
                with a side below `shrink` may come out larger.

        Raises:
            ValueError: naming the path; the file is damaged, or its pixels have no known meaning.
        """
        with _named(self.path):
            pixels = (
                self._decode_by_pillow(shrink) if self._by_pillow else self._decode_jpeg(shrink)
            )
        swap, down, right = _TURNS[self._orientation]
        return (pixels.swapaxes(0, 1) if swap else pixels)[::down, ::right]

    def _jpeg_size(self):
        """(height, width) if simplejpeg can decode it, else None."""
        simplejpeg = _simplejpeg()
        if simplejpeg is None or not simplejpeg.is_jpeg(self._content):
            return None
        try:
            height, width, colours, _ = simplejpeg.decode_jpeg_header(self._content)
        except ValueError:  # a rare subsampling, or damage, which Pillow will tell
            return None
        return (height, width) if colours in ("YCbCr", "RGB", "Gray") else None

    def _decode_jpeg(self, shrink):
        height, width, _, _ = _simplejpeg().decode_jpeg_header(self._content)
        smallest = {"min_height": -(-height // shrink), "min_width": -(-width // shrink)}
        return _simplejpeg().decode_jpeg(self._content, **(smallest if shrink > 1 else {}))

    def _decode_by_pillow(self, shrink):
        image = self._opened()
        if shrink > 1:  # changes nothing but JPEG
            image.draft(None, (max(image.width // shrink, 1), max(image.height // shrink, 1)))
        return as_rgb(image)

    def _opened(self):
        return from_extra("PIL.Image").open(io.BytesIO(self._content), formats=_FORMATS)


def _orientation(image) -> int:
    orientation = image.getexif().get(_ORIENTATION, 1)
    return orientation if orientation in _TURNS else 1


@functools.cache
def _simplejpeg():
    """The module, or None where it is not installed."""
    try:
        return importlib.import_module("simplejpeg")
    except ImportError:
        return None


@contextmanager
def _named(path):
    """Whatever a decoder raises on a damaged file becomes a ValueError that names it."""
    try:
        yield
    except (ImportError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(
            f"{path} is damaged or no image that can be read ({error}): replace or remove it"
        ) from error
