"""A run that does all that can differ, in a process of its own, to be killed.

    python small_run.py FOLDER [--kill train|test EPOCH BATCH] [--every-steps N] [--pause SECONDS]

FOLDER gets the checkpoints, the logs and, at the end, `result.npz` with all that must be equal.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import tiny  # noqa: E402

from keras_bam import training  # noqa: E402
from keras_bam.data import Batches  # noqa: E402
from keras_bam.layers import BAM  # noqa: E402
from keras_bam.training.callbacks import EpochLog, StepLog  # noqa: E402

EPOCHS, BATCH = 10, 4


class Kill(keras.callbacks.Callback):
    """Kills this process before a batch of "train" or "test" in an epoch."""

    def __init__(self, phase, epoch, batch):
        super().__init__()
        self._when = phase, int(epoch), int(batch)

    def on_epoch_begin(self, epoch, logs=None):
        self._now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self._kill_at("train", batch)

    def on_test_batch_begin(self, batch, logs=None):
        self._kill_at("test", batch)

    def _kill_at(self, phase, batch):
        if (phase, self._now, batch) == self._when:
            os.kill(os.getpid(), signal.SIGKILL)


class Pause(keras.callbacks.Callback):
    """Waits before each step, and says in a file where the run is."""

    def __init__(self, seconds, path):
        super().__init__()
        self._seconds = seconds
        self._path = path

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self._at("training", batch)

    def on_test_batch_begin(self, batch, logs=None):
        self._at("validation", batch)

    def _at(self, phase, batch):
        if self._seconds:
            self._path.write_text(f"{phase}, epoch {self._epoch}, batch {batch}")
            time.sleep(self._seconds)


def model():
    image = keras.Input((8, 8, 1))
    features = keras.layers.Conv2D(8, 3, padding="same")(image)
    features = keras.layers.BatchNormalization()(features)
    features = BAM(reduction_ratio=4)(features)
    features = keras.layers.Dropout(0.3)(features)
    features = keras.layers.GlobalAveragePooling2D()(features)
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(features))
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 20, warmup_target=0.5, warmup_steps=10)
    optimizer = keras.optimizers.SGD(
        schedule, momentum=0.9, nesterov=True, weight_decay=1e-3, use_ema=True, ema_momentum=0.9
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(data):
    normal = {"mean": data.mean, "std": data.std}
    train = Batches(data.train, BATCH, seed=5, shuffle=True, augment=True, padding=1, **normal)
    train.workers = 2
    return train, Batches(data.test, BATCH, **normal)


def result(model, history, callbacks, files):
    """All that must be equal, as named arrays."""
    groups = {
        "model": model.variables,
        "optimizer": model.optimizer.variables,
        "metrics": model.metrics_variables,
    }
    arrays = {
        f"{group}/{index}/{variable.path}": variable.numpy()
        for group, variables in groups.items()
        for index, variable in enumerate(variables)
    }
    arrays["history"] = json.dumps([history.epoch, history.history])
    stopping = callbacks[0]
    remembered = (stopping.wait, stopping.best, stopping.best_epoch, stopping.stopped_epoch)
    arrays["stopping"] = np.array(remembered, "float64")
    return arrays | {file.name: file.read_bytes() for file in files}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kill", nargs=3)
    parser.add_argument("--every-steps", type=int)
    parser.add_argument("--pause", type=float, default=0.0)
    options = parser.parse_args()
    training.deterministic()
    keras.utils.set_random_seed(7)
    logs = [options.folder / name for name in ("log.csv", "epochs.csv", "steps.csv")]
    callbacks = [
        keras.callbacks.EarlyStopping(patience=2, start_from_epoch=3, restore_best_weights=True),
        keras.callbacks.CSVLogger(logs[0]),
        EpochLog(logs[1]),
        StepLog(logs[2]),
        Pause(options.pause, options.folder / "position"),
        Kill(*(options.kill or ("", -1, -1))),
    ]
    resume = training.ExactResume(
        options.folder / "checkpoints", every_steps=options.every_steps, files=logs
    )
    trained = model()
    train, test = batches(tiny.dataset())
    history = resume.fit(
        trained, train, epochs=EPOCHS, validation_data=test, callbacks=callbacks, verbose=2
    )
    np.savez(options.folder / "result.npz", **result(trained, history, callbacks, logs))


if __name__ == "__main__":
    main()
