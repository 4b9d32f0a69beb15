"""`insert`: what changes in the graph, and that nothing else does."""

import copy

import graphs
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.layers import BAM, SqueezeExcite

UNCHANGED = BAM(reduction_ratio=4, layer_scale_init_value=0)


def variables(model):
    return {v.path: np.array(keras.ops.convert_to_numpy(v)) for v in model.variables}


def leaves(model):
    """All layers that are no models, by "model/layer"."""
    found = {}
    for layer in model.layers:
        inside = leaves(layer) if isinstance(layer, keras.Model) else {"": layer}
        found.update({f"{layer.name}/{path}": leaf for path, leaf in inside.items()})
    return found


def eager(model, x):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, model(x))


@pytest.mark.parametrize("name", graphs.ALL)
def test_nothing_is_lost(name):
    make, place = graphs.ALL[name]
    model = make()
    config, values = copy.deepcopy(model.get_config()), variables(model)
    new = keras_bam.insert(model, UNCHANGED, after=[place])
    x = graphs.batch(model)
    keras.tree.map_structure(np.testing.assert_array_equal, eager(new, x), eager(model, x))
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6 * np.abs(b).max()),
        new.predict(x, verbose=0),
        model.predict(x, verbose=0),
    )
    assert model.get_config() == config
    for path, value in variables(model).items():
        np.testing.assert_array_equal(value, values[path])
    assert type(new) is type(model)
    assert new is not model and new.name == model.name and not new.compiled
    kept = leaves(new)
    for path, layer in leaves(model).items():
        assert kept[path] is not layer
        assert kept[path].get_config() == layer.get_config()
        for a, b in zip(kept[path].variables, layer.variables, strict=True):
            assert a is not b
            np.testing.assert_array_equal(
                keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b)
            )
    added = [layer for path, layer in kept.items() if path not in leaves(model)]
    assert added and all(isinstance(layer, BAM) for layer in added)


@pytest.mark.parametrize("name", graphs.ALL)
def test_the_modules_act(name):
    make, place = graphs.ALL[name]
    model = make()
    new = keras_bam.insert(model, BAM(reduction_ratio=4), after=[place])
    x = graphs.batch(model)
    before, after = (keras.tree.flatten(m.predict(x, verbose=0)) for m in (model, new))
    assert all(np.abs(a - b).max() > 1e-3 for a, b in zip(after, before, strict=True))


def test_copy_and_original_live_apart():
    """On JAX a buffer that both hold would be gone after one step of either."""
    model = graphs.two_stages()
    new = keras_bam.insert(model, UNCHANGED)
    before, x = variables(model), graphs.batch(model)
    for trained in (new, model, new):
        trained.compile("sgd", "mse")
        trained.fit(x, np.ones((2, 3)), verbose=0)
        if trained is new and not model.compiled:
            for path, value in variables(model).items():
                np.testing.assert_array_equal(value, before[path])
    assert all(np.isfinite(value).all() for value in variables(new).values())


def test_every_call_of_a_layer_has_a_module():
    new = keras_bam.insert(graphs.called_twice(), BAM(reduction_ratio=4), after="shared")
    names = [layer.name for layer in new.layers if isinstance(layer, BAM)]
    assert names == ["shared_bam", "shared_bam_1"]
    assert new.get_layer("relu").input is new.get_layer("shared_bam").output
    assert new.output is new.get_layer("shared_bam_1").output


def test_one_module_for_all_places():
    new = keras_bam.insert(
        graphs.called_twice(), BAM(reduction_ratio=4), after=["shared", "relu"], share_weights=True
    )
    (module,) = [layer for layer in new.layers if isinstance(layer, BAM)]
    assert module.name == "bam"
    assert len(module._inbound_nodes) == 3


def test_one_module_needs_equally_many_channels():
    with pytest.raises(
        ValueError, match="share_weights=True needs equally many.*'stage2_out' has 16"
    ):
        keras_bam.insert(
            graphs.two_stages(),
            SqueezeExcite(reduction_ratio=4),
            ["stage1_out", "stage2_out"],
            share_weights=True,
        )


def test_one_module_stays_in_one_model():
    with pytest.raises(ValueError, match="can't join 'middle/conv' and 'middle/inner/conv'"):
        keras_bam.insert(
            graphs.nested(),
            BAM(reduction_ratio=4),
            after=["middle/conv", "middle/inner/conv"],
            share_weights=True,
        )


def test_all_consumers_see_the_refined_map():
    new = keras_bam.insert(graphs.branches(), SqueezeExcite(reduction_ratio=4), after="trunk")
    refined = new.get_layer("trunk_squeeze_excite").output
    assert new.get_layer("left").input is refined
    assert new.get_layer("right").input is refined


def test_a_place_that_is_an_output_too():
    image = keras.Input((8, 8, 3))
    x = graphs.convolution("features")(image)
    model = keras.Model(image, [x, graphs.convolution("more")(x)])
    new = keras_bam.insert(model, SqueezeExcite(reduction_ratio=4), after="features")
    assert new.output[0] is new.get_layer("features_squeeze_excite").output


def test_a_second_insertion_stands_before_the_first():
    once = keras_bam.insert(graphs.two_stages(), BAM(reduction_ratio=4))
    twice = keras_bam.insert(once, BAM(reduction_ratio=2), after="stage1_out")
    assert twice.get_layer("stage1_out_bam_1").input is twice.get_layer("stage1_out").output
    assert twice.get_layer("stage1_out_bam").input is twice.get_layer("stage1_out_bam_1").output
    third = keras_bam.insert(twice, SqueezeExcite(reduction_ratio=2), after="stage1_out_bam")
    added = third.get_layer("stage1_out_bam_squeeze_excite")
    assert added.input is third.get_layer("stage1_out_bam").output


def test_a_network_that_has_attention(numpy_draws):
    model = keras_bam.applications.CifarResNetSmall(attention="se", input_shape=(16, 16, 3))
    new = keras_bam.insert(model, UNCHANGED)
    x = graphs.batch(model)
    np.testing.assert_array_equal(eager(new, x), eager(model, x))


def test_a_nested_model_is_edited_once():
    model = graphs.nested()
    new = keras_bam.insert(model, BAM(reduction_ratio=4), after="middle/conv")
    middle = new.get_layer("middle")
    assert middle.get_layer("conv_bam").input is middle.get_layer("conv").output
    assert [layer.name for layer in middle.get_layer("inner").layers] == ["inner_input", "conv"]
    assert len(middle._inbound_nodes) == len(model.get_layer("middle")._inbound_nodes)


def test_a_model_that_is_nested_in_two_models():
    """It has two paths; either means the same layer."""
    inner = keras.Sequential([keras.Input((8, 8, 8)), graphs.convolution("conv")], name="inner")
    image = keras.Input((8, 8, 8), name="middle_image")
    middle = keras.Model(image, inner(image), name="middle")
    image = keras.Input((8, 8, 8), name="image")
    model = keras.Model(image, inner(middle(image)))
    for after in ("conv", "inner/conv", "middle/inner/conv", lambda layer: layer.name == "conv"):
        new = keras_bam.insert(model, BAM(reduction_ratio=4), after=after)
        assert [layer.name for layer in new.get_layer("inner").layers] == ["conv", "conv_bam"]
        assert new.get_layer("middle").get_layer("inner") is new.get_layer("inner")


def test_a_quantized_model():
    model = graphs.two_stages()
    x = graphs.batch(model)
    model.get_layer("classes").quantize("int8")
    new = keras_bam.insert(model, UNCHANGED)
    assert new.get_layer("classes").dtype_policy.quantization_mode == "int8"
    np.testing.assert_array_equal(eager(new, x), eager(model, x))


def test_a_nested_model_as_the_place():
    new = keras_bam.insert(graphs.nested(), BAM(reduction_ratio=4), after="middle")
    assert new.get_layer("middle_bam").output is new.get_layer("difference").input[0]
    assert new.get_layer("middle_bam_1").output is new.get_layer("difference").input[1]


def test_a_nested_sequential_stays_one():
    new = keras_bam.insert(graphs.nested(), BAM(reduction_ratio=4), after="head/head_conv")
    head = new.get_layer("head")
    assert isinstance(head, keras.Sequential)
    assert [layer.name for layer in head.layers] == ["head_conv", "head_conv_bam", "flat"]


def test_layers_of_a_sequential_can_be_read():
    new = keras_bam.insert(graphs.sequential(), SqueezeExcite(reduction_ratio=4), after="conv2")
    features = keras.Model(new.inputs, new.get_layer("conv2_squeeze_excite").output)
    assert features.predict(graphs.batch(new), verbose=0).shape == (2, 8, 8, 8)


def test_how_an_inner_model_was_called_is_kept():
    inner = graphs.two_stages(name="inner")
    image = keras.Input((16, 16, 3))
    model = keras.Model(image, inner(image, training=False))
    new = keras_bam.insert(model, UNCHANGED, after="inner/stage1_out")
    assert new.get_layer("inner")._inbound_nodes[-1].arguments.kwargs["training"] is False


def test_seeds_go_on_where_they_were():
    model = graphs.two_stages()
    x = graphs.batch(model)
    model(x, training=True)
    new = keras_bam.insert(model, UNCHANGED)
    results = []
    for dropping in (model, new):
        keras.utils.set_random_seed(0)  # PyTorch's dropout has no state of its own.
        results.append(keras.ops.convert_to_numpy(dropping(x, training=True)))
    np.testing.assert_array_equal(*results)


def test_flags_regularizers_and_policies_are_kept():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = graphs.two_stages()
    finally:
        keras.config.set_dtype_policy("float32")
    model.get_layer("stage1_conv").kernel_regularizer = keras.regularizers.L2(0.1)
    model.get_layer("stem").trainable = False
    new = keras_bam.insert(model, lambda name: BAM(4, name=name, dtype="mixed_bfloat16"))
    assert new.get_layer("stage1_conv").kernel_regularizer.l2 == pytest.approx(0.1)
    assert [layer.trainable for layer in new.layers if layer.name == "stem"] == [False]
    assert new.get_layer("stage2_conv").dtype_policy.name == "mixed_bfloat16"
    assert new.dtype_policy.name == "mixed_bfloat16"


def test_a_class_takes_the_policy_of_the_place():
    layer = keras.layers.Conv2D(16, 3, dtype="mixed_bfloat16", name="conv")
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    new = keras_bam.insert(model, BAM, after="conv")
    assert new.get_layer("conv_bam").dtype_policy.name == "mixed_bfloat16"


def test_modules_train_in_a_frozen_model():
    model = graphs.two_stages()
    model.trainable = False
    new = keras_bam.insert(model, UNCHANGED)
    module = new.get_layer("stage1_out_bam")
    assert [v.path for v in new.trainable_variables] == [v.path for v in module.trainable_variables]


def test_modules_train_in_a_frozen_inner_model():
    inner = graphs.two_stages(name="inner")
    inner.trainable = False
    image = keras.Input((16, 16, 3))
    model = keras.Model(image, keras.layers.Dense(2, name="head")(inner(image)))
    new = keras_bam.insert(model, UNCHANGED, after="stage1_out")
    module = new.get_layer("inner").get_layer("stage1_out_bam")
    trained = {id(v) for v in (*module.trainable_variables, *new.get_layer("head").variables)}
    assert {id(v) for v in new.trainable_variables} == trained


def test_data_format_of_the_place():
    image = keras.Input((8, 12, 10))
    x = keras.layers.Conv2D(8, 3, data_format="channels_first", name="conv")(image)
    model = keras.Model(image, keras.layers.ReLU(name="relu")(x))
    new = keras_bam.insert(model, BAM(reduction_ratio=4), after="relu")
    assert new.get_layer("relu_bam").data_format == "channels_first"
    assert new.get_layer("relu_bam").get_config()["data_format"] == "channels_first"


def test_the_name_of_the_copy():
    assert keras_bam.insert(graphs.two_stages(), UNCHANGED, name="refined").name == "refined"


@pytest.mark.parametrize("branch", [keras_bam.layers.ChannelBranch, keras_bam.layers.SpatialBranch])
def test_a_branch_is_no_module(branch):
    with pytest.raises(ValueError, match="at 'stage1_out' into .*a module keeps both"):
        keras_bam.insert(graphs.two_stages(), branch(reduction_ratio=4))


@pytest.mark.parametrize(
    "place, message",
    [
        ("pool", r"'pool' is no feature map: shape \(None, 16\), float32; a place has floats"),
        ("labels", r"'labels' is no feature map: shape \(None, 16, 16, 8\), int32"),
        ("guess", r"'guess' is no feature map: shape \(None, 16, 16, None\)"),
    ],
)
def test_a_place_has_a_feature_map(place, message):
    class Labels(keras.layers.Layer):
        def call(self, x):
            return keras.ops.cast(x, "int32")

        def compute_output_spec(self, x):
            return keras.KerasTensor(x.shape, "int32")

    class Guess(keras.layers.Layer):
        def call(self, x):
            return x

        def compute_output_spec(self, x):
            return keras.KerasTensor((*x.shape[:-1], None), x.dtype)

    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 1)(image)
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.Conv2D(16, 1)(x))
    model = keras.Model(image, [Labels(name="labels")(x), pooled, Guess(name="guess")(x)])
    with pytest.raises(ValueError, match=message):
        keras_bam.insert(model, UNCHANGED, after=place)


@pytest.mark.parametrize(
    "module, message",
    [
        (lambda name: keras.layers.Conv2D(4, 1, name=name), "into .*a module keeps both"),
        (
            lambda name: BAM(reduction_ratio=4, name="stem"),
            "a layer called 'stem' for 'stage1_out'",
        ),
        (lambda name: "bam", "module returned 'bam' for 'stage1_out'"),
        (keras.layers.Conv2D, r"module=Conv2D can't be made.*pass an unbuilt layer, Conv2D\(...\)"),
        (UNCHANGED.get_config(), "module must be a layer class"),
        (
            BAM(reduction_ratio=4, dtype="float16"),
            "into .*float16; a module keeps both",
        ),
    ],
)
def test_no_module(module, message):
    with pytest.raises(ValueError, match=message):
        keras_bam.insert(graphs.two_stages(), module)


def test_one_layer_for_several_places_needs_to_be_asked_for():
    layer = BAM(reduction_ratio=4, name="mine")
    with pytest.raises(ValueError, match="a layer called 'mine'.*"):
        keras_bam.insert(graphs.called_twice(), lambda name: layer, after="shared")
    layer = BAM(reduction_ratio=4, name="mine")
    new = keras_bam.insert(
        graphs.called_twice(), lambda name: layer, after="shared", share_weights=True
    )
    assert new.get_layer("mine") is layer
