import device_run
import keras
import pytest
from normalised_apart import normalised_apart

from keras_bam.training import Devices


@pytest.fixture(scope="session")
def on_one_device():
    """{case: logs and weights}, in this process."""
    results = {
        name: device_run.train(Devices(), device_run.CASES[name][0]) for name in ("plain", "mixed")
    }
    if keras.backend.backend() == "jax":
        return results | {"apart": results["plain"]}
    with normalised_apart(2):
        recipe, _ = device_run.CASES["apart"]
        return results | {"apart": device_run.train(Devices(), recipe, run_eagerly=True)}
