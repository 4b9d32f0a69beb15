"""What happens around an epoch of a run."""

import time

import keras

from keras_bam.training.epoch_log import EpochLog as EpochLog
from keras_bam.training.epoch_log import StepLog as StepLog

_ERRORS = {
    prefix + accuracy: prefix + error
    for prefix in ("", "val_")
    for accuracy, error in (("accuracy", "top1_error"), ("top5_accuracy", "top5_error"))
}


class Measurements(keras.callbacks.Callback):
    """Adds to the logs of an epoch what callbacks after this one show and write.

    `learning_rate` is the next step's; `seconds` contain validation, `images_per_second` do not.
    Each accuracy gets its error in percent beside it: `top1_error` of `accuracy`, `top5_error` of
    `top5_accuracy`, and the same of `val_`; a detector's `localization_loss` the other term of the
    loss, `classification_loss`.

    Args:
        images: how many one epoch trains on.
    """

    def __init__(self, images):
        super().__init__()
        self.images = images
        self._start = time.perf_counter()

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.perf_counter()
        self._trained = None

    def on_test_begin(self, logs=None):
        keras.ops.convert_to_numpy(self.model.optimizer.iterations)  # waits for the last step
        self._trained = time.perf_counter()

    def get_state(self):
        """For a run that goes on later: how long the epoch has lasted by now."""
        return {"elapsed": time.perf_counter() - self._start}

    def set_state(self, state):
        self._start = time.perf_counter() - state["elapsed"]

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter()
        logs["learning_rate"] = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        logs["seconds"] = now - self._start
        logs["images_per_second"] = self.images / ((self._trained or now) - self._start)
        for accuracy, error in _ERRORS.items():
            if accuracy in logs:
                logs[error] = 100 * (1 - logs[accuracy])
        for prefix in ("", "val_"):
            if prefix + "localization_loss" in logs:
                rest = logs[prefix + "loss"] - logs[prefix + "localization_loss"]
                logs[prefix + "classification_loss"] = rest


class SaveModels(keras.callbacks.Callback):
    """Writes `last.keras` after every epoch and `best.keras` after the best one so far.

    Args:
        run: the `RunFolder`.
        monitor: the logs' entry to choose the best by.
        lowest: whether the lowest is the best, or the largest.
    """

    def __init__(self, run, monitor="val_accuracy", lowest=False):
        super().__init__()
        self.run = run
        self.monitor = monitor
        self.lowest = lowest
        self.began = False
        self.best_epoch = None
        self.epochs = 0
        self._best = float("-inf")

    def on_train_begin(self, logs=None):
        self.began = True

    def on_epoch_end(self, epoch, logs=None):
        model = self.model
        self.run.save_model(model, "last.keras")
        self.epochs = epoch + 1
        value = -logs[self.monitor] if self.lowest else logs[self.monitor]
        if value > self._best:
            self.run.save_model(model, "best.keras")
            self._best = value
            self.best_epoch = epoch + 1
