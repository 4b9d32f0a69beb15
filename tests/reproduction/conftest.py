import csv
import json

import pytest
import tiny

from keras_bam import training
from keras_bam.reproduction import pairing, reproduce
from keras_bam.training import RunFolder


class Fits:
    """In the place of `training.fit`: leaves what a run leaves, and trains nothing."""

    def __init__(self):
        self.seen = []  # (name of the folder, resume, overwrite)
        self.fail = {}  # what is raised instead, by the name of the folder
        self.errors = {}  # by the name of the folder, 0.5 for others

    def __call__(self, model, dataset, recipe, run_dir, *, config, resume, overwrite):
        run = RunFolder(run_dir)
        self.seen.append((run.path.name, resume, overwrite))
        if not resume:
            run = RunFolder.create(run_dir, overwrite)
            run.write_config({**config, "recipe": {**config["recipe"], **vars(recipe)}})
            run.write_json("versions.json", training.fitting.versions())
        (run.path / "checkpoints").mkdir(exist_ok=True)
        summary = {"parameters": 10, "multiply_adds": 20, "seconds": 1.5}
        if run.path.name in self.fail:
            (run.path / "checkpoints" / "epoch-0000-step-000000.checkpoint").touch()
            raise self.fail.pop(run.path.name)
        with run["log.csv"].open("w", newline="") as file:
            csv.writer(file).writerows([["epoch", "seconds"], [1, 2.0], [2, 3.0]])
        accuracy = 1 - self.errors.get(run.path.name, 0.5)
        summary |= {"status": "finished", "last": {"accuracy": accuracy}}
        run["summary.json"].write_text(json.dumps(summary))


@pytest.fixture
def fits(monkeypatch):
    """`training.fit` trains nothing, and no network is built."""
    fake = Fits()
    monkeypatch.setattr(training, "fit", fake)
    monkeypatch.setattr(pairing, "build", lambda row, dataset, seed: None)
    return fake


@pytest.fixture
def small(tmp_path):
    """-> `reproduce` of baseline and BAM of Table 1b with two seeds on tiny images."""

    def run(table="1b", **arguments):
        given = {"rows": [1, 6], "models": ["CifarResNetSmall"], "seeds": 2, "epochs": 2}
        return reproduce(
            table, tiny.dataset(), tmp_path / "runs", **{**given, "batch_size": 8, **arguments}
        )

    return run
