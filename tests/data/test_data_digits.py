import sys

import numpy as np
import pytest

from keras_bam.data import load_digits


def test_the_split_is_fixed_and_stratified():
    data = load_digits()
    assert data.train.images.shape == (1438, 32, 32, 1)
    assert data.test.images.shape == (359, 32, 32, 1)
    assert data.class_names == tuple("0123456789")
    assert set(np.bincount(data.test.labels)) <= {35, 36, 37}
    again = load_digits()
    np.testing.assert_array_equal(data.test.images, again.test.images)
    np.testing.assert_array_equal(data.train.labels, again.train.labels)


def test_no_image_is_lost_or_changed():
    from sklearn import datasets

    data, source = load_digits(), datasets.load_digits()
    images = np.concatenate([data.train.images, data.test.images])[..., 0]
    blocks = images.reshape(-1, 8, 4, 8, 4)
    assert (blocks == blocks[:, :, :1, :, :1]).all()
    values = np.rint(blocks[:, :, 0, :, 0] / 255 * 16).reshape(-1, 64)
    assert sorted(map(tuple, values)) == sorted(map(tuple, source.data))
    assert images.max() == 255


def test_missing_scikit_learn_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ModuleNotFoundError, match=r"scikit-learn.*pip install 'keras-bam\[fit\]'"):
        load_digits()
