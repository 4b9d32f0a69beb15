import subprocess
import sys
import threading
import time

import keras
import numpy as np
import photographs
import pytest

from keras_bam.data import (
    Batches,
    FileBatches,
    LabelledImages,
    Prefetch,
    SoftLabels,
    load_imagenet,
)

SCALE = {"mean": (0.5, 0.5, 0.5), "std": (0.2, 0.2, 0.2)}


class Counted:
    """Seven batches, each its (epoch, index); counts those made and not yet collected."""

    def __init__(self, broken=None):
        self.epoch, self.made, self.broken = 0, [], broken

    def __len__(self):
        return 7

    def __getitem__(self, index):
        self.made.append(index)
        if index == self.broken:
            raise ValueError(f"batch {index} is broken")
        return self.epoch, index


OF_OTHERS = set()


@pytest.fixture(autouse=True)
def _threads_of_other_tests():
    """Batches that another test did not read to their end still have theirs."""
    OF_OTHERS.clear()
    OF_OTHERS.update(threading.enumerate())


def threads():
    running = set(threading.enumerate()) - OF_OTHERS
    return [one for one in running if one.name.startswith("keras_bam_prefetching")]


def wait_for(condition):
    for _ in range(1000):
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_batches_in_order_and_the_thread_ends_with_the_epoch():
    prefetch = Prefetch(Counted())
    for epoch in range(3):
        prefetch.epoch = epoch
        assert [prefetch[index] for index in range(len(prefetch))] == [
            (epoch, index) for index in range(7)
        ]
        assert wait_for(lambda: not threads())
    assert prefetch.batches.made == 3 * list(range(7))


@pytest.mark.parametrize("ahead", [1, 2, 4])
def test_no_more_than_ahead_are_made(ahead):
    prefetch = Prefetch(Counted(), ahead)
    prefetch[0]
    assert wait_for(lambda: len(prefetch.batches.made) == 1 + ahead)
    prefetch[1]
    assert wait_for(lambda: len(prefetch.batches.made) == 2 + ahead)
    time.sleep(0.05)
    assert prefetch.batches.made == list(range(2 + ahead))


def test_another_epoch_drops_what_was_made():
    prefetch = Prefetch(Counted())
    assert prefetch[0] == (0, 0)
    prefetch.epoch = 4
    assert (prefetch.epoch, prefetch[0], prefetch[1]) == (4, (4, 0), (4, 1))


def test_out_of_order():
    prefetch = Prefetch(Counted())
    assert [prefetch[index][1] for index in (3, 4, 2, 6, 0, 0, 1)] == [3, 4, 2, 6, 0, 0, 1]
    with pytest.raises(IndexError):
        Prefetch(Batches(images(), 4, **SCALE))[7]


def test_an_error_is_raised_where_its_batch_is_asked_for():
    prefetch = Prefetch(Counted(broken=3), ahead=3)
    assert [prefetch[index][1] for index in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="batch 3 is broken"):
        prefetch[3]
    assert prefetch[4] == (0, 4)


def test_ctrl_c_ends_the_thread(monkeypatch):
    prefetch = Prefetch(Counted())

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("concurrent.futures.Future.result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prefetch[0]
    assert wait_for(lambda: not threads())
    assert prefetch[0] == (0, 0)


def test_the_interpreter_ends_in_mid_epoch(tmp_path):
    photographs.tree(tmp_path)
    code = (
        "import sys; from keras_bam.data import *;"
        "data = load_imagenet(sys.argv[1], image_size=32);"
        "batches = Prefetch(batches_of(data, data.train, 2, threads=2));"
        "print(len(batches[0][1]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (ended.returncode, ended.stdout) == (0, "2\n"), ended.stderr


@pytest.mark.parametrize("ahead", [0, 1.5, True])
def test_a_wrong_number_is_refused(ahead):
    with pytest.raises(ValueError, match="ahead must be a positive integer, got"):
        Prefetch(Counted(), ahead)


def images():
    pixels = np.random.default_rng(0).integers(0, 256, (23, 8, 8, 3), np.uint8)
    return LabelledImages(pixels, np.arange(23), tuple(map(str, range(23))))


@pytest.mark.parametrize("kind", ["memory", "files", "soft labels"])
def test_bits_are_those_of_the_batches(tmp_path, kind):
    def make():
        options = {"seed": 1, "shuffle": True, "augment": True, **SCALE}
        if kind == "files":
            data = load_imagenet(photographs.tree(tmp_path), image_size=16)
            return FileBatches(data.train, 3, size=16, threads=2, **options)
        batches = Batches(images(), 5, **options)
        return SoftLabels(batches, 23, 0.1, 0.2, 1.0) if kind == "soft labels" else batches

    batches = make()
    prefetch = Prefetch(batches)
    for epoch in (0, 1):
        prefetch.epoch = epoch
        found = [prefetch[index] for index in range(len(prefetch))]
        for one, expected in zip(found, (batches[i] for i in range(len(batches))), strict=True):
            for array, wanted in zip(one, expected, strict=True):
                np.testing.assert_array_equal(array, wanted)
    assert prefetch.data_format == "channels_last"


class Recorded(Batches):
    def __getitem__(self, index):
        batch = super().__getitem__(index)
        self.__dict__.setdefault("seen", []).append((self.epoch, index))
        return batch


def test_fit_gets_the_batches_of_the_epoch_that_a_callback_set():
    prefetch = Prefetch(Recorded(images(), 5, shuffle=True, **SCALE))
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(23)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)
    set_epoch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(prefetch, "epoch", epoch + 7)
    )
    history = model.fit(prefetch, epochs=2, shuffle=False, verbose=0, callbacks=[set_epoch])
    assert np.isfinite(history.history["loss"]).all()
    for epoch in (7, 8):
        indices = [index for seen, index in prefetch.batches.seen if seen == epoch]
        assert indices == [0, 1, 2, 3, 4]
    assert wait_for(lambda: not threads())
