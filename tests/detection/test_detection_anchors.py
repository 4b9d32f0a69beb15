import numpy as np
import pytest

from keras_bam import detection

pytestmark = pytest.mark.once
FACTS = {"canvas": (96, 128), "grid": (6, 8), "stride": 16, "sizes": (16, 64), "ratios": (0.5, 1)}


def anchors(**changes):
    return detection.Anchors(**{**FACTS, **changes})


def test_equal_a_loop():
    expected = []
    for row in range(6):
        for column in range(8):
            for ratio in (0.5, 1):
                for size in (16, 64):
                    width, height = size / ratio**0.5, size * ratio**0.5
                    x, y = 16 * column + 8, 16 * row + 8
                    expected.append((x / 128, y / 96, width / 128, height / 96))
    made = anchors()
    assert (made.count, made.per_cell, made.centres.dtype) == (192, 4, np.float32)
    np.testing.assert_allclose(made.centres, expected, rtol=1e-6)
    np.testing.assert_allclose(
        made.corners[:, 2:] - made.corners[:, :2], made.centres[:, 2:], atol=1e-6
    )


def test_those_of_the_paper_have_its_areas_and_ratios():
    made = anchors(canvas=(608, 1008), grid=(38, 63), sizes=(64, 128, 256, 512), ratios=(0.5, 1, 2))
    sides = made.centres[:12, 2:] * (1008, 608)
    np.testing.assert_allclose(np.sqrt(sides.prod(axis=1)), 3 * [64, 128, 256, 512], rtol=1e-5)
    ratios = np.repeat((0.5, 1, 2), 4)
    np.testing.assert_allclose(sides[:, 1] / sides[:, 0], ratios, rtol=1e-5)
    assert made.count == 28_728


def test_inside_of_the_image_and_not_of_the_canvas():
    made = anchors(sizes=(16,), ratios=(1,))
    assert made.inside((96, 128)).all()
    inside = made.inside((32, 64)).reshape(6, 8)
    assert inside[:2, :4].all() and inside.sum() == 8


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"sizes": (100,)},
            "a canvas of 96x128 pixels is too small for the anchors, of which none",
        ),
        ({"sizes": (0,)}, "sizes must be a positive number, received 0"),
        ({"ratios": (-1,)}, "ratios must be a positive number, received -1"),
        ({"stride": 0}, "stride must be a positive integer, received 0"),
        ({"grid": (6, None)}, "grid must be a positive integer, received None"),
        ({"canvas": (96, 1.5)}, "canvas must be a positive integer, received 1.5"),
    ],
)
def test_wrong_values(changes, message):
    with pytest.raises(ValueError, match=message):
        anchors(**changes)
