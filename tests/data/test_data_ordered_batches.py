import numpy as np
import pytest

from keras_bam.data import ImageFiles
from keras_bam.data.ordered_batches import OrderedBatches

FILES = ImageFiles(tuple("abcdefg"), np.zeros(7, np.int64), ("any",))
OPTIONS = {"seed": 0, "shuffle": True, "drop_remainder": False, "data_format": "channels_last"}


class Drawing(OrderedBatches):
    def draw(self, epoch):
        return f"drawn for {epoch}"


def test_what_a_subclass_is_told():
    batches = Drawing(FILES, 3, **OPTIONS)
    batches.epoch = 5
    told = [batches.chosen(index) for index in range(len(batches))]
    assert [(epoch, drawn) for epoch, _, drawn in told] == [(5, "drawn for 5")] * 3
    assert sorted(np.concatenate([chosen for _, chosen, _ in told])) == list(range(7))
    # What any run has had in this order since the first release.
    expected = np.random.default_rng([0, 5, 1]).permutation(7)
    np.testing.assert_array_equal(np.concatenate([chosen for _, chosen, _ in told]), expected)


def test_what_is_refused():
    with pytest.raises(ValueError, match="batch_size must be at most .*got 8 for 7 images"):
        Drawing(FILES, 8, **OPTIONS)
    batches = Drawing(FILES, 3, **OPTIONS)
    with pytest.raises(ValueError, match="epoch must be an integer of 0 or more, got -1"):
        batches.epoch = -1
    batches.epoch = 0
    with pytest.raises(IndexError, match=r"index must lie in 0\.\.2, got 3"):
        batches.chosen(3)
    with pytest.warns(UserWarning, match="7 images in batches of 3 leave a last batch of one"):
        batches.warn_of_a_single_image()
