import numpy as np
import pytest

from keras_bam.data import ImageFiles

FILES = ImageFiles(("x", "y", "z"), np.array([1, 0, 1]), ("a", "b"))


def test_take():
    some = FILES.take(np.array([2, 1]))
    assert (some.paths, list(some.labels), some.class_names) == (("z", "y"), [1, 0], ("a", "b"))
    assert len(FILES) == 3 and len(some) == 2


@pytest.mark.parametrize(
    "paths, labels, message",
    [
        ((), np.zeros(0, np.int64), "paths must name at least one image, got none"),
        (("x",), np.array([0.0]), "labels must be an int64 array"),
        (("x",), np.array([0, 1]), "equally many, got 1 images and 2 labels"),
        (("x",), np.array([2]), r"labels must lie in 0\.\.1"),
    ],
)
def test_what_is_refused(paths, labels, message):
    with pytest.raises(ValueError, match=message):
        ImageFiles(paths, labels, ("a", "b"))
