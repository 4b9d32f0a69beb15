"""Exact resume on several devices, and on another number of them."""

import shutil

import device_processes as run
import keras
import numpy as np

BACKEND = keras.backend.backend()
SCRIPT = run.SCRIPT.with_name("resumed_run.py")
ON_TWO = (*run.TORCHRUN, SCRIPT) if BACKEND == "torch" else (SCRIPT, "--devices", "cpu:2")


def result(folder):
    with np.load(folder / "result.0.npz") as found:
        return dict(found)


def test_a_killed_run_goes_on(tmp_path):
    whole, killed, on_one = (tmp_path / name for name in ("whole", "killed", "on_one"))
    run.finish(run.start(*ON_TWO, whole))
    last = "1" if BACKEND == "torch" else "0"
    run.finish(run.start(*ON_TWO, killed, "--kill", last), 1 if BACKEND == "torch" else -9)
    shutil.copytree(killed, on_one)
    run.finish(run.start(*ON_TWO, killed))
    expected, found = result(whole), result(killed)
    assert [name for name in expected if found[name].tobytes() != expected[name].tobytes()] == []
    assert (killed / "log.csv").read_text() == (whole / "log.csv").read_text()

    output = run.finish(run.start(SCRIPT, on_one, "--devices", "1"))
    assert "devices: 2 when the checkpoint was written, 1 now; the run goes on" in output
    losses = result(on_one)["loss"]
    assert len(losses) == 3
    assert losses[0] == expected["loss"][0]  # by two devices, before the kill
