import io

import numpy as np
import photographs
import pytest
from PIL import Image

from keras_bam.data.pixel_modes import as_rgb


@pytest.mark.parametrize("mode", ["1", "L", "P", "YCbCr", "CMYK", "RGB"])
def test_opaque_modes(mode):
    image = photographs.image(mode=mode)
    np.testing.assert_array_equal(as_rgb(image), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode, dtype", [("I;16", "<u2"), ("I;16B", ">u2")])
def test_16_bit_grey_keeps_its_range(mode, dtype):
    values = np.array([[0, 128, 257, 32896, 65535]], dtype)
    image = Image.frombytes(mode, (5, 1), values.tobytes())
    np.testing.assert_array_equal(as_rgb(image)[0, :, 2], [0, 0, 1, 128, 255])


def test_a_16_bit_png():
    values = np.linspace(0, 65535, 80, dtype=np.uint16)[np.newaxis]
    file = io.BytesIO(photographs.encoded(Image.fromarray(values), "PNG"))
    np.testing.assert_array_equal(as_rgb(Image.open(file))[0, :, 0], np.rint(values[0] / 257))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_what_is_transparent_shows_white(mode):
    image = Image.new("RGBA", (3, 1), (100, 100, 100, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    image.putpixel((2, 0), (0, 0, 0, 51))
    image = Image.merge("LA", image.split()[2:]) if mode == "LA" else image
    np.testing.assert_allclose(as_rgb(image)[0, :, 1], [100, 255, 204], atol=1)


def test_a_transparent_colour_shows_white():
    for mode, key in (("RGB", (9, 9, 9)), ("L", 9), ("P", 9)):
        image = Image.new(mode, (2, 1), key)
        image.putpixel((1, 0), (20, 20, 20) if mode == "RGB" else 20)
        if mode == "P":
            image.putpalette([value for value in range(256) for _ in range(3)])
        image.info["transparency"] = key
        np.testing.assert_array_equal(as_rgb(image)[0, :, 0], [255, 20])


@pytest.mark.parametrize("mode", ["I", "F", "HSV", "LAB"])
def test_modes_of_unknown_meaning_are_refused(mode):
    with pytest.raises(ValueError, match=f"its pixels are of Pillow's mode '{mode}'"):
        as_rgb(Image.new(mode, (2, 2)))
