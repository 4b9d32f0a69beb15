"""What all layers of the package have in common."""

import json
import os
import subprocess
import sys

import draws
import keras
import numpy as np
import pytest
from keras.src.testing import TestCase

from keras_bam.layers import BAM, ChannelBranch, SpatialBranch, SqueezeExcite

LAYERS = [BAM, ChannelBranch, SpatialBranch, SqueezeExcite]
SHAPE = (2, 3, 5, 8)
OUTPUT_SHAPES = {BAM: SHAPE, ChannelBranch: (2, 1, 1, 8), SpatialBranch: (2, 3, 5, 1)}
KERAS_SHUFFLES = "ignore:`shuffle=True` was passed:UserWarning"
NO_OWN_INT8 = "ignore:Layer .* does not have a `quantize` method:UserWarning"

CONFIGURATIONS = [  # layer, arguments; input shape; weights trainable, not trainable; regularized
    (BAM, {}, SHAPE, 16, 4, 0),
    (BAM, {"form": "official", "kernel_regularizer": "l2"}, SHAPE, 20, 8, 6),
    (BAM, {"normalization": "both", "layer_scale_init_value": 0.1}, SHAPE, 25, 12, 0),
    pytest.param(BAM, {"combine": "maximum"}, (2, 6, 8), 16, 4, 0, marks=pytest.mark.slow),
    pytest.param(
        *(BAM, {"branches": "spatial", "data_format": "channels_first"}),
        *((2, 8, 3, 4, 5), 10, 2, 0),
        marks=pytest.mark.slow,
    ),
    (ChannelBranch, {"normalization": "both", "kernel_regularizer": "l1"}, SHAPE, 8, 4, 2),
    (SpatialBranch, {"activation": "gelu", "dilation_rate": 1}, SHAPE, 10, 2, 0),
    (SqueezeExcite, {"activation": None, "kernel_regularizer": "l2"}, SHAPE, 4, 0, 2),
    (SqueezeExcite, {"data_format": "channels_first"}, (2, 8, 7), 4, 0, 0),
]


@pytest.mark.filterwarnings(KERAS_SHUFFLES)  # `run_layer_test` fits on a generator
@pytest.mark.parametrize(
    "layer, arguments, shape, trainable, non_trainable, regularized", CONFIGURATIONS
)
def test_keras_own_check(layer, arguments, shape, trainable, non_trainable, regularized):
    """Keras's own `run_layer_test`: config, build, symbolic and eager call, a step of training,
    and, where the backend has it, mixed precision."""
    arguments = {"reduction_ratio": 2, **arguments}
    case = TestCase()
    case.run_layer_test(
        layer,
        arguments,
        input_shape=shape,
        expected_output_shape=layer(**arguments).compute_output_shape(shape),
        expected_output_dtype="float32",
        expected_num_trainable_weights=trainable,
        expected_num_non_trainable_weights=non_trainable,
        expected_num_seed_generators=0,
        expected_num_losses=regularized,
    )
    case.doCleanups()


def output(layer, features, **arguments):
    return draws.array(keras.ops.cast(layer(features, **arguments), "float32"))


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize(
    "policy, dtype, rounding",
    [("mixed_bfloat16", "bfloat16", 2**-9), ("mixed_float16", "float16", 2**-12)],
)
def test_mixed_precision(layer_class, policy, dtype, rounding):
    features = draws.features(*SHAPE)
    precise, mixed = layer_class(2), layer_class(2, dtype=policy)
    for layer in (precise, mixed):
        layer.build(SHAPE)
        draws.weights(layer)
    assert {w.dtype for w in mixed.weights} == {"float32"}
    assert {keras.backend.standardize_dtype(mixed(features).dtype)} == {dtype}
    assert mixed.compute_output_spec(keras.KerasTensor(SHAPE, dtype)).dtype == dtype
    # Relative to the largest output. Five layers in a row add up some roundings; in training the
    # last batch norm also magnifies the deviations of a map whose mean is 22 times as large.
    for training, roundings in ((False, 8), (True, 32)):
        expected = output(precise, features, training=training)
        found = output(mixed, features, training=training)
        tolerance = roundings * rounding * np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_attention_in_mixed_precision():
    layer = BAM(2, dtype="mixed_bfloat16")
    for tensor in layer.attention(draws.features(*SHAPE)):
        assert keras.backend.standardize_dtype(tensor.dtype) == "bfloat16"


@pytest.mark.parametrize("layer_class", LAYERS)
def test_float64(layer_class):
    features = draws.features(*SHAPE)
    layer = layer_class(2, dtype="float64")
    if keras.backend.backend() == "jax" and os.environ.get("JAX_ENABLE_X64", "0") == "0":
        with pytest.raises(ValueError, match="computes in float32. On JAX set JAX_ENABLE_X64=1"):
            layer.build(SHAPE)
        return
    layer.build(SHAPE)
    draws.weights(layer)
    single = layer_class(2)
    single.build(SHAPE)
    draws.weights(single)
    assert {w.dtype for w in layer.weights} == {"float64"}
    assert keras.backend.standardize_dtype(layer(features).dtype) == "float64"
    np.testing.assert_allclose(output(layer, features), output(single, features), atol=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX hides float64")
def test_float64_on_jax_with_x64():
    command = [sys.executable, "-m", "pytest", f"{__file__}::test_float64", "-k", "BAM"]
    environment = {**os.environ, "JAX_ENABLE_X64": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("layer_class", LAYERS)
def test_unknown_sizes(layer_class):
    layer = layer_class(2)
    model = keras.Sequential([keras.Input((None, None, 8)), layer])
    draws.weights(layer)
    for shape in [(2, 3, 5, 8), (1, 9, 4, 8)]:
        features = draws.features(*shape)
        predicted = model.predict(features, verbose=0)
        np.testing.assert_allclose(predicted, draws.array(layer(features)), rtol=1e-5, atol=1e-6)
        assert predicted.shape == layer.compute_output_shape(shape)


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize("rank", [3, 4, 5])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_output_shape_and_spec(layer_class, rank, data_format):
    sizes = [None] * (rank - 2)
    shape = (None, *sizes, 8) if data_format == "channels_last" else (None, 8, *sizes)
    layer = layer_class(2, data_format=data_format, kernel_initializer="zeros")
    expected = layer.compute_output_shape(shape)
    assert layer.compute_output_spec(keras.KerasTensor(shape)).shape == expected
    symbolic = layer(keras.KerasTensor(shape))
    assert symbolic.shape == expected
    assert symbolic.dtype == "float32"


def test_data_format_defaults_to_the_global_setting():
    kept = keras.config.image_data_format()
    try:
        keras.config.set_image_data_format("channels_first")
        assert BAM().data_format == "channels_first"
    finally:
        keras.config.set_image_data_format(kept)
    assert BAM().data_format == kept


CONFIGURED = [
    (BAM, {}),
    (BAM, {"branches": ("spatial",), "activation": None, "name": "where", "trainable": False}),
    (BAM, {"form": "official", "combine": "add", "layer_scale_init_value": 0, "dilation_rate": 2}),
    (BAM, {"kernel_regularizer": "l2", "momentum": 0.99, "epsilon": 1e-3, "dtype": "bfloat16"}),
    (ChannelBranch, {"normalization": "both", "kernel_initializer": "zeros"}),
    (SpatialBranch, {"dilation_rate": 2, "data_format": "channels_first"}),
    (SqueezeExcite, {"activation": "gelu", "dtype": "mixed_bfloat16"}),
]


@pytest.mark.parametrize("layer_class, arguments", CONFIGURED)
def test_config_round_trip(layer_class, arguments):
    layer = layer_class(2, **arguments)
    config = layer.get_config()
    layer.build((None, 8, 8, 8))
    assert layer.get_config() == config
    config = json.loads(json.dumps(config))
    again = layer_class.from_config(config)
    assert again.get_config() == layer.get_config()
    again.build((None, 8, 8, 8))
    assert again.get_config() == layer.get_config()
    for argument, value in arguments.items():
        if argument not in ("dtype", "activation", "kernel_initializer", "kernel_regularizer"):
            assert getattr(again, argument) == value
    for mine, theirs in zip(layer.weights, again.weights, strict=True):
        assert (mine.path, mine.shape, mine.trainable) == (
            theirs.path,
            theirs.shape,
            theirs.trainable,
        )


def small_model(*layers):
    """`layers` one behind the other, with random weights."""
    x = inputs = keras.Input((None, None, 8))
    for layer in layers:
        x = layer(x)
        draws.weights(layer)
    return keras.Model(inputs, x)


def after_saving(model, folder):
    """`model` from a file, without custom_objects."""
    model.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


def assert_same_predictions(model, other, rtol=1e-6):
    features = draws.features(*SHAPE)
    expected = model.predict(features, verbose=0)
    np.testing.assert_allclose(other.predict(features, verbose=0), expected, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("layer_class, arguments", CONFIGURED)
def test_saving(layer_class, arguments, tmp_path):
    if arguments.get("data_format") == "channels_first":
        arguments = arguments | {"data_format": "channels_last"}
    model = small_model(layer_class(2, **arguments))
    loaded = after_saving(model, tmp_path)
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()
    assert type(loaded.layers[-1]) is layer_class
    assert_same_predictions(model, loaded)


def test_saving_after_attention_has_built_the_layer(tmp_path):
    layer = BAM(2)
    layer.attention(keras.ops.convert_to_tensor(draws.features(*SHAPE)))
    model = small_model(layer)
    assert_same_predictions(model, after_saving(model, tmp_path))


def quantized_model():
    model = small_model(BAM(2, name="what_where"), SqueezeExcite(2, name="squeeze"))
    plain = model.predict(draws.features(*SHAPE), verbose=0)
    model.quantize("int8")
    bam, squeeze = model.layers[1:]
    assert bam.channel.reduce.quantization_mode == "int8"
    assert squeeze.expand.quantization_mode == "int8"
    quantized = model.predict(draws.features(*SHAPE), verbose=0)
    assert np.abs(quantized - plain).max() < 0.1 * np.abs(plain).max()
    return model


@pytest.mark.filterwarnings(NO_OWN_INT8)  # Keras quantizes Dense and says so of all the others
def test_saving_after_quantization(tmp_path):
    model = quantized_model()
    once = after_saving(model, tmp_path)
    twice = after_saving(once, tmp_path)
    for loaded in (once, twice):
        for mine, theirs in zip(model.layers[1:], loaded.layers[1:], strict=True):
            assert mine.get_config() == theirs.get_config()
        assert loaded.layers[1].channel.reduce.quantization_mode == "int8"
        assert_same_predictions(model, loaded)


@pytest.mark.filterwarnings(NO_OWN_INT8)
def test_renaming_after_quantization(tmp_path):
    model = quantized_model()
    renamed = []
    for layer in model.layers[1:]:
        config = json.loads(json.dumps(layer.get_config())) | {"name": f"other_{layer.name}"}
        renamed.append(type(layer).from_config(config))
    other = small_model_like(model, renamed)
    assert_same_predictions(model, other)
    assert_same_predictions(model, after_saving(other, tmp_path))


def small_model_like(model, layers):
    x = inputs = keras.Input((None, None, 8))
    for layer, source in zip(layers, model.layers[1:], strict=True):
        x = layer(x)
        layer.set_weights(source.get_weights())
    return keras.Model(inputs, x)


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize(
    "shape, arguments, message",
    [
        ((2, 8), {}, r"takes feature maps of rank 3 to 5.*received input_shape=\(2, 8\)"),
        ((2, 3, 3, 3, 3, 8), {}, "takes feature maps of rank 3 to 5"),
        ((2, 3, 5, None), {}, "needs a known channel count.*'channels_last'.*fixed number of"),
        ((2, None, 3, 5), {"data_format": "channels_first"}, "needs a known channel count"),
        ((2, 3, 5, 8), {"reduction_ratio": 9}, "reduction_ratio=9 leaves no channel of 8; pass"),
        ((2, 8, 3, 5), {"reduction_ratio": 6}, "reduction_ratio=6 leaves no channel of 5; pass"),
    ],
)
def test_shapes_that_cannot_be_built(layer_class, shape, arguments, message):
    layer = layer_class(**{"reduction_ratio": 2, **arguments}, name="this_one")
    with pytest.raises(ValueError, match=f"this_one:? {message}"):
        layer.build(shape)


@pytest.mark.parametrize("layer_class", LAYERS)
@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_features_must_be_floating_point(layer_class, dtype):
    layer = layer_class(2, name="this_one", kernel_initializer="zeros")
    with pytest.raises(ValueError, match=f"this_one takes floating-point.*received dtype {dtype}"):
        layer(np.ones(SHAPE, dtype))
    if layer_class is BAM:
        with pytest.raises(ValueError, match="takes floating-point features"):
            layer.attention(np.ones(SHAPE, dtype))


@pytest.mark.parametrize("layer_class", LAYERS)
def test_wrong_arguments(layer_class):
    with pytest.raises(ValueError, match="reduction_ratio must be a positive integer, received 0"):
        layer_class(reduction_ratio=0)
    with pytest.raises(ValueError, match="data_format must be one of .*received 'NHWC'"):
        layer_class(data_format="NHWC")
    with pytest.raises(ValueError, match="activation must be None, a callable or .*'reluu'"):
        layer_class(activation="reluu")
