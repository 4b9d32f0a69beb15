import keras
import numpy as np
import pytest

from keras_bam import explain
from keras_bam.layers import BAM


def network():
    return keras.Sequential(
        [
            keras.Input((4, 4, 2)),
            keras.layers.Conv2D(4, 3, padding="same", use_bias=False),
            BAM(reduction_ratio=2, kernel_initializer="ones"),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )


def test_one_step_of_training_shows():
    model = network()
    assert explain.never_trained(model) is True
    model.compile("sgd", "mse")
    rng = np.random.default_rng(0)
    model.train_on_batch(rng.normal(size=(4, 4, 4, 2)), rng.normal(size=(4, 4)))
    assert explain.never_trained(model) is False
    assert explain.never_trained(model.layers[1]) is False


@pytest.mark.parametrize("name", ["bias", "beta", "moving_mean", "moving_variance"])
def test_anything_that_moved_shows(name):
    layer = BAM(reduction_ratio=2)
    layer.build((None, 4, 4, 2))
    assert explain.never_trained(layer) is True
    moved = [variable for variable in layer.variables if variable.name == name][-1]
    moved.assign(moved + 1e-3)
    assert explain.never_trained(layer) is False


def test_nothing_to_tell_by():
    layer = keras.layers.Dense(2, use_bias=False)
    layer.build((None, 3))
    assert explain.never_trained(layer) is None
