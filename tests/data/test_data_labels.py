import numpy as np
import pytest

from keras_bam.data.labels import check_labels, describe


def test_good_labels_pass():
    assert check_labels(np.array([0, 1]), 2, ("a", "b")) is None
    with pytest.raises(ValueError, match=r"labels must lie in 0\.\.1, .* got 0\.\.2"):
        check_labels(np.array([0, 2]), 2, ("a", "b"))


def test_describe():
    assert describe(np.zeros((2, 3), np.int8)) == "int8 of shape (2, 3)"
    assert describe([0, 1]) == "list of shape (2,)"
