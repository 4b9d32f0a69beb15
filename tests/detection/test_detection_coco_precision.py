"""The numbers of COCO's program on cases whose result is known."""

import sys

import numpy as np
import pytest
from test_detection_average_precision import ELSEWHERE, A, B, C, found, there

from keras_bam.detection import coco_average_precision

pytestmark = pytest.mark.once


def test_perfect():
    """A and B are 100 pixels large, and so small; C is too."""
    detected = [found((A, 0.9), (B, 0.8)), found((C, 0.9), label=2)]
    result = coco_average_precision(detected, [there(A, B), there(C, label=2)], 3)
    assert (result["AP"], result["AP50"], result["APs"], result["AR100"]) == (1, 1, 1, 1)
    assert result["AR1"] == pytest.approx(0.75)  # of class 0 one of two
    assert np.isnan(result["APm"]) and np.isnan(result["APl"])


def test_thresholds():
    """An overlap of .8 is right at .5, .55, ... .8: seven of ten."""
    detected = [found(([0, 0, 10, 8], 0.9))]
    result = coco_average_precision(detected, [there(A)], 1)
    assert result["AP"] == pytest.approx(0.7)
    assert (result["AP50"], result["AP75"]) == pytest.approx((1, 1))


def test_a_wrong_one_above():
    detected = [found((ELSEWHERE, 0.95), (A, 0.9))]
    assert coco_average_precision(detected, [there(A)], 1)["AP"] == pytest.approx(0.5)


def test_crowds_count_for_nothing():
    crowd = there(A, C, difficult=np.array([False, True]))
    inside = [found(([52, 52, 60, 60], 0.95), ([60, 60, 70, 70], 0.94), (A, 0.9))]
    assert coco_average_precision(inside, [crowd], 1)["AP"] == pytest.approx(1)


def test_nothing_found_and_nothing_there():
    assert coco_average_precision([found()], [there(A)], 1)["AP"] == 0
    assert np.isnan(coco_average_precision([found()], [there()], 1)["AP"])


def test_it_prints_nothing(capsys):
    coco_average_precision([found((A, 0.5))], [there(A)], 1)
    assert capsys.readouterr() == ("", "")


def test_without_pycocotools(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'keras-bam\[detection\]'"):
        coco_average_precision([], [], 1)
