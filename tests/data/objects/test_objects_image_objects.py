import numpy as np
import pytest

from keras_bam.data import ImageObjects
from keras_bam.data.objects import FoundObject, collect


def some():
    found = [FoundObject((1, 2, 4, 8), 3, difficult=True), FoundObject((0, 0, 2, 2), 1, area=3.5)]
    return collect("x", 10, 20, found)


def test_collected_objects():
    objects = some()
    np.testing.assert_array_equal(objects.boxes, [[1, 2, 4, 8], [0, 0, 2, 2]])
    assert (list(objects.labels), list(objects.areas)) == ([3, 1], [18, 3.5])
    assert (list(objects.difficult), list(objects.crowd)) == ([True, False], [False, False])
    assert (len(objects), objects.height, objects.width) == (2, 10, 20)
    taken = objects.take(objects.labels == 1)
    assert (list(taken.areas), taken.image_id, len(taken)) == ([3.5], "x", 1)


def test_an_image_without_objects():
    objects = collect(4, 10, 20, [])
    assert (objects.boxes.shape, objects.labels.dtype, len(objects)) == ((0, 4), "int64", 0)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"height": 0}, "height and width of image 'x' must be at least 1, got 0 and 20"),
        ({"boxes": np.zeros((2, 4))}, r"boxes of image 'x' must be float32 of shape \(2, 4\), got"),
        ({"labels": np.zeros(3, np.int64)}, r"labels of image 'x' must be int64 of shape \(2,\)"),
        ({"crowd": np.zeros(2)}, r"crowd of image 'x' must be bool of .* got float64 of shape"),
    ],
)
def test_what_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        ImageObjects(**(vars(some()) | changes))
