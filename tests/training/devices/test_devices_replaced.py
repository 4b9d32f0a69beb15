import keras
import pytest

from keras_bam.training.devices.replaced import replaced


def test_the_class_shows_again_after_an_error():
    layer = keras.layers.Dense(2)
    with pytest.raises(KeyError), replaced(layer, count_params=lambda: 7):
        assert layer.count_params() == 7
        assert keras.layers.Dense.count_params is not layer.count_params
        raise KeyError
    layer.build((None, 3))
    assert layer.count_params() == 8
