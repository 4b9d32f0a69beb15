"""The next batches are made while the model trains on this one."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import keras


class Prefetch(keras.utils.PyDataset):
    """The same batches, made ahead in a background thread.

    Made for `fit`, which asks for one batch after the other: asking for any other, and setting
    `epoch`, drops what was made ahead. What making a batch raised is raised where that batch is
    asked for. The thread ends with the epoch, at an error, and no later than the interpreter.

    Args:
        batches: with `epoch` and a length, such as `Batches`, `FileBatches` or `SoftLabels`.
        ahead: how many batches are held beyond the one asked for, one being made included.

    Raises:
        ValueError: `ahead` is not a positive integer.
    """

    def __init__(self, batches, ahead: int = 2):
        super().__init__()
        if isinstance(ahead, bool) or not isinstance(ahead, int) or ahead < 1:
            raise ValueError(f"ahead must be a positive integer, got {ahead!r}")
        self.batches = batches
        self.ahead = ahead
        self._made: deque[tuple[int, Future]] = deque()
        self._thread: ThreadPoolExecutor | None = None
        self._lock = Lock()  # TensorFlow asks from a thread of its own

    @property
    def epoch(self) -> int:
        """That of the batches."""
        return self.batches.epoch

    @epoch.setter
    def epoch(self, epoch: int):
        with self._lock:
            self._drop(wait=True)
            self.batches.epoch = epoch

    @property
    def data_format(self) -> str:
        """That of the batches."""
        return self.batches.data_format

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index: int):
        """As that of the batches."""
        with self._lock:
            if not 0 <= index < len(self):
                return self.batches[index]
            if self._made and self._made[0][0] != index:
                self._drop(wait=True)
            try:
                self._make(range(index, min(index + 1 + self.ahead, len(self))))
                batch = self._made.popleft()[1].result()
            except BaseException:  # Ctrl-C too
                self._drop(wait=False)
                raise
            if index == len(self) - 1:
                self._drop(wait=False)
            return batch

    def _make(self, indices):
        """Has the thread make those of `indices` that it was not asked for before."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "keras_bam_prefetching")
        for index in indices[len(self._made) :]:
            self._made.append((index, self._thread.submit(self.batches.__getitem__, index)))

    def _drop(self, wait: bool):
        """Forgets what was made and lets the thread end, after the batch that it is at."""
        self._made.clear()
        if self._thread is not None:
            self._thread.shutdown(wait, cancel_futures=True)
            self._thread = None
