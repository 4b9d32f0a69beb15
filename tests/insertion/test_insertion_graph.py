"""Functional graphs read as calls, through nested models."""

import graphs
import keras
import pytest

from keras_bam.insertion.graph import recorded


def test_paths_lead_through_nested_models():
    paths = [call.path for call in recorded(graphs.nested())]
    assert paths[:2] == ["first", "second"]
    assert paths[2:6] == ["middle/conv", "middle/inner/conv", "middle/inner", "middle"]
    assert paths.count("middle/inner/conv") == 2
    assert paths[-3:] == ["head/head_conv", "head/flat", "head"]


def test_shapes_are_those_of_the_call():
    calls = {call.path: call for call in recorded(graphs.nested())}
    assert calls["middle/inner/conv"].outputs[0].shape == (None, 8, 8, 8)


def test_unknown_sizes_are_assumed():
    calls = recorded(graphs.two_stages(size=(None, None, 3)))
    shapes = {call.path: call.outputs[0].shape for call in calls}
    assert shapes["stem"] == (None, 256, 256, 8)
    assert shapes["stage2_out"] == (None, 128, 128, 16)


class Imperative(keras.Model):
    def __init__(self):
        super().__init__()
        self.backbone = graphs.two_stages()

    def call(self, x):
        return self.backbone(x)


class OtherCall(keras.Model):
    def call(self, *args, **kwargs):
        return 2 * super().call(*args, **kwargs)


def other_call():
    image = keras.Input((8, 8, 3))
    return OtherCall(image, graphs.convolution("conv")(image), name="other")


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: keras.layers.ReLU(), "model must be a keras.Model, received <ReLU"),
        (
            lambda: keras.Sequential([keras.layers.ReLU()], name="s"),
            r"model='s' is not built.*keras.Input\(shape\).*model.build\(input_shape\)",
        ),
        (Imperative, "Imperative runs code of its own in `call`: insert into the functional model"),
        (other_call, "model='other' isn't known, because OtherCall runs code of its own"),
    ],
)
def test_a_graph_that_is_not_known(make, message):
    with pytest.raises(ValueError, match=message):
        recorded(make())


def test_a_nested_model_of_unknown_graph_is_one_call():
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, other_call()(image))
    assert [call.path for call in recorded(model)][1:] == ["other"]
