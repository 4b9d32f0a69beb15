import keras
import numpy as np
import pytest

from keras_bam.explain.images import as_batch, channels_last


def model(*shape):
    return keras.Sequential([keras.Input(shape), keras.layers.ReLU()], name="small")


def test_a_batch_or_a_list():
    images = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    for given in (images, list(images)):
        batch = as_batch(model(None, None, 3), given)
        assert batch.dtype == "float32"
        np.testing.assert_array_equal(batch, images)


@pytest.mark.parametrize(
    "images, message",
    [
        ([np.ones((4, 4, 3)), np.ones((4, 5, 3))], r"one shape, received \(4, 4, 3\) and \(4, 5,"),
        ([], "received none"),
        (np.ones((1, 4, 5, 3)), r"shape \(1, 4, 5, 3\), and 'small' takes \(None, 4, 4, 3\)"),
        (np.ones((4, 4, 3)), r"shape \(4, 4, 3\), and 'small' takes \(None, 4, 4, 3\), the batch"),
    ],
)
def test_images_that_do_not_fit(images, message):
    with pytest.raises(ValueError, match=message):
        as_batch(model(4, 4, 3), images)


def test_several_inputs():
    inputs = [keras.Input((2,)), keras.Input((2,))]
    with pytest.raises(ValueError, match="has several inputs"):
        as_batch(keras.Model(inputs, keras.layers.Add()(inputs)), np.ones((1, 2)))


def test_channels_move_to_the_end():
    assert channels_last(np.ones((1, 2, 3, 4)), "channels_first").shape == (1, 3, 4, 2)
    assert channels_last(np.ones((1, 2, 3, 4)), "channels_last").shape == (1, 2, 3, 4)
