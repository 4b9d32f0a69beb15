import itertools

import draws
import keras
import numpy as np
import pytest
import reference

from keras_bam.layers import BAM

# Trainable parameters of one BAM by channels, counted from the paper's equations and from the
# released code with reduction_ratio 16: with C channels and h = C // 16, 3Ch + 18hh + h weights and
# C + 4h + 1 biases; batch norm adds 2C + 2 at the end, 8h when hidden.
PARAMETERS = [  # channels, "hidden" (released code), "end" (equations 3 and 4), "both"
    (64, 1_173, 1_271, 1_303),
    (89, 1_940, 2_080, 2_120),
    (96, 2_551, 2_697, 2_745),
    (108, 2_779, 2_949, 2_997),
    (128, 4_457, 4_651, 4_715),
    (150, 5_776, 6_006, 6_078),
    (160, 6_891, 7_133, 7_213),
    (179, 8_408, 8_680, 8_768),
    (192, 9_853, 10_143, 10_239),
    (216, 11_852, 12_182, 12_286),
    (256, 17_361, 17_747, 17_875),
    (300, 22_567, 23_025, 23_169),
    (320, 26_981, 27_463, 27_623),
    (358, 32_985, 33_527, 33_703),
    (384, 38_713, 39_291, 39_483),
    (512, 68_513, 69_283, 69_539),
    (1024, 272_193, 273_731, 274_243),
    (2048, 1_085_057, 1_088_131, 1_089_155),
]

PLACES_OF_NORM = ["end", "hidden", "both"]
BRANCHES_AND_COMBINE = [
    (("channel", "spatial"), "add"),
    (("channel", "spatial"), "multiply"),
    (("channel", "spatial"), "maximum"),
    (("channel",), None),
    (("spatial",), None),
]
# Not square, smaller than the dilation in every direction, even and odd sizes, one to three
# spatial dimensions, batch 1.
SHAPES = [(5, 11, 8), (5, 3, 5, 8), (4, 12, 9, 8), (1, 7, 6, 8), (6, 3, 1, 8), (4, 4, 6, 5, 8)]


def assert_equal_to_reference(layer, shape, training=False, **of_reference):
    """Output and M, Mc, Ms of `layer`, with random weights, within 1e-5 of the reference."""
    features = draws.features(*shape)
    first = layer.data_format == "channels_first"
    given = np.moveaxis(features, -1, 1) if first else features
    layer.build(given.shape)
    # Seed 1 leaves a margin of 3. In training other draws come to the tolerance, or just past it on
    # PyTorch: where a branch is nearly constant its last batch norm magnifies float32's rounding.
    weights = draws.weights(layer, seed=1)
    expected = reference.Bam(weights, training=training, **of_reference)
    outputs = [*layer.attention(given, training=training), layer(given, training=training)]
    wanted = [*expected.attention(features.astype("float64")), expected(features.astype("float64"))]
    for output, want in zip(outputs, wanted, strict=True):
        assert (output is None) == (want is None)
        if output is not None:
            output = np.moveaxis(draws.array(output), 1, -1) if first else draws.array(output)
            np.testing.assert_allclose(output, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("branches, combine", BRANCHES_AND_COMBINE)
@pytest.mark.parametrize("normalization", PLACES_OF_NORM)
def test_equals_the_reference(normalization, branches, combine, training):
    arguments = {"normalization": normalization, "combine": combine}
    layer = BAM(2, branches=branches, **arguments)
    assert_equal_to_reference(layer, (5, 5, 3, 8), training, **arguments)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_reference_for_every_shape(shape, data_format):
    arguments = {"layer_scale_init_value": 1, "kernel_initializer": "zeros"}  # drawn anew below
    layer = BAM(2, normalization="both", data_format=data_format, **arguments)
    assert_equal_to_reference(layer, shape, training=shape[0] > 1, normalization="both")


@pytest.mark.parametrize("reduction_ratio, dilation_rate", [(1, 1), (3, 2), (8, 5)])
def test_equals_the_reference_for_every_ratio_and_dilation(reduction_ratio, dilation_rate):
    layer = BAM(reduction_ratio, dilation_rate, kernel_initializer="zeros")
    assert_equal_to_reference(layer, (1, 7, 6, 8), dilation_rate=dilation_rate)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("scale", [None, 0, 1e-4, 1])
@pytest.mark.parametrize("activation", ["relu", None])
def test_equals_the_reference_with_activation_and_scale(activation, scale, training):
    layer = BAM(2, activation=activation, layer_scale_init_value=scale)
    function = reference.relu if activation else reference.identity
    assert_equal_to_reference(layer, (4, 6, 5, 8), training, activation=function)


@pytest.mark.parametrize(
    "form, normalization, combine", [("paper", "end", "add"), ("official", "hidden", "multiply")]
)
def test_form_presets_normalization_and_combination(form, normalization, combine):
    assert_equal_to_reference(
        BAM(2, form=form), (2, 5, 6, 8), normalization=normalization, combine=combine
    )
    assert_equal_to_reference(
        BAM(2, form=form, combine="maximum"),
        (2, 5, 6, 8),
        normalization=normalization,
        combine="maximum",
    )
    assert_equal_to_reference(
        BAM(2, form=form, normalization="both"),
        (2, 5, 6, 8),
        normalization="both",
        combine=combine,
    )


def test_epsilon_is_that_of_every_batch_norm():
    layer = BAM(2, normalization="both", epsilon=0.1)
    assert_equal_to_reference(layer, (4, 5, 6, 8), True, normalization="both", epsilon=0.1)


def test_attention_of_an_unbuilt_layer():
    features = draws.features(2, 5, 6, 8)
    layer = BAM(2, layer_scale_init_value=3.0)
    attention, channel, spatial = map(draws.array, layer.attention(features))
    assert attention.shape == (2, 5, 6, 8)
    assert channel.shape == (2, 1, 1, 8)
    assert spatial.shape == (2, 5, 6, 1)
    np.testing.assert_allclose(
        draws.array(layer(features)), features * (1 + 3 * attention), rtol=1e-5
    )


@pytest.mark.parametrize("channels, hidden, end, both", PARAMETERS)
def test_parameters(channels, hidden, end, both):
    counts = {"hidden": hidden, "end": end, "both": both}
    for normalization, expected in counts.items():
        layer = BAM(normalization=normalization, kernel_initializer="zeros")
        layer.build((None, None, None, channels))
        assert sum(np.prod(w.shape) for w in layer.trainable_weights) == expected


def test_layer_scale_adds_one_parameter_a_channel():
    layer = BAM(layer_scale_init_value=0)
    layer.build((None, None, None, 64))
    assert sum(np.prod(w.shape) for w in layer.trainable_weights) == 1_271 + 64


def test_kernels_of_one_seed():
    initializer = keras.initializers.HeNormal(seed=5)
    one, other = (BAM(2, kernel_initializer=initializer) for _ in range(2))
    for layer in (one, other):
        layer.build((None, 6, 6, 8))
    kernels = [draws.array(w).ravel() for w in one.weights if w.path.endswith("kernel")]
    for first, second in itertools.combinations(kernels, 2):  # dilated_1 and dilated_2 among them
        assert first.size != second.size or np.abs(first - second).max() > 0.1
    for mine, theirs in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"reduction_ratio": 0}, "reduction_ratio must be a positive integer, received 0"),
        ({"reduction_ratio": 4.0}, "reduction_ratio must be a positive integer, received 4.0"),
        ({"dilation_rate": -1}, "dilation_rate must be a positive integer, received -1"),
        ({"dilation_rate": "4"}, "dilation_rate must be a positive integer, received '4'"),
        ({"form": "papers"}, r"form must be one of \['paper', 'official'\], received 'papers'"),
        ({"form": ["paper"]}, r"form must be one of .*, received \['paper'\]"),
        ({"normalization": "start"}, "normalization must be one of .*'hidden'.*received 'start'"),
        ({"combine": "sum"}, "combine must be one of .*'add'.*received 'sum'"),
        ({"branches": "temporal"}, "branches must be one or both of .*received 'temporal'"),
        ({"branches": ()}, r"branches must be one or both of .*received \(\)"),
        ({"branches": None}, "branches must be one or both of .*received None"),
        ({"branches": ["channel", "channel"]}, "branches must be one or both of .*received"),
        ({"branches": "channel", "combine": "add"}, "combine='add' with branches='channel'"),
        ({"activation": "rellu"}, "activation must be None, a callable or .*received 'rellu'"),
        ({"activation": 3}, "activation must be None, a callable or .*received 3"),
        ({"layer_scale_init_value": "0"}, "layer_scale_init_value must be .*received '0'"),
        ({"layer_scale_init_value": True}, "layer_scale_init_value must be .*received True"),
        ({"data_format": "NHWC"}, "data_format must be one of .*received 'NHWC'"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        BAM(**arguments)
