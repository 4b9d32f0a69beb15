import json
import signal
import time

import device_processes as run
import keras
import pytest

from keras_bam import training

BACKEND = keras.backend.backend()


@pytest.mark.slow
def test_fit_on_two_parts_of_the_processor_is_terminated_and_goes_on(tmp_path):
    """Devices, resume and recipe from the command line; PyTorch's processes it starts itself."""
    folder = tmp_path / "run"
    begin = (
        "-m keras_bam fit digits --devices cpu:2 --recipe quick --epochs 1 --batch-size 256 "
        "--deterministic --checkpoint-steps 1 --run-dir"
    )
    process = run.start(*begin.split(), folder)
    while process.poll() is None and not list(folder.glob("checkpoints/*.checkpoint")):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    run.finish(process, expected=training.EXIT_CODE)
    assert json.loads((folder / "summary.json").read_text())["status"] == "preempted"

    output = run.finish(run.start("-m", "keras_bam", "fit", "--resume", folder))
    assert output.count(f"run folder     {folder}") == 1
    versions = json.loads((folder / "versions.json").read_text())
    assert versions["devices"] == 2
    assert versions["processes"] == (2 if BACKEND == "torch" else 1)
    seen = {"jax": "the whole batch"}.get(BACKEND, "one device's share of the batch")
    assert versions["batch_norm_sees"] == seen
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "finished" and summary["last"]["accuracy"] > 0.1
    again = run.finish(run.start(*begin.split(), folder), expected=2)
    assert "already holds a run" in again
