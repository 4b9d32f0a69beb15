import colorsys

import numpy as np
import photographs
import pytest

from keras_bam.data.objects import Colours, draw_colours


def in_hsv(pixels, saturation=1.0, hue=0.0):
    """colorsys, pixel by pixel."""
    changed = []
    for pixel in pixels.reshape(-1, 3) / 255:
        h, s, v = colorsys.rgb_to_hsv(*pixel)
        s = min(s * saturation, 1)
        changed.append(colorsys.hsv_to_rgb((h + hue / 360) % 1, s, v))
    return np.array(changed).reshape(pixels.shape) * 255


@pytest.fixture
def pixels():
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    noise[0] = noise[0, :, :1]  # greys, with black and white
    noise[0, :2] = [[0] * 3, [255] * 3]
    return noise


@pytest.mark.parametrize(
    "saturation, hue", [(0.5, 0), (0.7, 18), (1, -18), (1, 180), (1.5, 0), (1.4, 7)]
)
def test_saturation_and_hue_are_those_of_hsv(pixels, saturation, hue):
    found = Colours(saturation=saturation, hue=hue)(pixels)
    expected = in_hsv(pixels, saturation, hue)
    assert np.abs(found - expected).max() <= 0.51  # rounding to bytes


def test_brightness_contrast_and_order(pixels):
    values = pixels.astype(float)
    plain = Colours(brightness=-20, contrast=1.25)(pixels)
    assert np.abs(plain - ((values - 20).clip(0) * 1.25).clip(0, 255)).max() <= 0.51
    np.testing.assert_array_equal(Colours(order=(2, 0, 1))(pixels), pixels[..., [2, 0, 1]])
    np.testing.assert_array_equal(Colours()(pixels), pixels)
    assert plain.dtype == "uint8"


def test_contrast_comes_before_or_after(pixels):
    first, last = (
        Colours(contrast=1.5, contrast_first=first, saturation=0.6, hue=9)(pixels)
        for first in (True, False)
    )
    cut = (pixels * 1.5).clip(0, 255)
    assert np.abs(first - in_hsv(cut, 0.6, 9)).max() <= 0.51
    assert np.abs(last - (in_hsv(pixels, 0.6, 9) * 1.5).clip(0, 255)).max() <= 0.51
    assert (first != last).any()


def test_draws():
    drawn = [draw_colours(np.random.default_rng([0, number])) for number in range(2000)]
    for name, plain, least, most in (
        ("brightness", 0, -32, 32),
        ("contrast", 1, 0.5, 1.5),
        ("saturation", 1, 0.5, 1.5),
        ("hue", 0, -18, 18),
    ):
        values = np.array([getattr(one, name) for one in drawn])
        changed = values[values != plain]
        assert 0.45 < len(changed) / 2000 < 0.55
        assert least <= changed.min() < least + 0.02 * (most - least)
        assert most - 0.02 * (most - least) < changed.max() <= most
    assert 0.45 < np.mean([one.contrast_first for one in drawn]) < 0.55
    orders = {one.order for one in drawn}
    assert len(orders) == 6
    # Every other draw shuffles, and one shuffle in six changes nothing.
    unchanged = np.mean([one.order == (0, 1, 2) for one in drawn])
    assert 0.54 < unchanged < 0.63


def test_the_same_draws_give_the_same_pixels():
    picture = photographs.picture().astype(np.uint8)
    one, other = (draw_colours(np.random.default_rng(5))(picture) for _ in range(2))
    np.testing.assert_array_equal(one, other)
