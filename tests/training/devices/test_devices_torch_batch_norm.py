import keras
import pytest


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="for PyTorch")
def test_a_mask_is_refused():
    from keras_bam.training.devices.torch_batch_norm import _moments

    layer = keras.layers.BatchNormalization(name="masked")
    with pytest.raises(ValueError, match="batch norm 'masked' has a mask"):
        _moments(layer, None, mask=True)
