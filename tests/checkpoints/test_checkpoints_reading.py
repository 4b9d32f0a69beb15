import keras
import numpy as np
import pytest

from keras_bam.checkpoints import safetensors_file
from keras_bam.checkpoints.reading import is_checkpoint, read_state

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", ["a.pth", "a.PT", "a.pth.tar", "a.safetensors", "a.weights.h5"])
def test_names_of_checkpoints(name):
    assert is_checkpoint(f"folder/{name}")


def test_another_suffix(tmp_path):
    message = r"a.tar is no checkpoint by its suffix: known are .pth, .pt, .pth.tar, .safetensors, "
    with pytest.raises(ValueError, match=message):
        read_state(tmp_path / "a.tar")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="a.pth"):
        read_state(tmp_path / "a.pth")


@pytest.mark.parametrize("prefix", ["", "module."])
def test_the_prefix_and_the_counts_go(prefix, tmp_path):
    state = {"a.weight": np.ones(2, np.float16), "a.num_batches_tracked": np.zeros((), np.int64)}
    path = tmp_path / "a.safetensors"
    safetensors_file.write(path, {prefix + key: array for key, array in state.items()})
    found = read_state(path)
    assert list(found) == ["a.weight"]
    assert (found["a.weight"].dtype, found["a.weight"].tolist()) == (np.float32, [1, 1])


def test_weights_that_are_no_numbers(tmp_path):
    safetensors_file.write(tmp_path / "a.safetensors", {"a": np.ones(2, np.int8)})
    with pytest.raises(ValueError, match="a.safetensors: a holds int8, and weights are floating-"):
        read_state(tmp_path / "a.safetensors")


def test_a_model():
    image = keras.Input((2,))
    model = keras.Model(image, keras.layers.Dense(1, name="dense")(image))
    assert list(read_state(model)) == ["dense/kernel", "dense/bias"]
