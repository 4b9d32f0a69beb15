"""The list of callbacks that saves the state of training, and begins from a saved one."""

import contextlib
import time
from pathlib import Path

import keras

from keras_bam.training.resuming import callback_state, log_files, random_state, variables
from keras_bam.training.resuming.preemption import Preempted
from keras_bam.training.resuming.skipping import skipping


class ResumingCallbacks(keras.callbacks.CallbackList):
    """What `model.fit` calls: it acts before all other callbacks and after them.

    Args:
        callbacks: the user's; History and a progress bar are added as fit would.
        run: what stays the same during the run, a `Run`.
        saved: the state to go on from, or None to begin.
        params: what Keras tells callbacks, `verbose`, `epochs` and `steps`.
    """

    def __init__(self, callbacks, run, saved, **params):
        super().__init__(
            callbacks,
            add_history=True,
            add_progbar=params["verbose"] != 0,
            model=run.model,
            **params,
        )
        self.run = run
        self.saved = saved
        for callback in self.callbacks:
            callback_state.note_as_made(callback)
        self._epoch = saved["epoch"] if saved else 0
        self._step = saved["step"] if saved else 0  # steps done of this epoch
        self._skip = 0  # of them, by an earlier process
        self._logs = saved["logs"] if saved else {}
        self._saved_at = time.monotonic()
        self._train_function = None

    @property
    def initial_epoch(self):
        """From which fit goes on: behind the last one where only the end of training is left."""
        stopped = self.saved and self.saved["stop_training"] and not self.saved["step"]
        return self.params["epochs"] if stopped else self._epoch

    def restore_finished(self):
        """The History of a run that had come to its end; the model is as it was then."""
        self._restore()
        return self._history

    def close(self):
        """What an error may have left: a train function that skips, open logs."""
        self._stop_skipping()
        for logger in csv_loggers(self.callbacks):
            if logger.csv_file:
                logger.csv_file.close()

    def on_train_begin(self, logs=None):
        if self.saved is None:
            for logger in csv_loggers(self.callbacks):
                if not logger.append:  # what is there it would overwrite
                    Path(logger.filename).unlink(missing_ok=True)
            # Callbacks have not begun: in a run that goes on from here, they begin anew.
            self._save(with_callbacks=False)
            super().on_train_begin(logs)
            return
        self._restore(with_callbacks=False)
        for logger in csv_loggers(self.callbacks):
            logger.append = True
        super().on_train_begin(logs)
        if self.saved["callbacks"] is not None:
            self._restore()

    def on_epoch_begin(self, epoch, logs=None):
        self._skip = self._step if epoch == self._epoch else 0
        self._epoch, self._step = epoch, self._skip
        self.run.data.begin_epoch(epoch, self._skip)
        super().on_epoch_begin(epoch, logs)
        if self._skip:
            self._restore()  # fit has reset the metrics, and callbacks what they count in an epoch
            self._train_function = self._model.train_function
            self._model.train_function = skipping(self._logs)
        if self.saved is not None:
            self.saved["variables"] = None  # as large as the model; all of it is restored by now

    def on_train_batch_begin(self, batch, logs=None):
        if batch >= self._skip:
            super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        if batch < self._skip:
            if batch == self._skip - 1:
                self._end_skipping()
            return
        super().on_train_batch_end(batch, logs)
        self._step, self._logs = batch + 1, logs
        if self.run.stop or self._is_due():
            self._save()
            self._stop_if_asked()

    def on_test_begin(self, logs=None):
        if self._skip == self._step:
            # PyTorch's loader draws between the last step and here.
            if self._skip and self.saved["before_validation"]:
                random_state.restore(self.saved["random"])
        else:
            self._save(before_validation=True)  # a kill in validation costs no training step
        super().on_test_begin(logs)

    def on_test_batch_end(self, batch, logs=None):
        super().on_test_batch_end(batch, logs)
        self._stop_if_asked()

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self._epoch, self._step, self._logs = epoch + 1, 0, logs
        self._save()
        self._stop_if_asked()

    def on_train_end(self, logs=None):
        self._logs = logs or self._logs
        super().on_train_end(self._logs)
        self._save(finished=True)

    def _stop_skipping(self):
        if self._train_function is not None:
            self._model.train_function, self._train_function = self._train_function, None

    def _end_skipping(self):
        self._stop_skipping()
        random_state.restore(self.saved["random"])  # PyTorch's loader has drawn from it
        self._model.stop_training = self.saved["stop_training"]
        self._stop_if_asked()

    def _is_due(self):
        every_steps, every_minutes = self.run.every_steps, self.run.every_minutes
        if every_steps and self._step % every_steps == 0:
            return True
        return every_minutes and time.monotonic() - self._saved_at >= 60 * every_minutes

    def _stop_if_asked(self):
        if self.run.stop:
            raise Preempted

    def _save(self, finished=False, with_callbacks=True, before_validation=False):
        if self._async_train:
            self._flush_futures()
        self._logs = _as_numbers(self._logs)
        model = self.model  # on JAX this brings the variables up to date
        self._saved_at = time.monotonic()
        if not self.run.devices.is_first:
            return
        callbacks = None
        if with_callbacks:
            callbacks = [callback_state.capture(callback) for callback in self.callbacks]
        self.run.folder.save(
            {
                "facts": self.run.facts,
                "machine": self.run.machine,
                "epoch": self._epoch,
                "step": self._step,
                "finished": finished,
                "before_validation": before_validation,
                "stop_training": model.stop_training,
                "logs": self._logs,
                "variables": variables.capture(model),
                "random": random_state.capture(),
                "callbacks": callbacks,
                "files": log_files.lengths(self.run.files),
            }
        )
        self._saved_at = time.monotonic()  # again, since this may take a while

    def _restore(self, with_callbacks=True):
        devices = self.run.devices
        if devices.is_first:
            log_files.cut_back(self.run.files, self.saved["files"])
        variables.restore(self.model, self.saved["variables"])
        devices.after_restoring(self.model)
        random_state.restore(self.saved["random"])
        if with_callbacks:
            for callback, state in zip(self.callbacks, self.saved["callbacks"], strict=True):
                callback_state.restore(callback, state)


def csv_loggers(callbacks):
    return [callback for callback in callbacks if isinstance(callback, keras.callbacks.CSVLogger)]


def _as_numbers(logs):
    """Each entry as a number where it is one; this waits for the step that computes it."""
    numbers = {}
    for name, value in (logs or {}).items():
        with contextlib.suppress(TypeError, ValueError):
            numbers[name] = float(value)
    return numbers
