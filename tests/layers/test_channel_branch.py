import draws
import numpy as np
import pytest
import reference

from keras_bam.layers import ChannelBranch


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("normalization", ["end", "hidden", "both"])
def test_equals_the_reference(normalization, training):
    features = draws.features(5, 4, 3, 8)
    layer = ChannelBranch(2, normalization=normalization)
    layer.build(features.shape)
    weights = {f"channel/{path}": value for path, value in draws.weights(layer).items()}
    expected = reference.Bam(weights, normalization=normalization, training=training)
    logits = draws.array(layer(features, training=training))
    wanted = expected.channel(features.astype("float64"))
    np.testing.assert_allclose(logits, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "data_format, shape, output_shape",
    [
        ("channels_last", (None, None, None, 8), (None, 1, 1, 8)),
        ("channels_last", (2, 5, 8), (2, 1, 8)),
        ("channels_first", (2, 8, 3, 4, 5), (2, 8, 1, 1, 1)),
    ],
)
def test_output_shape(data_format, shape, output_shape):
    layer = ChannelBranch(2, data_format=data_format)
    assert layer.compute_output_shape(shape) == output_shape


def test_normalization_must_be_told():
    with pytest.raises(ValueError, match="normalization must be one of .*'end'.*received None"):
        ChannelBranch(normalization=None)
