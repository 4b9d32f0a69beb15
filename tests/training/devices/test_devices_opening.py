import keras
import pytest
import tiny

from keras_bam.training import Devices, Recipe, fit, open_devices
from keras_bam.training.devices import run_in_processes

BACKEND = keras.backend.backend()


def on(backend):
    return pytest.mark.skipif(backend != BACKEND, reason=f"for {backend}")


def test_one_device_needs_nothing():
    devices = open_devices("1")
    assert type(devices) is Devices
    assert run_in_processes("1", ["fit"]) is None


@pytest.mark.parametrize(
    "devices, options, message",
    [
        ("64", {}, "devices=64, and there are"),
        ("gpu:2", {}, "devices must be like all, 2 or cpu:4"),
        ("1", {"processes": 2}, "processes and process are nothing without coordinator"),
        pytest.param(
            *("1", {"synchronize_batch_norm": True}, "on JAX batch norm sees the whole batch"),
            marks=on("jax"),
        ),
        pytest.param(
            *("1", {"coordinator": "a:1"}, "coordinator='a:1' needs processes and process"),
            marks=on("jax"),
        ),
        pytest.param("cpu:64", {}, "JAX has started with .* device", marks=on("jax")),
        pytest.param("cpu:64", {}, "TensorFlow has started with 1 device", marks=on("tensorflow")),
        pytest.param(
            *("1", {"coordinator": "cluster"}, "several TensorFlow workers are not supported"),
            marks=on("tensorflow"),
        ),
        pytest.param("cpu:2", {}, "torchrun --nproc-per-node 2 script.py", marks=on("torch")),
        pytest.param(
            *("1", {"coordinator": "a:1"}, "coordinator is for JAX; on PyTorch torchrun"),
            marks=on("torch"),
        ),
    ],
)
def test_mistakes(devices, options, message):
    keras.ops.ones(())  # the backend has started
    with pytest.raises(ValueError, match=message):
        open_devices(devices, **options)


@on("tensorflow")
def test_workers_of_tensorflow_in_the_environment(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")
    with pytest.raises(ValueError, match="MultiWorkerMirroredStrategy fails"):
        open_devices("1")


def test_a_batch_that_does_not_divide_leaves_no_folder(tmp_path):
    devices = Devices()
    devices.count = 3
    with pytest.raises(ValueError, match="does not divide among 3 devices"):
        fit(tiny.linear(), tiny.dataset(), Recipe(batch_size=8), tmp_path / "run", devices=devices)
    assert list(tmp_path.iterdir()) == []
