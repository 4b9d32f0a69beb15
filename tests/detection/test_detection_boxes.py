import numpy as np
import pytest

from keras_bam import detection

pytestmark = pytest.mark.once

CORNERS = np.array([[0.1, 0.2, 0.5, 0.3], [0, 0, 1, 1]], np.float32)
CENTRES = np.array([[0.3, 0.25, 0.4, 0.1], [0.5, 0.5, 1, 1]], np.float32)


def test_corners_and_centres():
    np.testing.assert_allclose(detection.corners_to_centres(CORNERS), CENTRES, atol=1e-7)
    np.testing.assert_allclose(detection.centres_to_corners(CENTRES), CORNERS, atol=1e-7)
    assert detection.corners_to_centres(CORNERS).dtype == np.float32


def test_clip():
    boxes = np.array([[-1, 5, 30, 12]], np.float32)
    assert detection.clip(boxes, width=20, height=10).tolist() == [[0, 5, 20, 10]]
    assert detection.clip(boxes).tolist() == [[0, 1, 1, 1]]


def test_areas():
    boxes = np.array([[0, 0, 2, 3], [2, 0, 0, 3], [1, 1, 1, 5]], np.float32)
    assert detection.areas(boxes).tolist() == [6, 0, 0]


def test_overlaps():
    first = np.array([[0, 0, 2, 2], [5, 5, 5, 5]], np.float32)
    second = np.array([[0, 0, 2, 2], [1, 1, 3, 3], [2, 0, 4, 2], [5, 5, 5, 5]], np.float32)
    expected = [[1, 1 / 7, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(detection.overlaps(first, second), expected, rtol=1e-6)
    assert detection.overlaps(first[:0], second).shape == (0, 4)
