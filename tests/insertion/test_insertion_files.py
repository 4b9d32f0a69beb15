"""What `insert` made on this process's backend loads on the other two."""

import importlib.util
import os
import subprocess
import sys

import graphs
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.backend_choice import BACKENDS
from keras_bam.layers import BAM

OTHERS = [name for name in BACKENDS if name != keras.backend.backend()]
LOAD = """
import json, sys, keras, keras_bam, numpy as np, graphs
backend, folder, *names = sys.argv[1:]
assert keras.backend.backend() == backend
for name in names:
    model = keras.saving.load_model(f"{folder}/{name}.keras")
    outputs = keras.tree.flatten(model.predict(graphs.batch(model), verbose=0))
    np.savez(f"{folder}/{name}.npz", *outputs)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", OTHERS)
def test_models_of_every_form_load(backend, tmp_path):
    if importlib.util.find_spec(BACKENDS[backend]) is None:
        pytest.skip(f"{backend} is not installed")
    models = {
        name: keras_bam.insert(make(), BAM(reduction_ratio=4), after=place)
        for name, (make, place) in graphs.ALL.items()
    }
    models["one_module"] = keras_bam.insert(
        graphs.called_twice(), BAM(reduction_ratio=4), ["shared", "relu"], share_weights=True
    )
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
    tests = os.path.dirname(graphs.__file__)
    subprocess.run(
        [sys.executable, "-c", LOAD, backend, tmp_path, *models],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": tests},
        check=True,
    )
    for name, model in models.items():
        expected = keras.tree.flatten(model.predict(graphs.batch(model), verbose=0))
        loaded = np.load(tmp_path / f"{name}.npz").values()
        for a, b in zip(loaded, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", graphs.ALL)
def test_models_of_every_form_load_here(name, tmp_path):
    make, place = graphs.ALL[name]
    model = keras_bam.insert(make(), BAM(reduction_ratio=4), after=place)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = graphs.batch(model)
    keras.tree.map_structure(
        np.testing.assert_array_equal, again.predict(x, verbose=0), model.predict(x, verbose=0)
    )
