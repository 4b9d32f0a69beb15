import threading
from contextlib import closing

import keras
import numpy as np
import pytest

from keras_bam.training.resuming.numbered_batches import NumberedBatches


class Numbers(keras.utils.PyDataset):
    """Batch i of epoch e is [[e, i], [e, i]], after a while."""

    epoch = 0

    def __init__(self, workers=1):
        super().__init__(workers=workers)
        self.asked = []

    def __len__(self):
        return 5

    def __getitem__(self, index):
        self.asked.append((index, threading.current_thread() is threading.main_thread()))
        return np.full((2, 2), [self.epoch, index]), None


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_by_epoch_and_index(workers):
    with closing(NumberedBatches(Numbers(workers))) as batches:
        for epoch, start in ((0, 0), (1, 3), (2, 0)):
            batches.begin_epoch(epoch, start)
            found = [batches[index] for index in range(len(batches))]
            for index, (batch, labels) in enumerate(found):
                assert labels is None
                assert len(batch) == (1 if index < start else 2)
                assert index < start or batch.tolist() == [[epoch, index]] * 2


@pytest.mark.parametrize("workers, in_main", [(1, True), (3, False)])
def test_what_was_trained_on_is_not_prepared(workers, in_main):
    dataset = Numbers(workers)
    with closing(NumberedBatches(dataset)) as batches:
        batches.begin_epoch(0, 3)
        dataset.asked.clear()
        for index in range(5):
            batches[index]
    assert sorted(dataset.asked) == [(3, in_main), (4, in_main)]


def test_an_error_in_a_worker_is_raised():
    class Broken(Numbers):
        def __getitem__(self, index):
            raise OSError(f"no batch {index}")

    with closing(NumberedBatches(Broken(2))) as batches, pytest.raises(OSError, match="no batch 1"):
        batches[1]


def test_the_data_set_hears_of_epochs():
    class Listening(Numbers):
        heard = ()

        def on_epoch_begin(self):
            self.heard += ("begin",)

        def on_epoch_end(self):
            self.heard += ("end",)

    dataset = Listening()
    batches = NumberedBatches(dataset)
    batches.on_epoch_begin()
    batches.on_epoch_end()
    assert dataset.heard == ("begin", "end")
