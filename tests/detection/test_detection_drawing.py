import sys

import numpy as np
import pytest

from keras_bam.detection import Detected, draw_detections
from keras_bam.detection.drawing import colour_of

NAMES = ("cat", "dog")
pytestmark = pytest.mark.once


def drawn(*objects, side=200):
    boxes, scores, classes = zip(*objects, strict=True) if objects else ((), (), ())
    pixels = np.zeros((side, side, 3), np.uint8)
    detected = Detected(np.reshape(boxes, (-1, 4)), np.array(scores), np.array(classes, int))
    return np.asarray(draw_detections(pixels, detected, NAMES))


def test_a_box_in_the_colour_of_its_class():
    picture = drawn(([60, 70, 150, 160], 0.9, 1))
    assert picture.shape == (200, 200, 3)
    for row, column in ((70, 100), (160, 100), (120, 60), (120, 150)):
        assert tuple(picture[row, column]) == colour_of(1)
    assert not picture[80:150, 70:140].any()  # inside
    assert picture[50:69, 60:100].any()  # the label above
    assert not picture[:40].any() and not picture[170:].any()


@pytest.mark.parametrize("box", [[0, 0, 40, 40], [190, 1, 199, 60], [180, 180, 260, 260]])
def test_labels_stay_in_the_picture(box):
    picture = drawn((box, 0.55, 0))
    filled = (picture == colour_of(0)).all(axis=-1)
    assert filled.any(axis=1).sum() > 12 and filled.sum() > 12 * 30


def test_the_higher_score_lies_over_the_lower():
    objects = ([20, 50, 180, 150], 0.9, 0), ([20, 50, 180, 150], 0.3, 1)
    for order in (objects, objects[::-1]):
        assert tuple(drawn(*order)[150, 100]) == colour_of(0)


def test_a_label_without_its_score():
    pixels = np.zeros((200, 200, 3), np.uint8)
    detected = Detected(np.array([[20, 50, 180, 150]]), np.array([0.9]), np.array([0]))
    widths = []
    for show in (True, False):
        picture = np.asarray(draw_detections(pixels, detected, NAMES, show_scores=show))
        widths.append(picture[45].any(axis=-1).sum())
    assert widths[0] > widths[1] > 10


def test_nothing_found():
    assert not drawn().any()


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match=r"keras-bam\[fit\]"):
        drawn()
