"""A run that can be killed and goes on, on some devices; see `device_run.py`.

python resumed_run.py FOLDER [--devices cpu:2] [--kill PROCESS]
"""

import argparse
from pathlib import Path

import device_run
import numpy as np

from keras_bam import training
from keras_bam.training import classifier, feeding, optimizers
from keras_bam.training.epoch_log import EpochLog

EPOCHS = 3


def resumed(folder, devices, callbacks=()):
    """-> {name: array} of History and weights, once the run is finished."""
    recipe = training.Recipe(**{**vars(device_run.PLAIN), "epochs": EPOCHS})
    with devices.scope():
        model = device_run.small_model()
        classifier.compile_classifier(model, optimizers.optimizer(recipe, 9))
    train, validation, _ = feeding.fit_batches(device_run.DATA, recipe)
    train, validation = devices.divide(train), devices.divide(validation)
    log = EpochLog(folder / "log.csv") if devices.is_first else training.devices.LeftToTheFirst()
    resume = training.ExactResume(folder / "checkpoints", every_steps=2)
    with devices.training(model, train):
        history = resume.fit(
            model,
            train,
            epochs=EPOCHS,
            validation_data=validation,
            callbacks=[log, *callbacks],
            devices=devices,
            verbose=0,
        )
    weights = {f"weight {i}": value for i, value in enumerate(model.get_weights())}
    return {name: np.array(values) for name, values in history.history.items()} | weights


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--devices", default="all")
    parser.add_argument("--kill", type=int)
    options = parser.parse_args()
    training.deterministic()
    devices = training.open_devices(options.devices)
    callbacks = [device_run.Kill(devices.process == options.kill)]
    results = resumed(options.folder, devices, callbacks)
    np.savez(options.folder / f"result.{devices.process}.npz", **results)
    devices.on_first(lambda: None)


if __name__ == "__main__":
    main()
