import socket
from types import SimpleNamespace

import device_processes as run
import keras
import numpy as np
import pytest
import tiny

from keras_bam.training import Recipe

pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="for JAX")


def free_address():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return f"localhost:{probe.getsockname()[1]}"


def test_four_devices_are_one(tmp_path, on_one_device):
    run.finish(run.start(run.SCRIPT, tmp_path / "out", "--devices", "cpu:4"))
    run.check_equal(tmp_path / "out.0.npz", on_one_device)


def start_two(out, *arguments):
    coordinator = "--devices", "cpu:2", "--coordinator", free_address(), 2
    return [run.start(run.SCRIPT, out, *coordinator, i, *arguments) for i in (0, 1)]


def test_two_processes_of_two_devices_are_one(tmp_path, on_one_device):
    for process in start_two(tmp_path / "out"):
        run.finish(process)
    for process in (0, 1):
        run.check_equal(tmp_path / f"out.{process}.npz", on_one_device)


@pytest.mark.slow
def test_a_lost_process_ends_the_other(tmp_path):
    first, second = start_two(tmp_path / "out", "--kill", 1)
    run.finish(second, expected=-9)
    output, _ = first.communicate(timeout=300)
    assert first.returncode != 0, output
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_one_device_and_fewer_rows_in_a_process(monkeypatch):
    import jax

    from keras_bam.training.devices.jax_devices import JaxDevices

    devices = JaxDevices(jax.devices("cpu"))
    with devices.scope():
        model = tiny.linear()
    devices.check(model, Recipe(batch_size=8), on_error="skip")
    devices.processes = 2
    with pytest.raises(ValueError, match="on_error='skip' would leave some of the JAX processes"):
        devices.check(model, Recipe(batch_size=8), on_error="skip")
    monkeypatch.setattr(devices, "_mesh", SimpleNamespace(devices=np.array(["another"])))
    with pytest.raises(ValueError, match="'linear' was built on one device; build it within dev"):
        devices.check(model, Recipe(batch_size=8))
