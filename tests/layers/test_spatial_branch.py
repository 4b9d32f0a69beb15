import draws
import numpy as np
import pytest
import reference

from keras_bam.layers import SpatialBranch


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("normalization", ["end", "hidden", "both"])
def test_equals_the_reference(normalization, training):
    features = draws.features(4, 4, 5, 8)
    layer = SpatialBranch(2, dilation_rate=3, normalization=normalization)
    layer.build(features.shape)
    weights = {f"spatial/{path}": value for path, value in draws.weights(layer).items()}
    expected = reference.Bam(
        weights, dilation_rate=3, normalization=normalization, training=training
    )
    logits = draws.array(layer(features, training=training))
    wanted = expected.spatial(features.astype("float64"))
    np.testing.assert_allclose(logits, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "data_format, shape, output_shape",
    [
        ("channels_last", (None, None, None, 8), (None, None, None, 1)),
        ("channels_last", (2, 5, 8), (2, 5, 1)),
        ("channels_first", (2, 8, 3, 4, 5), (2, 1, 3, 4, 5)),
    ],
)
def test_output_shape(data_format, shape, output_shape):
    layer = SpatialBranch(2, data_format=data_format)
    assert layer.compute_output_shape(shape) == output_shape


def test_wrong_arguments():
    with pytest.raises(ValueError, match="normalization must be one of .*'end'.*received 'start'"):
        SpatialBranch(normalization="start")
    with pytest.raises(ValueError, match="dilation_rate must be a positive integer, received 0"):
        SpatialBranch(dilation_rate=0)
