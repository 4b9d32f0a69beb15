import numpy as np
import pytest

from keras_bam.data import DetectionAugment
from keras_bam.data.objects.colours import draw_colours
from keras_bam.data.objects.regions import draw_constrained_crop, draw_expansion

BOXES = np.array([[20, 15, 60, 45]], np.float32)


def test_colours_then_expansion_then_crop():
    for number in range(5):
        found = DetectionAugment().draw(np.random.default_rng(number), 60, 80, BOXES)
        generator = np.random.default_rng(number)
        colours = draw_colours(generator)
        region = draw_expansion(generator, (0, 0, 80, 60), 4)
        assert found == (colours, draw_constrained_crop(generator, region, BOXES))


def test_each_can_be_left_out():
    nothing = DetectionAugment(colours=False, expand=1, crop=False)
    assert nothing.draw(np.random.default_rng(0), 60, 80, BOXES) == (None, (0, 0, 80, 60))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"expand": 0.5}, "expand must be 1 or more, got 0.5"),
        ({"overlaps": (0.5, 0.9)}, r"overlaps must hold None or 0, .* got \(0\.5, 0\.9\)"),
        ({"overlaps": (None, 1)}, r"IoUs from 0 to below 1, got \(None, 1\)"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DetectionAugment(**options)
