import numpy as np
import pytest

from keras_bam.data.objects import Placing


def test_resizing_fills_the_canvas():
    placing = Placing((300, 200))
    assert placing.size_of(375, 500) == (300, 200)
    found = placing.to_pixels([[0, 0.5, 1, 0.75]], 375, 500)
    np.testing.assert_allclose(found, [[0, 187.5, 500, 281.25]])


@pytest.mark.parametrize(
    "size, expected",
    [
        ((375, 500), (600, 800)),  # the shorter side becomes 600
        ((300, 900), (333, 1000)),  # unless the longer one would pass 1000
        ((500, 375), (608, 456)),  # upright ones must fit the canvas
        ((1200, 1600), (600, 800)),
    ],
)
def test_letterbox_as_faster_rcnn_has_it(size, expected):
    placing = Placing((608, 1008), "letterbox", short_side=600, long_side=1000)
    assert placing.size_of(*size) == expected


def test_letterbox_to_the_canvas_alone():
    assert Placing((512, 512), "letterbox").size_of(100, 200) == (256, 512)
    assert Placing((8, 8), "letterbox").size_of(1, 100) == (1, 8)


def test_boxes_go_to_the_canvas_and_back():
    placing = Placing((512, 512), "letterbox")
    size = placing.size_of(100, 200)
    boxes = np.array([[0.5, 0.25, 1, 1]], np.float32)
    placed = placing.on_canvas(boxes, size)
    np.testing.assert_allclose(placed, [[0.5, 0.125, 1, 0.5]])
    np.testing.assert_allclose(placing.to_pixels(placed, 100, 200), [[100, 25, 200, 100]])
    outside = placing.to_pixels([[-1, 0, 2, 0.9]], 100, 200)  # cut off at the image
    np.testing.assert_allclose(outside, [[0, 0, 200, 100]])
    assert placing.to_pixels(np.zeros((0, 4)), 100, 200).shape == (0, 4)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (((300,),), r"size must be a number or \(height, width\), got \(300,\)"),
        (((300, 0),), "size must be a positive integer, got 0"),
        (((300, 300), "crop"), "mode must be 'resize' or 'letterbox', got 'crop'"),
        (((300, 300), "letterbox", 0), "short_side must be a positive integer, got 0"),
        (((300, 300), "resize", None, 9), "long_side needs mode='letterbox', got mode='resize'"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Placing(*arguments)
