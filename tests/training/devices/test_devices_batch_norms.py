import keras
import tiny

from keras_bam.training.devices.batch_norms import batch_norms, moving_statistics


def test_those_within_other_layers_and_not_the_frozen():
    model = tiny.with_bam()
    found = batch_norms(model)
    assert len(found) == 2  # of the channel and of the spatial branch
    assert all(isinstance(layer, keras.layers.BatchNormalization) for layer in found)
    found[0].trainable = False
    assert batch_norms(model) == found[1:]
    assert [variable.name for variable in moving_statistics(model)] == [
        "moving_mean",
        "moving_variance",
    ]
