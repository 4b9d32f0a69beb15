import subprocess

import keras
import numpy as np
import pytest

from keras_bam.export import child, saved_model


@keras.saving.register_keras_serializable("tests")
class Refusing(keras.layers.Layer):
    """Takes batches of two."""

    def call(self, features):
        if features.shape[0] != 2:
            raise TypeError(f"{features.shape[0]} is no pair")
        return features


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="elsewhere every test goes through the child"
)
def test_from_tensorflow_too(network, images, tmp_path):
    child.write_graph_in_child(network, (None, 12, 16, 3), "float32", tmp_path / "graph")
    found = saved_model.load(tmp_path / "graph").run(images)[0]
    np.testing.assert_allclose(found, network.predict(images, verbose=0), atol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]


def test_its_error_is_ours(tmp_path):
    image = keras.Input((4,), batch_size=2)
    model = keras.Model(image, Refusing(name="odd_one")(image), name="refusing")
    message = "(?s)'refusing' does not run on TensorFlow: .*Refusing.call.*None is no pair"
    with pytest.raises(ValueError, match=message):
        child.write_graph_in_child(model, (None, 4), "float32", tmp_path / "graph")


def test_a_class_that_the_child_can_not_import(tmp_path, monkeypatch):
    monkeypatch.setattr(Refusing, "__module__", "__main__")
    image = keras.Input((4,), batch_size=2)
    model = keras.Model(image, Refusing()(image))
    message = "the class Refusing is in the script that runs.*put it into a module of its own"
    with pytest.raises(ValueError, match=message):
        child.write_graph_in_child(model, (2, 4), "float32", tmp_path / "graph")


def test_a_child_that_dies(network, tmp_path, monkeypatch):
    def died(*arguments, **options):
        return subprocess.CompletedProcess(arguments, -9, "", "out of memory")

    monkeypatch.setattr(subprocess, "run", died)
    with pytest.raises(ChildProcessError, match="(?s)'both_forms'.*status -9:\nout of memory"):
        child.write_graph_in_child(network, (None, 12, 16, 3), "float32", tmp_path / "graph")
