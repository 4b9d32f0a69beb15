"""What happens around an epoch of a run."""

import csv
import time

import keras


class EpochOfBatches(keras.callbacks.Callback):
    """Tells the training batches which epoch they are in."""

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.epoch = epoch


class Measurements(keras.callbacks.Callback):
    """Adds learning rate, seconds and training images a second to the logs of an epoch.

    Args:
        images: how many one epoch trains on.
    """

    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.perf_counter()
        self._trained = None

    def on_test_begin(self, logs=None):
        keras.ops.convert_to_numpy(self.model.optimizer.iterations)  # waits for the last step
        self._trained = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter()
        logs["learning_rate"] = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        logs["seconds"] = now - self._start
        logs["images_per_second"] = self.images / ((self._trained or now) - self._start)


class SaveModels(keras.callbacks.Callback):
    """Writes `last.keras` after every epoch and `best.keras` after the best one so far.

    Args:
        run: the `RunFolder`.
        monitor: the logs' entry to choose the best by, larger is better.
    """

    def __init__(self, run, monitor="val_accuracy"):
        super().__init__()
        self.run = run
        self.monitor = monitor
        self.best_epoch = None
        self.epochs = 0
        self._best = float("-inf")

    def on_epoch_end(self, epoch, logs=None):
        model = self.model
        self.run.save_model(model, "last.keras")
        self.epochs = epoch + 1
        if logs[self.monitor] > self._best:
            self.run.save_model(model, "best.keras")
            self._best = logs[self.monitor]
            self.best_epoch = epoch + 1


class EpochLog(keras.callbacks.Callback):
    """Writes `log.csv`: the logs of each epoch, counted from 1.

    Unlike Keras's CSVLogger it leaves no file open when training ends in Ctrl-C.
    """

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch, logs=None):
        _append(self.path, [{"epoch": epoch + 1, **dict(sorted(logs.items()))}])


class StepLog(keras.callbacks.Callback):
    """Writes `steps.csv`: the mean loss of the epoch up to each step."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self._step = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._rows = []

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        self._rows.append({"step": self._step, "loss": float(logs["loss"])})

    def on_epoch_end(self, epoch, logs=None):
        _append(self.path, self._rows)


def _append(path, rows):
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        if is_new:
            writer.writeheader()
        writer.writerows(rows)
