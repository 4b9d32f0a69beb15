import threading

import numpy as np
import pytest

from keras_bam.data import ImageFiles
from keras_bam.data.threaded_batches import ThreadedBatches, check_positive

FILES = ImageFiles(tuple("abcdefg"), np.zeros(7, np.int64), ("any",))


def test_every_place_is_written_once_by_the_threads():
    batches, calls = ThreadedBatches(FILES, 7, side=100, threads=3), []

    def write(place, number):
        calls.append((place, number, threading.current_thread().name))

    assert batches.written([4, 5, 6], write) == [0, 1, 2]
    assert sorted(call[:2] for call in calls) == [(0, 4), (1, 5), (2, 6)]
    assert all(name.startswith("keras_bam_decoding") for *_, name in calls)


def test_damage_is_raised_or_skipped():
    def write(place, number):
        if number % 2:
            raise ValueError(f"image {number} is damaged")

    with pytest.raises(ValueError, match="image 5 is damaged"):
        ThreadedBatches(FILES, 7, side=100).written([4, 5, 7], write)
    batches = ThreadedBatches(FILES, 7, side=100, on_error="skip")
    with pytest.warns(UserWarning, match="left out: image 5 is damaged"):
        assert batches.written([4, 5, 6], write) == [0, 2]
    with pytest.warns(UserWarning, match="left out: image 7 is damaged"):
        with pytest.raises(
            ValueError, match="none of the 2 images of a batch can be read; the fir"
        ):
            batches.written([5, 7], write)


def test_other_errors_are_no_damage():
    def write(place, number):
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        ThreadedBatches(FILES, 7, side=100, on_error="skip").written([0], write)


def test_what_is_refused():
    with pytest.raises(ValueError, match="on_error must be 'raise' or 'skip', got 'ignore'"):
        ThreadedBatches(FILES, 7, side=100, on_error="ignore")
    with pytest.raises(ValueError, match="threads must be a positive integer, got True"):
        ThreadedBatches(FILES, 7, side=100, threads=True)
    with pytest.raises(ValueError, match="anything must be a positive integer, got 0"):
        check_positive("anything", 0)
