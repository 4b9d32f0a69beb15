import csv

import numpy as np
import tiny

from keras_bam.training import RunFolder
from keras_bam.training.callbacks import EpochLog, SaveModels, StepLog


def test_best_is_the_first_of_the_largest(tmp_path):
    run, model = RunFolder.create(tmp_path), tiny.linear()
    saver = SaveModels(run)
    saver.set_model(model)
    kernel = model.layers[-1].kernel
    for epoch, accuracy in enumerate((0.3, 0.7, 0.7, 0.5)):
        kernel.assign(np.full(kernel.shape, epoch))
        saver.on_epoch_end(epoch, {"val_accuracy": accuracy})
    assert (saver.epochs, saver.best_epoch) == (4, 2)
    assert run.load_model("best").layers[-1].get_weights()[0][0, 0] == 1
    assert run.load_model("last").layers[-1].get_weights()[0][0, 0] == 3


def test_logs_are_whole_after_each_epoch(tmp_path):
    epochs, steps = EpochLog(tmp_path / "log.csv"), StepLog(tmp_path / "steps.csv")
    for epoch in range(2):
        steps.on_epoch_begin(epoch)
        for batch in range(2):
            steps.on_train_batch_end(batch, {"loss": 10 * epoch + batch})
        steps.on_epoch_end(epoch)
        epochs.on_epoch_end(epoch, {"loss": epoch, "accuracy": 0.5})
    assert read(tmp_path / "log.csv") == [
        ["epoch", "accuracy", "loss"],
        ["1", "0.5", "0"],
        ["2", "0.5", "1"],
    ]
    assert read(tmp_path / "steps.csv") == [
        ["step", "loss"],
        ["1", "0.0"],
        ["2", "1.0"],
        ["3", "10.0"],
        ["4", "11.0"],
    ]


def read(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))
