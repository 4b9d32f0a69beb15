import csv
import json
import math
import os
import signal
from pathlib import Path

import keras
import numpy as np
import pytest
import tiny
from PIL import Image

from keras_bam import complexity
from keras_bam.layers import BAM
from keras_bam.training import RunFolder, Settings, callbacks, evaluate, fit, fitting
from keras_bam.training.run_folder import FILES


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_of_a_run(finished):
    assert names(finished.folder) == sorted(FILES)
    config = RunFolder.open(finished.folder).read_config()
    assert (config["model"], config["epochs"], config["seed"]) == ("tiny", 2, 3)
    versions = json.loads((finished.folder / "versions.json").read_text())
    assert versions["backend"] == keras.backend.backend()
    with Image.open(finished.folder / "curves.png") as image:
        image.load()


def test_logs_of_a_run(finished):
    log = rows(finished.folder / "log.csv")
    assert [row["epoch"] for row in log] == ["1", "2"]
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert all(np.isfinite(float(row[name])) for row in log)
    for name in ("seconds", "images_per_second"):
        assert all(float(row[name]) > 0 for row in log)
    assert float(log[1]["learning_rate"]) == pytest.approx(0, abs=1e-7)
    steps = rows(finished.folder / "steps.csv")
    assert [row["step"] for row in steps] == ["1", "2", "3", "4", "5", "6"]
    assert [float(steps[i]["loss"]) for i in (2, 5)] == pytest.approx(
        [float(row["loss"]) for row in log], rel=1e-5
    )


def test_summary_of_a_run(finished):
    summary, run = finished.summary, RunFolder.open(finished.folder)
    assert summary == json.loads(run["summary.json"].read_text())
    assert (summary["status"], summary["epochs"]) == ("finished", 2)
    assert summary["best_chosen_on"] == "test"
    # Convolution 80, channel branch 18 + 4 + 24, spatial branch 22 + 2 * 42 + 5, classifier 27.
    assert (summary["parameters"], summary["moving_statistics"]) == (80 + 46 + 111 + 27, 18)
    counted = complexity(run.load_model("last"))
    assert summary["multiply_adds"] == counted.multiply_adds > 0
    log = rows(run["log.csv"])
    for which, row in (("last", log[-1]), ("best", log[summary["best_epoch"] - 1])):
        measured = evaluate(run.load_model(which), finished.dataset, batch_size=4)
        assert measured == pytest.approx(summary[which], rel=1e-4)
        assert measured["loss"] == pytest.approx(float(row["val_loss"]), rel=1e-4)
        assert measured["accuracy"] == pytest.approx(float(row["val_accuracy"]))


def test_a_run_chosen_on_validation_images(tmp_path):
    settings = Settings(epochs=4, batch_size=4, validation_fraction=0.4, learning_rate=1.0)
    summary = fit(tiny.linear(), tiny.dataset(train=30), settings, tmp_path)
    assert summary["best_chosen_on"] == "validation"
    accuracies = [float(row["val_accuracy"]) for row in rows(tmp_path / "log.csv")]
    assert summary["best_epoch"] == 1 + int(np.argmax(accuracies))
    loss = rows(tmp_path / "log.csv")[-1]["val_loss"]
    assert summary["last"]["loss"] != pytest.approx(float(loss), rel=1e-4)


def test_validation_images_are_not_trained_on():
    data = tiny.dataset(train=10)
    train, validation = fitting._batches(data, Settings(batch_size=4, validation_fraction=0.3))
    parts = [{image.tobytes() for image in part.images.images} for part in (train, validation)]
    assert list(map(len, parts)) == [7, 3]
    assert parts[0] | parts[1] == {image.tobytes() for image in data.train.images}
    assert (train.augment, validation.augment, validation.shuffle) == (True, False, False)


@pytest.mark.parametrize("make", [tiny.linear, pytest.param(tiny.with_bam, marks=pytest.mark.slow)])
def test_overwriting_a_run_with_the_same_repeats_it(make, tmp_path):
    settings, losses = Settings(epochs=2, batch_size=8), []
    for overwrite in (False, True):
        keras.utils.set_random_seed(settings.seed)
        fit(make(), tiny.dataset(), settings, tmp_path, overwrite=overwrite)
        log = rows(tmp_path / "log.csv")
        losses.append([(row["loss"], row["val_loss"]) for row in log])
    assert losses[0] == losses[1] and len(losses[0]) == 2
    with pytest.raises(ValueError, match="already holds a run"):
        fit(make(), tiny.dataset(), settings, tmp_path)


def test_top5_is_measured_beyond_ten_classes():
    model = tiny.linear(classes=11)
    fitting.compile_classifier(model, "sgd")
    results = model.evaluate(np.ones((2, 8, 8, 1)), np.zeros(2), verbose=0, return_dict=True)
    assert set(results) == {"loss", "accuracy", "top5_accuracy"}


def sequential(*layers):
    return keras.Sequential([*layers, keras.layers.Dense(3)])


def two_inputs():
    images = [keras.Input((8, 8, 1)), keras.Input((8, 8, 1))]
    return keras.Model(images, keras.layers.Add()(images))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: tiny.linear(input_shape=(8, 9, 1)), r"takes images of shape \(8, 9, 1\)"),
        (lambda: sequential(keras.Input((64,))), r"takes images of shape \(64,\)"),
        (lambda: tiny.linear(classes=4), r"outputs of shape \(None, 4\), but tiny has 3 classes"),
        (lambda: sequential(keras.Input((8, 8, 1))), r"\(None, 8, 8, 3\).*build it with classes=3"),
        (sequential, r"must have one input and one output.*begins with keras\.Input\(\(8, 8, 1\)"),
        (two_inputs, "must have one input and one output"),
    ],
)
def test_a_model_that_does_not_fit_the_data(make, message, tmp_path):
    model, data = make(), tiny.dataset()
    with pytest.raises(ValueError, match=message):
        fit(model, data, Settings(), tmp_path / "run")
    with pytest.raises(ValueError, match=message):
        evaluate(model, data)
    assert names(tmp_path) == []


def test_channels_first_images(monkeypatch):
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    fitting._check_fits(tiny.linear(input_shape=(1, 8, 8)), tiny.dataset())
    with pytest.raises(ValueError, match=r"build it with input_shape=\(1, 8, 8\)"):
        fitting._check_fits(tiny.linear(), tiny.dataset())


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"batch_size": 21}, "batch_size must be at most the number of images, got 21 for 20"),
        ({"validation_fraction": 0.01}, "validation_fraction=0.01 of 20 images leaves none to"),
        ({"validation_fraction": 0.99}, "validation_fraction=0.99 of 20 images leaves none to"),
    ],
)
def test_settings_that_do_not_fit_the_data(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        fit(tiny.linear(), tiny.dataset(), Settings(**changes), tmp_path / "run")
    assert names(tmp_path) == []


def test_a_last_batch_of_one_warns():
    with pytest.warns(UserWarning, match="20 images in batches of 19 leave a last batch of one"):
        fitting._batches(tiny.dataset(), Settings(batch_size=19))


def test_ctrl_c_in_the_second_epoch(tmp_path, monkeypatch, sigint_as_in_a_terminal):
    log_step = callbacks.StepLog.on_train_batch_end

    def interrupted(self, batch, logs=None):
        log_step(self, batch, logs)
        if self._step == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(callbacks.StepLog, "on_train_batch_end", interrupted)
    settings = Settings(epochs=3, batch_size=8)
    with pytest.raises(KeyboardInterrupt):
        fit(tiny.linear(), tiny.dataset(), settings, tmp_path, log_steps=True)
    run = RunFolder.open(tmp_path)
    summary = json.loads(run["summary.json"].read_text())
    assert [summary[name] for name in ("status", "epochs", "best_epoch")] == ["interrupted", 1, 1]
    assert "last" not in summary
    assert names(tmp_path) == sorted(set(FILES) - {"curves.png"})
    assert (len(rows(run["log.csv"])), len(rows(run["steps.csv"]))) == (1, 3)
    assert evaluate(run.load_model("last"), tiny.dataset())["loss"] > 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_in_the_second_epoch(tmp_path, monkeypatch):
    def fill_disk(self, epoch, logs=None):
        if epoch == 1:
            (tmp_path / f".{os.getpid()}.last.keras").symlink_to("/dev/full")

    monkeypatch.setattr(callbacks.EpochOfBatches, "on_epoch_begin", fill_disk)
    with pytest.raises(OSError, match="No space left on device"):
        fit(tiny.linear(), tiny.dataset(), Settings(epochs=3, batch_size=8), tmp_path)
    run = RunFolder.open(tmp_path)
    assert names(tmp_path) == sorted(set(FILES) - {"curves.png", "steps.csv"})
    assert json.loads(run["summary.json"].read_text())["epochs"] == 1
    assert evaluate(run.load_model("last"), tiny.dataset())["loss"] > 0


def test_warm_up_then_cosine_to_zero():
    optimizer = fitting.sgd(Settings(epochs=4, learning_rate=0.5, warmup=0.25), steps_per_epoch=5)
    rates = [float(optimizer._learning_rate(step)) for step in range(21)]
    warmup = [0.5 * step / 5 for step in range(5)]
    cosine = [0.25 * (1 + math.cos(math.pi * step / 15)) for step in range(16)]
    assert rates == pytest.approx(warmup + cosine, abs=1e-6)


def test_no_warm_up():
    optimizer = fitting.sgd(Settings(epochs=1, learning_rate=0.5, warmup=0.0), steps_per_epoch=4)
    rates = [float(optimizer._learning_rate(step)) for step in range(5)]
    assert rates == pytest.approx([0.5, 0.4267767, 0.25, 0.0732233, 0.0], abs=1e-6)


def test_only_kernels_decay():
    layer = BAM(reduction_ratio=2, layer_scale_init_value=0.5, kernel_initializer="zeros")
    layer.build((None, 4, 4, 8))
    names = sorted({weight.name for weight in layer.trainable_weights})
    assert names == ["beta", "bias", "gamma", "kernel", "layer_scale"]
    weights = [keras.Variable(np.ones(2), name=name) for name in names]
    optimizer = fitting.sgd(Settings(learning_rate=0.1, warmup=0.0, weight_decay=0.2), 1)
    optimizer.apply([keras.ops.zeros(2) for _ in weights], weights)
    after = {weight.name: keras.ops.convert_to_numpy(weight)[0] for weight in weights}
    assert after == pytest.approx({**dict.fromkeys(names, 1.0), "kernel": 1 - 0.1 * 0.2})
