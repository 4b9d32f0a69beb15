"""What holds for every BAM."""

import draws
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_bam.layers import BAM

same_each_time = settings(max_examples=20, deadline=None, derandomize=True, database=None)


@st.composite
def arguments_and_shapes(draw):
    """Arguments of a BAM and the channels-last shape of its input, often smaller than the reach of
    its dilated convolutions."""
    shape = draw(st.lists(st.integers(1, 7), min_size=1, max_size=3))
    channels = draw(st.integers(1, 12))
    arguments = {
        "reduction_ratio": draw(st.integers(1, channels)),
        "dilation_rate": draw(st.integers(1, 5)),
        "normalization": draw(st.sampled_from(["end", "hidden", "both"])),
        "combine": draw(st.sampled_from(["add", "multiply", "maximum"])),
        "activation": draw(st.sampled_from(["relu", None])),
        "data_format": draw(st.sampled_from(["channels_last", "channels_first"])),
        "kernel_initializer": "zeros",  # `draws` fills them
    }
    return arguments, (draw(st.integers(1, 3)), *shape, channels)


@pytest.mark.slow  # JAX compiles every operation anew for each shape: 2 s an example
@same_each_time
@given(arguments_and_shapes(), st.booleans())
def test_output(arguments_and_shape, training):
    """The input's shape, and F <= F' <= 2F where F is positive; in inference the reference's."""
    arguments, shape = arguments_and_shape
    features = np.abs(draws.features(*shape))
    first = arguments["data_format"] == "channels_first"
    given_features = np.moveaxis(features, -1, 1) if first else features
    layer = BAM(**arguments)
    layer.build(given_features.shape)
    weights = draws.weights(layer)
    output = draws.array(layer(given_features, training=training))
    output = np.moveaxis(output, 1, -1) if first else output
    assert output.shape == shape
    assert np.isfinite(output).all()
    assert (features <= output).all() and (output <= 2 * features).all()
    if not training:  # in training a batch of one or two makes rounding errors as large as signals
        expected = reference.Bam(
            weights,
            dilation_rate=arguments["dilation_rate"],
            normalization=arguments["normalization"],
            combine=arguments["combine"],
            activation=reference.relu if arguments["activation"] else reference.identity,
        )(features.astype("float64"))
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)


@same_each_time
@given(arguments_and_shapes())
def test_config_round_trip(arguments_and_shape):
    arguments, _ = arguments_and_shape
    layer = BAM(**arguments)
    assert BAM.from_config(layer.get_config()).get_config() == layer.get_config()
