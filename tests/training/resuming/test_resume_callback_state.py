import keras
import numpy as np
import pytest

from keras_bam.training.resuming.callback_state import capture, note_as_made, restore


class Counter(keras.callbacks.Callback):
    def __init__(self, path, model_like=None):
        super().__init__()
        self.path = path
        self.count = 0
        self.in_epoch = False
        self.other = model_like or object()


def test_what_changed_is_kept_and_settings_are_not():
    old, new = Counter("old/log.csv"), Counter("new/log.csv")
    for callback in (old, new):
        note_as_made(callback)
    old.count = 5
    new.in_epoch = True  # as its on_epoch_begin may set it
    other = new.other
    restore(new, capture(old))
    assert (new.path, new.count, new.in_epoch) == ("new/log.csv", 5, False)
    assert new.other is other


def test_the_same_callback_in_a_second_fit():
    callback = Counter("log.csv")
    note_as_made(callback)
    state = capture(callback)
    callback.count = 7
    note_as_made(callback)
    restore(callback, state)
    assert callback.count == 0


@pytest.mark.parametrize(
    "monitor, losses", [("loss", (3.0, 2.0, 2.5)), ("val_loss", (1.0, float("nan"), 1.5))]
)
def test_early_stopping_goes_on(monitor, losses):
    def stopping():
        callback = keras.callbacks.EarlyStopping(monitor, patience=9, min_delta=0.1)
        callback.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
        note_as_made(callback)
        callback.on_train_begin()
        return callback

    def run(callback, start):
        for epoch, loss in list(enumerate(losses))[start:]:
            callback.on_epoch_end(epoch, {monitor: loss})
        return callback.wait, callback.best, callback.best_epoch, callback.min_delta

    first, second = stopping(), stopping()
    first.on_epoch_end(0, {monitor: losses[0]})
    restore(second, capture(first))
    assert run(second, 1) == run(first, 1)


def test_arrays_are_copied_out_of_settings():
    callback = Counter(np.zeros(2))
    note_as_made(callback)
    callback.path[0] = 1
    state = capture(callback)
    assert state["changed"]["path"].tolist() == [1, 0]


class Own(keras.callbacks.Callback):
    def __init__(self, value):
        super().__init__()
        self.value = object(), value

    def get_state(self):
        return self.value[1]

    def set_state(self, state):
        self.value = object(), state


def test_a_callback_with_its_own_state():
    new = Own(0)
    restore(new, capture(Own(3)))
    assert new.value[1] == 3


def test_a_progress_bar_and_a_csv_log_are_as_this_process_made_them(tmp_path):
    for callback in (keras.callbacks.ProgbarLogger(), keras.callbacks.CSVLogger(tmp_path / "a")):
        note_as_made(callback)
        assert capture(callback) == {}
        before = dict(vars(callback))
        restore(callback, {})
        assert vars(callback) == before
