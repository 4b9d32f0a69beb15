import json

import device_processes as run
import keras
import pytest

BACKEND = keras.backend.backend()


@pytest.mark.slow
def test_fit_on_two_parts_of_the_processor(tmp_path):
    """From the command line; on PyTorch it starts its processes itself."""
    arguments = "-m keras_bam fit digits --devices cpu:2 --epochs 1 --batch-size 256"
    folder = tmp_path / "run"
    output = run.finish(run.start(*arguments.split(), "--run-dir", folder))
    assert output.count(f"run folder     {folder}") == 1
    versions = json.loads((folder / "versions.json").read_text())
    assert versions["devices"] == 2
    assert versions["processes"] == (2 if BACKEND == "torch" else 1)
    seen = {"jax": "the whole batch"}.get(BACKEND, "one device's share of the batch")
    assert versions["batch_norm_sees"] == seen
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "finished" and summary["last"]["accuracy"] > 0.1
    again = run.finish(run.start(*arguments.split(), "--run-dir", folder), expected=2)
    assert "already holds a run" in again
