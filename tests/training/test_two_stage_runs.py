"""Runs of a Faster R-CNN, through what those of SSD go through."""

import keras
import numpy as np
import photographs
import pytest
import tiny
import tiny_two_stage

from keras_bam import training
from keras_bam.detection.two_stage_detector import LOSSES
from keras_bam.training import RunFolder
from keras_bam.training.epoch_log import read_log

RECIPE = training.Recipe(epochs=2, batch_size=4, learning_rate=0.01, seed=1)
SETTINGS = {**tiny_two_stage.SETTINGS, "random_samples": True}


def fit(folder, **options):
    model = tiny_two_stage.detector(classes=3, settings=SETTINGS)
    return training.fit(model, tiny.shapes(), RECIPE, folder, **options)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_stage") / "run"
    summary = fit(folder)
    return RunFolder.open(folder), summary


def test_log_has_the_terms_of_the_loss(finished):
    run, _ = finished
    log = read_log(run["log.csv"])
    for prefix in ("", "val_"):
        terms = [log[f"{prefix}{name}"] for name in LOSSES]
        assert all((term > 0).all() for term in terms)
        np.testing.assert_allclose(sum(terms), log[f"{prefix}loss"], rtol=1e-4)


def test_it_is_measured_and_predicts(finished, tmp_path):
    run, summary = finished
    model = run.load_model("last")
    measured = training.evaluate(model, tiny.shapes(), batch_size=2)
    assert measured == pytest.approx(summary["last"], abs=1e-4)
    path = tmp_path / "one.jpg"
    photographs.image(40, 50, 0).save(path)
    (found,) = training.detect_in_files(model, [path], **training.read_notes(run))
    assert len(found.scores) and (found.boxes[:, 2:] <= (50, 40)).all()


def test_the_samples_go_on_where_they_were(finished, tmp_path):
    """A run that is stopped in an epoch and resumed draws what it would have drawn."""

    class Stop(keras.callbacks.Callback):
        at = 3

        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations == self.at:
                raise KeyboardInterrupt

    checkpoints = {"every_steps": 1}
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "run", callbacks=[Stop()], checkpoints=checkpoints)
    Stop.at = -1
    fit(tmp_path / "run", callbacks=[Stop()], resume=True, checkpoints=checkpoints)
    run, _ = finished
    weights = [one.load_model("last").get_weights() for one in (run, RunFolder(tmp_path / "run"))]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=1e-5)
