"""Trains a small network on some devices, in a process of its own, as each of CASES says.

    python device_run.py OUT [--devices cpu:4] [--coordinator HOST:PORT N I] [--kill PROCESS]

OUT.0.npz, OUT.1.npz, ... get logs and weights of each process. With --kill that process kills
itself in the second epoch.
"""

import argparse
import dataclasses
import os
import signal
import sys
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import tiny  # noqa: E402

from keras_bam import training  # noqa: E402
from keras_bam.layers import BAM  # noqa: E402
from keras_bam.training import classifier, feeding, optimizers  # noqa: E402

# 19 images: a last batch of three, which neither two nor four devices can divide.
DATA = tiny.dataset(train=19)
PLAIN = training.Recipe(epochs=2, batch_size=8, learning_rate=0.05, seed=3)
# TensorFlow's replicas do not accumulate.
PARTS = 1 if keras.backend.backend() == "tensorflow" else 2
MIXED = dataclasses.replace(
    PLAIN, mixup=0.2, cutmix=1.0, ema_momentum=0.9, gradient_accumulation_steps=PARTS
)
# Name: (recipe, whether batch norm is synchronised where it can be)
CASES = {"plain": (PLAIN, True), "mixed": (MIXED, True), "apart": (PLAIN, False)}


def small_model():
    """Batch norms on maps and, in BAM, on vectors; no dropout."""
    keras.utils.set_random_seed(PLAIN.seed)
    image = keras.Input((8, 8, 1))
    features = keras.layers.Conv2D(8, 3, padding="same")(image)
    features = keras.layers.BatchNormalization()(features)
    features = keras.layers.Activation("relu")(features)
    features = BAM(reduction_ratio=4)(features)
    features = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(image, keras.layers.Dense(3, activation="softmax")(features))


class Kill(keras.callbacks.Callback):
    """Kills this process in the second epoch, if that is set."""

    def __init__(self, kill):
        super().__init__()
        self._kill = kill

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self._kill and (self._epoch, batch) == (1, 1):
            os.kill(os.getpid(), signal.SIGKILL)


def train(devices, recipe, callbacks=(), run_eagerly=False):
    """-> {name: array} of logs and weights."""
    with devices.scope():
        model = small_model()
        classifier.compile_classifier(model, optimizers.optimizer(recipe, 6))
    model.run_eagerly = run_eagerly
    devices.check(model, recipe)
    train, validation, _ = feeding.fit_batches(DATA, recipe)
    train, validation = devices.divide(train), devices.divide(validation)
    epoch_of_batches = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(train, "epoch", epoch)
    )
    with devices.training(model, train):
        history = model.fit(
            train,
            epochs=recipe.epochs,
            validation_data=validation,
            callbacks=[epoch_of_batches, *callbacks],
            shuffle=False,
            verbose=0,
        )
    weights = {f"weight {i}": value for i, value in enumerate(model.get_weights())}
    return {name: np.array(values) for name, values in history.history.items()} | weights


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--devices", default="all")
    parser.add_argument("--coordinator", nargs=3)
    parser.add_argument("--kill", type=int)
    options = parser.parse_args()
    several = {}
    if options.coordinator:
        address, processes, process = options.coordinator
        several = {"coordinator": address, "processes": int(processes), "process": int(process)}
    results = {}
    for case, (recipe, synchronize) in CASES.items():
        synchronize = synchronize and keras.backend.backend() != "jax"
        devices = training.open_devices(
            options.devices, synchronize_batch_norm=synchronize, **several
        )
        of_case = train(devices, recipe, [Kill(options.kill == devices.process)])
        results |= {f"{case}/{name}": value for name, value in of_case.items()}
    np.savez(f"{options.out}.{devices.process}.npz", **results)
    devices.on_first(lambda: None)


if __name__ == "__main__":
    main()
