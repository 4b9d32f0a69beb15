import numpy as np
import pytest

from keras_bam.data import load
from keras_bam.data.objects.padding import Padding


def test_rows_that_are_no_object():
    found = Padding(4)(np.ones((2, 4), np.float32), np.array([5, 0]))
    np.testing.assert_array_equal(found["labels"], [5, 0, -1, -1])
    np.testing.assert_array_equal(found["boxes"], [[1] * 4, [1] * 4, [0] * 4, [0] * 4])
    assert (found["labels"].dtype, found["boxes"].dtype) == ("int32", "float32")


def test_more_objects_than_fit():
    images = load("shapes", train=3, test=1).train
    Padding(7).check(images, [1, 7, 2])
    with pytest.raises(ValueError, match="max_boxes=6 is too few for the 7 objects of image 1; pa"):
        Padding(6).check(images, [1, 7, 2])
    with pytest.raises(ValueError, match="max_boxes must be a positive integer, got 0"):
        Padding(0)
