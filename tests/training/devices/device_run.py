"""Trains a small network on some devices, in a process of its own.

    python device_run.py OUT [--devices cpu:4] [--sync] [--mixup] ...

OUT, an .npz file, gets the weights and the losses of every process: OUT.0.npz, OUT.1.npz, ...
"""

import argparse
import sys
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import tiny  # noqa: E402

from keras_bam import training  # noqa: E402
from keras_bam.training import classifier, feeding, optimizers  # noqa: E402

# 19 images: a last batch of three, that no two or four devices can divide.
DATA = tiny.dataset(train=19)
RECIPE = training.Recipe(epochs=2, batch_size=8, learning_rate=0.05, nesterov=True, seed=3)


def small_model():
    """With batch norms on maps and, in BAM, on vectors; no dropout."""
    keras.utils.set_random_seed(RECIPE.seed)
    image = keras.Input((8, 8, 1))
    features = keras.layers.Conv2D(8, 3, padding="same")(image)
    features = keras.layers.BatchNormalization()(features)
    features = keras.layers.Activation("relu")(features)
    features = tiny.BAM(reduction_ratio=4)(features)
    features = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(image, keras.layers.Dense(3, activation="softmax")(features))


def train(devices, recipe):
    """-> {name: array} of logs and weights."""
    with devices.scope():
        model = small_model()
        classifier.compile_classifier(model, optimizers.optimizer(recipe, 6))
    devices.check(model, recipe)
    train, validation, _ = feeding.fit_batches(DATA, recipe)
    train, validation = devices.divide(train), devices.divide(validation)
    with devices.training(model, train):
        history = model.fit(
            train,
            epochs=recipe.epochs,
            validation_data=validation,
            callbacks=[training.callbacks.EpochOfBatches(train)],
            shuffle=False,
            verbose=0,
        )
    weights = {f"weight {i}": value for i, value in enumerate(model.get_weights())}
    return {name: np.array(values) for name, values in history.history.items()} | weights


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--devices", default="all")
    parser.add_argument("--sync", action="store_true")
    parser.add_argument("--mixup", type=float, default=0.0)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--coordinator", nargs=3)
    options = parser.parse_args()
    several = {}
    if options.coordinator:
        address, processes, process = options.coordinator
        several = {"coordinator": address, "processes": int(processes), "process": int(process)}
    devices = training.open_devices(
        options.devices, synchronize_batch_norm=options.sync, **several
    )
    changes = {"mixup": options.mixup, "gradient_accumulation_steps": options.accumulate}
    recipe = training.Recipe(**{**vars(RECIPE), **changes})
    results = train(devices, recipe)
    np.savez(f"{options.out}.{devices.process}.npz", **results)
    devices.on_first(lambda: None)


if __name__ == "__main__":
    main()
