"""Training batches by (epoch, index), for an epoch that may begin in its middle."""

import concurrent.futures
import threading

import keras


class NumberedBatches(keras.utils.PyDataset):
    """The batches of `dataset`; those before `start` are placeholders of one example.

    With `dataset.workers` above 1 that many threads prepare batches ahead. Keras's own queues are
    not used: they are filled before the epoch is known, and what is left in them goes into the next
    epoch.

    Args:
        dataset: a `keras.utils.PyDataset` of known length.
    """

    def __init__(self, dataset):
        super().__init__()
        self.dataset = dataset
        self.start = 0
        self._epoch = 0
        self._placeholder = None
        self._lock = threading.Lock()
        self._ahead: dict[tuple[int, int], concurrent.futures.Future] = {}
        self._pool = None
        if dataset.workers > 1:
            self._pool = concurrent.futures.ThreadPoolExecutor(dataset.workers)

    def begin_epoch(self, epoch, start=0):
        """Sets the data set's `epoch`, if it has one, and what to leave out of this epoch."""
        with self._lock:
            self._ahead.clear()
            if hasattr(self.dataset, "epoch"):
                self.dataset.epoch = epoch
            self._epoch = epoch
        if start:
            self._placeholder = keras.tree.map_structure(_first_example, self.dataset[0])
        self.start = start

    def close(self):
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def __len__(self):
        return self.dataset.num_batches

    def __getitem__(self, index):
        if index < self.start:
            return self._placeholder
        if self._pool is None:
            return self.dataset[index]
        return self._prepared(index)

    def on_epoch_begin(self):
        self.dataset.on_epoch_begin()

    def on_epoch_end(self):
        self.dataset.on_epoch_end()

    def _prepared(self, index):
        """Batch `index`, while those behind it are begun."""
        with self._lock:
            until = min(index + 2 * self.dataset.workers, len(self))
            for number in range(index, until):
                if (self._epoch, number) not in self._ahead:
                    future = self._pool.submit(self.dataset.__getitem__, number)
                    self._ahead[self._epoch, number] = future
            wanted = self._ahead.pop((self._epoch, index))
        return wanted.result()


def _first_example(part):
    return None if part is None else part[:1]
