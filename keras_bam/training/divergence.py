"""The end of a run whose loss is no number any more."""

import math
import threading

import keras
import numpy as np

_SECONDS_FOR_REPORTS = 10  # of steps that the device has already done


class Diverged(FloatingPointError):
    """The training loss, or a weight, is not finite.

    Attributes:
        step: the first one that shows it, counted from 1 over all epochs.
        epoch: counted from 1.
    """

    def __init__(self, what, step, epoch):
        super().__init__(
            f"{what} at step {step}, in epoch {epoch}; lower the learning rate, warm it up for "
            "longer, or look for images that are not finite"
        )
        self.step = step
        self.epoch = epoch


class StopAtNaN(keras.callbacks.Callback):
    """Raises `Diverged` once the training loss is not finite, before the epoch is measured.

    At an epoch's end the weights must be finite too: the last step may have spoilt them, and its
    loss is of those before. Pass this callback before any that saves or writes.

    The loss of a step is looked at when the device has done it, in the thread where Keras reads
    its logs (on TensorFlow the main one, on JAX and PyTorch another), so training waits for no
    step. A few more steps may have begun by then; the one named is the first all the same.
    """

    async_safe = True  # tells Keras that on_train_batch_end may run beside the training

    def __init__(self):
        super().__init__()
        self._reported = threading.Condition()

    def on_epoch_begin(self, epoch, logs=None):
        self._steps_before = epoch * (self.params["steps"] or 0)
        self._epoch = epoch
        self._begun = self._ended = self._last = 0
        self._not_finite = {}

    def on_train_batch_begin(self, batch, logs=None):
        if self._not_finite:
            self._stop()
        self._begun += 1

    def on_train_batch_end(self, batch, logs=None):
        with self._reported:
            if not math.isfinite(logs["loss"]):
                self._not_finite[batch] = logs["loss"]
            self._last = max(self._last, batch)
            self._ended += 1
            self._reported.notify()

    def on_test_begin(self, logs=None):
        mean = self.model.get_metrics_result()["loss"]
        if not math.isfinite(float(keras.ops.convert_to_numpy(mean))):
            self._stop()

    def on_epoch_end(self, epoch, logs=None):
        if self._not_finite:
            self._stop()
        for weight in self.model.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
                raise self._diverged(f"{weight.path} became not finite", self._last)

    def _stop(self):
        """Steps are reported in any order: which one was the first is known when all are."""
        with self._reported:
            self._reported.wait_for(lambda: self._ended == self._begun, _SECONDS_FOR_REPORTS)
        if self._not_finite:
            first = min(self._not_finite)
            raise self._diverged(f"the training loss became {self._not_finite[first]}", first)

    def _diverged(self, what, batch):
        return Diverged(what, self._steps_before + batch + 1, self._epoch + 1)
