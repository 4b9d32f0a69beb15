"""Every fast path against the plain formula: values and gradients, on the backend that runs."""

import os
import subprocess
import sys

import draws
import gradients
import keras
import numpy as np
import pytest

from keras_bam import ops
from keras_bam.layers import BAM
from keras_bam.ops.fast_paths import fast_path

CASES = [  # arguments, training
    ({}, False),
    ({}, True),
    ({"form": "official"}, True),
    ({"normalization": "both", "layer_scale_init_value": 0.5}, True),
    ({"combine": "maximum", "data_format": "channels_first"}, False),
    (
        {"combine": "multiply", "layer_scale_init_value": -1.5, "data_format": "channels_first"},
        True,
    ),
]
SHAPES = {"channels_last": (3, 5, 7, 8), "channels_first": (3, 8, 5, 7)}


ON_TORCH = keras.backend.backend() == "torch"


@pytest.fixture(autouse=True, params=["small", "large"] if ON_TORCH else ["any"])
def sizes(request, monkeypatch):
    """On PyTorch maps are taken for large ones too, of which some operations go other ways."""
    if request.param == "large":
        from keras_bam.ops import torch_convolution, torch_read, torch_refine

        monkeypatch.setattr(torch_convolution, "_SMALL", 0)
        monkeypatch.setattr(torch_read, "_FEW", 0)
        monkeypatch.setattr(torch_refine, "_SMALL", 0)
        # Blocks of some rows of some images, the last ones smaller.
        monkeypatch.setitem(torch_refine._FORWARD, "cpu", 20)
        monkeypatch.setitem(torch_refine._BACKWARD, "cpu", 20)
        monkeypatch.setattr(torch_refine, "_ROWS", 2)


def both_ways(compute):
    fast = compute()
    with ops.portable():
        return fast, compute()


@pytest.mark.parametrize("arguments, training", CASES)
def test_gradients_and_statistics_are_those_of_the_plain_formula(arguments, training):
    shape = SHAPES[arguments.get("data_format", "channels_last")]
    features = draws.features(*shape)
    projection = np.random.default_rng(1).normal(size=shape).astype("float32")

    def gradients_and_state():
        layer = BAM(2, dilation_rate=2, **arguments)
        layer.build(shape)
        draws.weights(layer)
        outputs = draws.array(layer(features, training=training))
        return {
            "outputs": outputs,
            **draws.state(layer),
            **gradients.of_layer(layer, features, projection, training),
        }

    found, expected = both_ways(gradients_and_state)
    assert found.keys() == expected.keys()
    largest = max(np.abs(value).max() for value in expected.values())
    for name, value in expected.items():
        # Batch norm over three images magnifies what rounding leaves.
        np.testing.assert_allclose(found[name], value, atol=1e-4 * largest, err_msg=name)


@pytest.mark.parametrize("shape", [(2, 5, 8), (2, 3, 4, 5, 8), (1, 1, 1, 8)])
def test_other_ranks_and_small_maps(shape):
    features = draws.features(*shape)
    layer = BAM(2)
    layer.build(shape)
    draws.weights(layer)
    found, expected = both_ways(lambda: draws.array(layer(features, training=False)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision(dtype):
    features = draws.features(2, 6, 5, 8)
    layer = BAM(2, dtype=dtype)
    layer.build(features.shape)
    draws.weights(layer)

    def outputs():
        return draws.array(keras.ops.cast(layer(features, training=False), "float32"))

    found, expected = both_ways(outputs)
    step = 2**-8 if "bf" in dtype else 2**-11
    # A few roundings of M(F), which is multiplied by F.
    np.testing.assert_allclose(found, expected, atol=4 * step * np.abs(features).max())


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_in_training(dtype):
    """As near to float32 as the plain formula comes in this precision."""
    features = draws.features(8, 6, 5, 8)
    projection = np.random.default_rng(1).normal(size=features.shape).astype("float32")

    def computed(dtype):
        layer = BAM(2, dtype=dtype)
        layer.build(features.shape)
        draws.weights(layer)
        found = gradients.of_layer(layer, features, projection, True)
        return {**draws.state(layer), **found}

    expected = computed("float32")
    fast, plain = (
        sum(np.abs(value - expected[name]).max() for name, value in found.items())
        for found in both_ways(lambda: computed(dtype))
    )
    assert 0 < fast < 1.5 * plain


@pytest.mark.parametrize("how", ["add", "multiply", "maximum"])
@pytest.mark.parametrize("size", [1.0, 30.0, 100.0, 1e4])
def test_extreme_logits(size, how):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 4, 3, 5)).astype("float32")
    channel = (size * rng.uniform(-1, 1, (2, 1, 1, 5))).astype("float32")
    spatial = (size * rng.uniform(-1, 1, (2, 4, 3, 1))).astype("float32")
    channel[0, 0, 0, :2] = size, -size
    spatial[0, 0, :2, 0] = size, -size
    tensors = [keras.ops.convert_to_tensor(x) for x in (features, channel, spatial)]
    compiled = keras.backend.backend() == "tensorflow"  # where only a graph has a fast path
    refined = ops.refine
    if compiled:
        import tensorflow as tf

        refined = tf.function(ops.refine)
    logits = {"add": np.add, "multiply": np.multiply, "maximum": np.maximum}[how]
    z = logits(channel.astype("float64"), spatial)
    expected = features * (1 + np.where(z > 0, 1 / (1 + np.exp(-np.abs(z))), 0))
    expected += features * np.where(z > 0, 0, np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))
    # float32 holds the sum of two logits to 6e-8 of their size, which is an error of its sigmoid.
    error = 1e-6 + (1e-7 * size if how == "add" else 1e-7 * size**2 if how == "multiply" else 0)
    found = draws.array(refined(*tensors, how=how))
    np.testing.assert_allclose(found, expected, atol=min(error, 0.1) * np.abs(features).max())


@pytest.mark.parametrize("data_format", SHAPES)
@pytest.mark.parametrize("dilation_rate", [1, 2, 4])
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (1, 3)])
def test_convolution_and_average(size, dilation_rate, data_format):
    features = keras.ops.convert_to_tensor(draws.features(*SHAPES[data_format]))
    kernel = np.random.default_rng(0).normal(size=(*size, 8, 3)).astype("float32")
    if data_format == "channels_first" and keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow has no convolution with channels first on a CPU")
    kernel = keras.ops.convert_to_tensor(kernel)
    found, expected = both_ways(
        lambda: draws.array(ops.convolution(features, kernel, dilation_rate, data_format))
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)  # sums of 72 products of about 1
    found, expected = both_ways(lambda: draws.array(ops.global_average(features, data_format)))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_portable_is_a_block():
    assert fast_path("convolution") is not None
    with ops.portable():
        assert fast_path("convolution") is None
    assert fast_path("convolution") is not None
    assert fast_path("no such operation") is None
    assert fast_path("convolution", keras.KerasTensor((1, 2))) is None


def test_portable_for_a_process():
    code = "from keras_bam.ops.fast_paths import fast_path; print(fast_path('convolution'))"
    environment = {"KERAS_BACKEND": keras.backend.backend(), "KERAS_BAM_PORTABLE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "None", done.stderr


def test_nothing_of_the_size_of_the_map_is_kept_for_the_gradient():
    """But the map itself, and in a network what was there before."""
    shape = (2, 16, 16, 32)
    features = draws.features(*shape)
    layer = BAM(16)
    layer.build(shape)
    kept = {"jax": _kept_by_jax, "tensorflow": _kept_by_tensorflow, "torch": _kept_by_torch}
    sizes = kept[keras.backend.backend()](layer, features)
    assert sizes.count(features.size) == 1, sizes
    assert max(sizes) == features.size
    with ops.portable():
        sizes = kept[keras.backend.backend()](layer, features)
    assert sizes.count(features.size) > 1, sizes  # so that this test can fail


def _kept_by_torch(layer, features):
    import torch

    storages = {}

    def keep(tensor):
        storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes() // 4
        return tensor

    features = torch.tensor(features, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        outputs = layer(features, training=True)
    assert outputs.requires_grad
    return list(storages.values())


def _kept_by_jax(layer, features):
    import contextlib
    import io
    import re

    import jax

    state = [v.value for v in layer.non_trainable_variables]

    def forward(trainable, x):
        return layer.stateless_call(trainable, state, x, training=True)[0]

    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        trainable = [v.value for v in layer.trainable_variables]
        jax.ad_checkpoint.print_saved_residuals(forward, trainable, features)
    shapes = re.findall(r"^f32\[([\d,]+)\]", written.getvalue(), re.MULTILINE)
    return [int(np.prod([int(n) for n in shape.split(",")])) for shape in shapes]


def _kept_by_tensorflow(layer, features):
    """Tensors of the forward graph that the gradient's operations read."""
    import tensorflow as tf

    sizes = []

    def source(tensor):
        """Past operations that hand on what they were given, without a copy."""
        while tensor.op.type in ("Identity", "IdentityN", "Reshape"):
            tensor = tensor.op.inputs[tensor.value_index]
        return tensor

    @tf.function
    def traced(x):
        graph = tf.compat.v1.get_default_graph()
        outputs = layer(x, training=True)
        before = {op.name for op in graph.get_operations()}
        tf.gradients(outputs, [x])
        read = {
            source(tensor).name: tensor
            for op in graph.get_operations()
            if op.name not in before
            for tensor in op.inputs
            if tensor.op.name in before
        }
        sizes.extend(int(np.prod(t.shape)) for t in read.values() if t.dtype == tf.float32)

    traced.get_concrete_function(tf.TensorSpec(features.shape))
    return sizes
