"""What is saved on this process's backend loads on the other two."""

import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_bam.backend_choice import BACKENDS
from keras_bam.training import RunFolder

OTHERS = [name for name in BACKENDS if name != keras.backend.backend()]
PREDICT = """
import sys, keras, keras_bam, numpy as np
backend, images, *paths = sys.argv[1:]
assert keras.backend.backend() == backend
for path in paths:
    predictions = keras.saving.load_model(path).predict(np.load(images), verbose=0)
    np.save(path.replace(".keras", ".npy"), predictions)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", OTHERS)
def test_models_of_a_run_and_of_plain_save(backend, finished, tmp_path):
    if importlib.util.find_spec(BACKENDS[backend]) is None:
        pytest.skip(f"{backend} is not installed")
    images = np.random.default_rng(0).normal(size=(5, 8, 8, 1)).astype("float32")
    np.save(tmp_path / "images.npy", images)
    model = RunFolder.open(finished.folder).load_model("last")
    model.save(tmp_path / "plain.keras")
    (tmp_path / "last.keras").write_bytes((finished.folder / "last.keras").read_bytes())
    paths = [tmp_path / "plain.keras", tmp_path / "last.keras"]
    subprocess.run(
        [sys.executable, "-c", PREDICT, backend, tmp_path / "images.npy", *paths],
        env={**os.environ, "KERAS_BACKEND": backend},
        check=True,
    )
    expected = model.predict(images, verbose=0)
    for path in paths:
        np.testing.assert_allclose(np.load(path.with_suffix(".npy")), expected, atol=1e-5)
