import csv
import dataclasses
import json
import os
import signal
from pathlib import Path

import keras
import numpy as np
import pytest
import tiny
from PIL import Image

from keras_bam import complexity
from keras_bam.data import load, normalize
from keras_bam.training import Recipe, RunFolder, callbacks, classifier, evaluate, feeding, fit
from keras_bam.training.run_folder import FILES

WHOLE = {*FILES, "checkpoints"} - {"detector.json"}  # of a classifier
AT_THE_END = {"curves.png", "confusion.png", "per_class.csv"}


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_of_a_run(finished):
    assert names(finished.folder) == sorted(WHOLE)
    config = RunFolder.open(finished.folder).read_config()
    assert (config["model"], config["recipe"]["epochs"]) == ("tiny", 2)
    assert Recipe(**config["recipe"]) == finished.recipe
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
    recipe = Recipe(epochs=4, batch_size=4, validation_fraction=0.4, learning_rate=1.0)
    summary = fit(tiny.linear(), tiny.dataset(train=30), recipe, tmp_path)
    assert summary["best_chosen_on"] == "validation"
    accuracies = [float(row["val_accuracy"]) for row in rows(tmp_path / "log.csv")]
    assert summary["best_epoch"] == 1 + int(np.argmax(accuracies))
    loss = rows(tmp_path / "log.csv")[-1]["val_loss"]
    assert summary["last"]["loss"] != pytest.approx(float(loss), rel=1e-4)


def test_validation_images_are_not_trained_on():
    data = tiny.dataset(train=10)
    recipe = Recipe(batch_size=4, validation_fraction=0.3, augment=False)
    *batches, images = feeding.fit_batches(data, recipe)
    assert images == 7
    parts = [
        {image.tobytes() for i in range(len(part)) for image in part[i][0]} for part in batches
    ]
    assert list(map(len, parts)) == [7, 3]
    every = normalize(data.train.images, data.mean, data.std)
    assert parts[0] | parts[1] == {image.tobytes() for image in every}


def test_only_training_images_are_shuffled_and_augmented():
    train, validation, _ = feeding.fit_batches(tiny.dataset(), Recipe(batch_size=20))
    train.epoch = 0
    first, _ = train[0]
    train.epoch = 1
    assert not np.array_equal(first, train[0][0])
    expected = normalize(tiny.dataset().test.images, tiny.dataset().mean, tiny.dataset().std)
    assert np.array_equal(validation[0][0], expected)


def test_labels_are_smoothed_in_training_alone():
    train, validation, _ = feeding.fit_batches(
        tiny.dataset(), Recipe(label_smoothing=0.3, batch_size=9)
    )
    assert train[0][1].max(axis=1) == pytest.approx(0.8)
    assert validation[0][1].max(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("make", [tiny.linear, pytest.param(tiny.with_bam, marks=pytest.mark.slow)])
def test_overwriting_a_run_with_the_same_repeats_it(make, tmp_path):
    recipe, losses = Recipe(epochs=2, batch_size=8), []
    for overwrite in (False, True):
        keras.utils.set_random_seed(recipe.seed)
        fit(make(), tiny.dataset(), recipe, tmp_path, overwrite=overwrite)
        log = rows(tmp_path / "log.csv")
        losses.append([(row["loss"], row["val_loss"]) for row in log])
    assert losses[0] == losses[1] and len(losses[0]) == 2
    with pytest.raises(ValueError, match="already holds a run"):
        fit(make(), tiny.dataset(), recipe, tmp_path)


def test_top5_is_measured_beyond_ten_classes():
    model = tiny.linear(classes=11)
    classifier.compile_classifier(model, "sgd")
    results = model.evaluate(np.ones((2, 8, 8, 1)), np.eye(11)[:2], verbose=0, return_dict=True)
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
        fit(model, data, Recipe(), tmp_path / "run")
    with pytest.raises(ValueError, match=message):
        evaluate(model, data)
    assert names(tmp_path) == []


def test_channels_first_images(monkeypatch):
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    classifier.check_fits(tiny.linear(input_shape=(1, 8, 8)), tiny.dataset())
    with pytest.raises(ValueError, match=r"build it with input_shape=\(1, 8, 8\)"):
        classifier.check_fits(tiny.linear(), tiny.dataset())


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"batch_size": 21}, "batch_size must be at most the number of images, got 21 for 20"),
        ({"validation_fraction": 0.01}, "validation_fraction=0.01 of 20 images leaves none to"),
        ({"validation_fraction": 0.99}, "validation_fraction=0.99 of 20 images leaves none to"),
    ],
)
def test_recipes_that_do_not_fit_the_data(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        fit(tiny.linear(), tiny.dataset(), Recipe(**changes), tmp_path / "run")
    assert names(tmp_path) == []


def test_a_last_batch_of_one_warns():
    with pytest.warns(UserWarning, match="20 images in batches of 19 leave a last batch of one"):
        feeding.fit_batches(tiny.dataset(), Recipe(batch_size=19))


def test_ctrl_c_in_the_second_epoch(tmp_path, monkeypatch, sigint_as_in_a_terminal):
    log_step = callbacks.StepLog.on_train_batch_end

    def interrupted(self, batch, logs=None):
        log_step(self, batch, logs)
        if self._step == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(callbacks.StepLog, "on_train_batch_end", interrupted)
    recipe = Recipe(epochs=3, batch_size=8)
    with pytest.raises(KeyboardInterrupt):
        fit(tiny.linear(), tiny.dataset(), recipe, tmp_path, log_steps=True)
    run = RunFolder.open(tmp_path)
    summary = json.loads(run["summary.json"].read_text())
    assert [summary[name] for name in ("status", "epochs", "best_epoch")] == ["interrupted", 1, 1]
    assert "last" not in summary
    assert names(tmp_path) == sorted(set(WHOLE) - AT_THE_END)
    assert (len(rows(run["log.csv"])), len(rows(run["steps.csv"]))) == (1, 3)
    assert evaluate(run.load_model("last"), tiny.dataset())["loss"] > 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_in_the_second_epoch(tmp_path, monkeypatch):
    def fill_disk(self, epoch, logs=None):
        if epoch == 1:
            (tmp_path / f".{os.getpid()}.last.keras").symlink_to("/dev/full")

    monkeypatch.setattr(callbacks.Measurements, "on_epoch_begin", fill_disk)
    with pytest.raises(OSError, match="No space left on device"):
        fit(tiny.linear(), tiny.dataset(), Recipe(epochs=3, batch_size=8), tmp_path)
    run = RunFolder.open(tmp_path)
    assert names(tmp_path) == sorted(set(WHOLE) - AT_THE_END - {"steps.csv"})
    assert json.loads(run["summary.json"].read_text())["epochs"] == 1
    assert evaluate(run.load_model("last"), tiny.dataset())["loss"] > 0


def test_the_average_of_the_weights_is_measured_and_saved(tmp_path):
    recipe = Recipe(epochs=3, batch_size=8, ema_momentum=0.9, augment=False, seed=3)
    logs = {}
    for momentum in (0.0, 0.9):
        keras.utils.set_random_seed(recipe.seed)
        changed = dataclasses.replace(recipe, ema_momentum=momentum)
        fit(tiny.linear(), tiny.dataset(), changed, tmp_path / str(momentum))
        logs[momentum] = rows(tmp_path / str(momentum) / "log.csv")
    for plain, averaged in zip(logs[0.0], logs[0.9], strict=True):
        assert float(plain["loss"]) == pytest.approx(float(averaged["loss"]), rel=1e-4)
        assert float(plain["val_loss"]) != pytest.approx(float(averaged["val_loss"]), rel=1e-3)
    last = evaluate(RunFolder.open(tmp_path / "0.9").load_model("last"), tiny.dataset())
    assert last["loss"] == pytest.approx(float(logs[0.9][-1]["val_loss"]), rel=1e-4)


def test_parts_of_a_batch_end_with_the_same_weights(tmp_path):
    weights = []
    for parts in (1, 2):
        keras.utils.set_random_seed(0)
        recipe = Recipe(batch_size=10, gradient_accumulation_steps=parts, augment=False)
        fit(tiny.linear(), tiny.dataset(), recipe, tmp_path / str(parts))
        weights.append(RunFolder.open(tmp_path / str(parts)).load_model("last").get_weights())
    for whole, in_parts in zip(*weights, strict=True):
        np.testing.assert_allclose(whole, in_parts, atol=1e-5)


def test_mixed_precision_needs_a_model_built_with_it(tmp_path):
    with pytest.raises(ValueError, match="precision='mixed_bfloat16', but model 'linear' was bui"):
        fit(tiny.linear(), tiny.dataset(), Recipe(precision="mixed_bfloat16"), tmp_path)
    assert names(tmp_path) == []


def test_a_run_that_diverges(tmp_path):
    recipe = Recipe(learning_rate=1e30, warmup=0, weight_decay=1.0, epochs=3, batch_size=8)
    with pytest.raises(
        FloatingPointError, match=r"at step \d, in epoch 1; lower the learning rate"
    ):
        fit(tiny.linear(), tiny.dataset(), recipe, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["status"], summary["epochs"]) == ("diverged", 0)
    assert 1 <= summary["diverged_at_step"] <= 3
    assert not (tmp_path / "last.keras").exists()


def test_report_of_the_last_model(finished):
    report = rows(finished.folder / "per_class.csv")
    assert [row["class"] for row in report] == list(finished.dataset.class_names)
    right = sum(float(row["accuracy"]) * int(row["images"]) for row in report)
    assert right / 9 == pytest.approx(finished.summary["last"]["accuracy"])


def test_images_in_files_are_cut_out_in_training_alone(tmp_path):
    for part in ("train", "val"):
        folder = tmp_path / part / "a"
        folder.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(folder / "image.png")
    recipe = Recipe(cutout=8, batch_size=1, padding_mode="edge")
    dataset = load("imagenet", tmp_path, image_size=16)
    train, validation, _ = feeding.fit_batches(dataset, recipe)
    assert 16 <= (train[0][0] == 0).all(axis=-1).sum() <= 64
    assert (validation[0][0] != 0).all()


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C at one step of all that this process makes."""

    def __init__(self, step):
        super().__init__()
        self.left = [step]  # no plain number: it is not to be resumed

    def on_train_batch_end(self, batch, logs=None):
        self.left[0] -= 1
        if self.left[0] == 0:
            raise KeyboardInterrupt

    def get_state(self):
        return {}

    def set_state(self, state):
        pass


def started(folder, stop=0, **arguments):
    recipe = Recipe(epochs=3, batch_size=8, ema_momentum=0.9, seed=3)
    keras.utils.set_random_seed(recipe.seed)
    checkpoints = {"every_steps": 1}
    stopping = [Interrupt(stop)]
    every = {"checkpoints": checkpoints, "log_steps": True, "callbacks": stopping, **arguments}
    return fit(tiny.with_bam(), tiny.dataset(), recipe, folder, **every)


def test_a_run_goes_on_as_if_it_had_not_been_stopped(tmp_path):
    started(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        started(tmp_path / "stopped", stop=5)
    assert json.loads((tmp_path / "stopped/summary.json").read_text())["status"] == "interrupted"
    started(tmp_path / "stopped", resume=True)
    whole, stopped = (RunFolder.open(tmp_path / name) for name in ("whole", "stopped"))
    for which in ("last", "best"):
        weights = [run.load_model(which).get_weights() for run in (whole, stopped)]
        assert all(np.array_equal(*pair) for pair in zip(*weights, strict=True))
    assert whole["steps.csv"].read_bytes() == stopped["steps.csv"].read_bytes()
    logs = [rows(run["log.csv"]) for run in (whole, stopped)]
    for row in (*logs[0], *logs[1]):
        assert float(row.pop("seconds")) > 0 and float(row.pop("images_per_second")) > 0
    assert logs[0] == logs[1] and len(logs[0]) == 3


def test_going_on_with_another_recipe_is_refused(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        started(tmp_path, stop=5)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    other = Recipe(epochs=3, batch_size=8, ema_momentum=0.9, seed=4, weight_decay=0.1)
    with pytest.raises(ValueError, match="(?s)seed.*weight_decay|weight_decay.*seed"):
        fit(
            tiny.with_bam(),
            tiny.dataset(),
            other,
            tmp_path,
            resume=True,
            log_steps=True,
            callbacks=[Interrupt(0)],
        )
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert before == after


def test_nothing_to_go_on_with(tmp_path):
    with pytest.raises(ValueError, match="holds no run"):
        started(tmp_path, resume=True)
