import keras
import numpy as np
import pytest

from keras_bam.explain.recording import call_named, forward, is_feature_map, recorded_calls


@pytest.fixture(scope="module")
def model():
    twice = keras.layers.ReLU(name="twice")
    inner = keras.Sequential(
        [keras.Input((4, 4, 2)), keras.layers.Conv2D(3, 1, name="inside")], name="inner"
    )
    image = keras.Input((4, 4, 2))
    x = twice(inner(twice(image)))
    x = keras.layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(image, keras.layers.Dense(2, name="classes")(x))


def test_calls_in_order(model):
    before = [dict(vars(layer)) for layer in model._flatten_layers()]
    images = np.ones((1, 4, 4, 2), "float32")
    outputs, calls = recorded_calls(model, images)
    names = [call.name for call in calls if not isinstance(call.layer, keras.layers.InputLayer)]
    assert names == ["twice", "inner/inside", "inner", "twice#2", "mean", "classes"]
    assert outputs is calls[-1].outputs
    expected = keras.ops.convert_to_numpy(model(images))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(outputs), expected)
    assert [set(vars(layer)) for layer in model._flatten_layers()] == [set(b) for b in before]


def test_what_a_layer_returns_is_replaced(model):
    images = np.ones((1, 4, 4, 2), "float32")

    def watch(call):
        return keras.ops.zeros((1, 3)) if call.name == "mean" else call.outputs

    bias = keras.ops.convert_to_numpy(model.layers[-1].bias)
    outputs = keras.ops.convert_to_numpy(forward(model, images, watch))
    np.testing.assert_array_equal(outputs[0], bias)


def test_calls_by_name(model):
    _, calls = recorded_calls(model, np.ones((1, 4, 4, 2), "float32"))
    assert call_named(calls, "inner/inside").layer.name == "inside"
    assert call_named(calls, None).name == "twice#2"
    with pytest.raises(
        ValueError, match="unknown layer 'inner/insid'; did you mean 'inner/inside'"
    ):
        call_named(calls, "inner/insid")
    with pytest.raises(ValueError, match="unknown layer 'inne'; did you mean 'inner' or 'inner/in"):
        call_named(calls, "inne")
    with pytest.raises(ValueError, match="the model has no feature map"):
        call_named([call for call in calls if call.name in ("mean", "classes")], None)


@pytest.mark.parametrize(
    "shape, is_map",
    [((2, 3, 4, 5), True), ((2, 1, 1, 5), False), ((2, 7, 3), True), ((2, 5), False)],
)
def test_feature_maps(shape, is_map):
    assert is_feature_map(np.ones(shape)) is is_map
    assert is_feature_map([np.ones(shape)]) is False
