"""On PyTorch the gradients of all that BAM reads of a map meet in one tensor."""

import draws
import keras
import numpy as np
import pytest

from keras_bam import ops
from keras_bam.layers import BAM
from keras_bam.ops.fast_paths import fast_path

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's own way")

SHAPES = {"channels_last": (2, 5, 7, 8), "channels_first": (2, 8, 5, 7)}
on_both = pytest.mark.parametrize("data_format", SHAPES)


def layer_and_map(data_format):
    shape = SHAPES[data_format]
    layer = BAM(2, dilation_rate=2, data_format=data_format)
    layer.build(shape)
    draws.weights(layer)
    return layer, torch.tensor(draws.features(*shape), requires_grad=True)


def gradient(layer, features, **arguments):
    loss = (layer(features) ** 2).sum()
    return torch.autograd.grad(loss, features, **arguments)[0]


@on_both
def test_gradient_of_the_gradient(data_format):
    layer, features = layer_and_map(data_format)
    weights = [layer.spatial.reduce.kernel.value, layer.channel.expand.kernel.value]

    def second():
        first = gradient(layer, features, create_graph=True)
        return torch.autograd.grad((first**2).sum(), [features, *weights])

    found = second()
    with ops.portable():
        expected = second()
    for one, other in zip(found, expected, strict=True):
        assert other.abs().max() > 0.1
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5 * float(other.abs().max()))


@on_both
def test_backward_twice_through_one_graph(data_format):
    layer, features = layer_and_map(data_format)
    loss = (layer(features) ** 2).sum()
    first = torch.autograd.grad(loss, features, retain_graph=True)[0]
    again = torch.autograd.grad(loss, features)[0]
    torch.testing.assert_close(first, again, rtol=0, atol=0)


@on_both
@pytest.mark.parametrize("used", ["average", "reduced", "features", "all"])
def test_parts_used_alone_or_elsewhere_too(data_format, used):
    layer, features = layer_and_map(data_format)
    kernel, bias = layer.spatial.reduce.kernel.value, layer.spatial.reduce.bias.value
    logits = [torch.tensor(draws.features(*shape)) for shape in _logit_shapes(data_format)]

    def gradients(average, reduced, map_):
        parts = {"average": average, "reduced": reduced, "features": map_}
        if used == "all":
            refined = ops.refine(map_, *logits)
            parts["refined"], parts["again"] = refined, ops.refine(map_, *logits, how="multiply")
        else:
            parts = {used: parts[used]}
        loss = sum((part**2).sum() for part in parts.values())
        return torch.autograd.grad(loss, [features, kernel, bias], allow_unused=True)

    found = gradients(*fast_path("read")(features, kernel, bias, data_format))
    average = ops.global_average(features, data_format)
    shape = (1, 1, 1, -1) if data_format == "channels_last" else (1, -1, 1, 1)
    with ops.portable():
        reduced = ops.convolution(features, kernel, 1, data_format) + bias.reshape(shape)
        expected = gradients(average, reduced, features)
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        if other is not None:
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_a_gradient_that_others_hold_stays_as_it_is():
    layer, features = layer_and_map("channels_last")
    kernel, bias = layer.spatial.reduce.kernel.value, layer.spatial.reduce.bias.value
    average, reduced, map_ = fast_path("read")(features, kernel, bias, "channels_last")
    held = torch.ones_like(map_)
    torch.autograd.backward([map_, average, reduced], [held, average, reduced], inputs=[features])
    np.testing.assert_array_equal(held.numpy(), 1)
    assert not torch.equal(features.grad, held)


def _logit_shapes(data_format):
    batch, *size = SHAPES[data_format]
    if data_format == "channels_last":
        return (batch, 1, 1, size[-1]), (batch, *size[:-1], 1)
    return (batch, size[0], 1, 1), (batch, 1, *size[1:])
