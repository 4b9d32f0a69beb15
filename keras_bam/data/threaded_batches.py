"""Batches whose images are read from their files by several threads."""

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, get_args

from keras_bam.data.ordered_batches import OrderedBatches

OnError = Literal["raise", "skip"]
_SMALL = 64  # pixels


class ThreadedBatches(OrderedBatches):
    """Subclasses say what becomes of one image; it must not hang on the others.

    Args:
        images: as those of `OrderedBatches`.
        batch_size: images a batch.
        side: of the images in the batch, in pixels.
        threads: how many read the images of a batch; by default one for each processor, and one in
            all up to a `side` of 64, where most of the work is Python's, and several threads would
            be slower than one.
        on_error: "raise", or "skip" to leave damaged images out of their batches.
        seed, shuffle, drop_remainder, data_format: as those of `OrderedBatches`.

    Raises:
        ValueError: a wrong value.
    """

    def __init__(
        self,
        images,
        batch_size,
        *,
        side: int,
        threads: int | None = None,
        on_error: OnError = "raise",
        seed: int = 0,
        shuffle: bool = False,
        drop_remainder: bool = False,
        data_format: str = "channels_last",
    ):
        super().__init__(
            images,
            batch_size,
            seed=seed,
            shuffle=shuffle,
            drop_remainder=drop_remainder,
            data_format=data_format,
        )
        if threads is None:
            threads = (os.cpu_count() or 1) if side > _SMALL else 1
        check_positive("threads", threads)
        if on_error not in get_args(OnError):
            raise ValueError(f"on_error must be 'raise' or 'skip', got {on_error!r}")
        self.threads = threads
        self.on_error = on_error
        self._pool = ThreadPoolExecutor(threads, "keras_bam_decoding")
        self._skipped: set[int] = set()

    def written(self, chosen, write: Callable[[int, int], None]) -> list[int]:
        """Has the threads call `write(place, number)` for each image number at its place.

        Returns:
            The places whose images could be read: all, unless damaged ones are skipped, with one
            warning for each.

        Raises:
            ValueError: what `write` raised for the first damaged image, or that none is left.
        """
        errors: list[ValueError | None] = [None] * len(chosen)
        places = iter(range(len(chosen)))  # each thread takes the next one

        def fill():
            for place in places:
                try:
                    write(place, chosen[place])
                except ValueError as error:
                    errors[place] = error

        for done in [self._pool.submit(fill) for _ in range(self.threads)]:
            done.result()
        return self._without_damaged(errors, chosen) if any(errors) else list(range(len(chosen)))

    def _without_damaged(self, errors, chosen):
        if self.on_error == "raise":
            raise next(error for error in errors if error)
        for error, number in zip(errors, chosen, strict=True):
            if error and number not in self._skipped:
                self._skipped.add(number)
                warnings.warn(f"left out: {error}", stacklevel=4)
        whole = [place for place, error in enumerate(errors) if not error]
        if not whole:
            raise ValueError(
                f"none of the {len(errors)} images of a batch can be read; the first: {errors[0]}"
            )
        return whole


def check_positive(name: str, value):
    """Raises ValueError unless `value` is a positive integer."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
