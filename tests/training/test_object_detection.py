"""A run of a detector: its folder, and going on with it."""

import csv
import dataclasses
import json

import keras
import numpy as np
import pytest
import tiny

from keras_bam import cli, data, training
from keras_bam.training import RunFolder
from keras_bam.training.epoch_log import read_log
from keras_bam.training.run_folder import FILES

RECIPE = training.Recipe(epochs=2, batch_size=4, learning_rate=0.01, seed=1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("detected") / "run"
    keras.utils.set_random_seed(RECIPE.seed)
    summary = training.fit(tiny.detector(attention="bam"), tiny.shapes(), RECIPE, folder)
    return RunFolder.open(folder), summary


def test_files(finished):
    run, _ = finished
    missing = {"confusion.png", "steps.csv", "classifier.json"}
    assert {path.name for path in run.path.iterdir()} == {*FILES, "checkpoints"} - missing
    with run["per_class.csv"].open(newline="") as file:
        assert [row["class"] for row in csv.DictReader(file)] == ["circle", "square", "triangle"]


def test_log_has_the_terms_of_the_loss(finished):
    run, summary = finished
    log = read_log(run["log.csv"])
    for prefix in ("", "val_"):
        terms = log[f"{prefix}localization_loss"], log[f"{prefix}classification_loss"]
        assert all((term > 0).all() for term in terms)
        np.testing.assert_allclose(sum(terms), log[f"{prefix}loss"], rtol=1e-5)
    assert summary["best_epoch"] == 1 + int(log["val_loss"].argmin())


def test_summary(finished):
    run, summary = finished
    assert summary["status"] == "finished"
    assert summary == json.loads(run["summary.json"].read_text())
    for which in ("last", "best"):
        assert 0 <= summary[which]["mAP"] <= 1
        measured = training.evaluate(run.load_model(which), tiny.shapes(), batch_size=2)
        assert measured == pytest.approx(summary[which], abs=1e-4)


def test_notes(finished):
    run, _ = finished
    notes = training.read_notes(run)
    assert notes == {
        "class_names": ("circle", "square", "triangle"),
        "mean": (0.5,) * 3,
        "std": (0.25,) * 3,
    }
    other = dataclasses.replace(tiny.shapes(), mean=(0.0,) * 3, std=(1.0,) * 3)
    assert training.as_trained(run, other).std == (0.25,) * 3


def test_no_notes(tmp_path):
    run = RunFolder.create(tmp_path)
    with pytest.raises(ValueError, match="holds no run of a detector"):
        training.read_notes(run)
    run["detector.json"].write_text('{"mean": 3}')
    with pytest.raises(ValueError, match=r"detector\.json is damaged"):
        training.read_notes(run)


def test_goes_on_in_the_middle_of_an_epoch(finished, tmp_path):
    run, _ = finished

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.stops and self.model.optimizer.iterations == 3:
                raise KeyboardInterrupt

    def fit(stops, **options):
        keras.utils.set_random_seed(RECIPE.seed)
        stop = Stop()
        stop.stops = stops
        checkpoints = {"every_steps": 1}
        model = tiny.detector(attention="bam")
        options |= {"callbacks": [stop], "checkpoints": checkpoints}
        training.fit(model, tiny.shapes(), RECIPE, tmp_path / "run", **options)

    with pytest.raises(KeyboardInterrupt):
        fit(stops=True)
    fit(stops=False, resume=True)
    weights = [
        RunFolder.open(p).load_model("last").get_weights() for p in (run.path, tmp_path / "run")
    ]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=1e-5)


def test_fit_and_evaluate_as_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data, "load", lambda name, folder=None, **_: tiny.shapes())
    run = str(tmp_path / "run")
    arguments = "fit shapes --image-size 32 --epochs 1 --batch-size 4 --no-augment --run-dir"
    assert cli.main([*arguments.split(), run]) == 0
    printed = capsys.readouterr().out
    assert "of it localization" in printed and "\n * mAP " in printed and "test mAP" in printed
    assert cli.main(["evaluate", run]) == 0
    assert "test mAP " in capsys.readouterr().out
