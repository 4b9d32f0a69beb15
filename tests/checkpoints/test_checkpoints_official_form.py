"""Which models the authors' network can express, and which layer of another it can't.

The network they are compared with is small here; that the right one is chosen is tested with
`nearest`, and whole networks with `save_official`.
"""

import keras
import pytest

import keras_bam
from keras_bam import applications
from keras_bam.checkpoints import resnets
from keras_bam.checkpoints.official_form import official_weights
from keras_bam.layers import BAM

SMALL = applications.CifarResNetSmall


@pytest.fixture(autouse=True)
def small_reference(monkeypatch):
    monkeypatch.setattr(resnets, "nearest", lambda find: SMALL)


def build(**arguments):
    arguments = {"attention": "bam:form=official", "input_shape": (16, 16, 3), **arguments}
    return SMALL(kernel_initializer="zeros", **arguments)


def paths(model):
    return [weight.path for weight in model.weights]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"attention": None},
        {"attention": BAM(normalization="hidden", combine="multiply", momentum=0.5)},
        {"classes": 3, "classifier_activation": None, "input_shape": (None, 24, 3)},
        {"data_format": "channels_first", "input_shape": (3, 16, 16)},
    ],
)
def test_models_that_it_can_express(arguments):
    model = build(**arguments)
    found = official_weights(model)
    assert sorted(found) == sorted(paths(model))
    assert all(path == variable.path for path, variable in found.items())


def test_an_inserted_bam(tmp_path):
    model = keras_bam.insert(build(attention=None), BAM(form="official"))
    assert sorted(official_weights(model)) == sorted(paths(build()))
    model.save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    assert sorted(official_weights(loaded)) == sorted(paths(build()))


BAM_1 = "layer 'stage1_block2_out_bam'"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"attention": "bam"}, f"{BAM_1} has normalization='end', there it is 'hidden'"),
        (
            {"attention": "bam:form=official,combine=add"},
            f"{BAM_1} has combine='add', there it is 'multiply'",
        ),
        (
            {"attention": "bam:form=official,reduction_ratio=8"},
            f"{BAM_1} has reduction_ratio=8, there it is 16",
        ),
        (
            {"attention": "bam:form=official,layer_scale_init_value=0"},
            f"{BAM_1} has layer_scale_init_value=0, there it is None",
        ),
        ({"after": "stage1_block2_out"}, "it has no layer 'stage2_block2_out_bam'"),
        ({"attention": "se"}, "layer 'stage1_block1_bn2_squeeze_excite' is not in it"),
        ({"include_top": False}, "it has no layer 'avg_pool'"),
        ({"input_shape": (16, 16, 4)}, r"layer 'stem_conv' has weights=\[\[3, 3, 4, 32\]\], the"),
        ({"classifier_activation": "relu"}, "layer 'predictions' has activation='relu', there "),
    ],
)
def test_a_layer_that_it_can_not_express(arguments, message):
    with pytest.raises(ValueError, match=f"can't be written as the authors' .*: .*{message}"):
        official_weights(build(**arguments))


def with_layers(change):
    """The network with some layers of another kind."""
    return keras.models.clone_model(build(attention=None), clone_function=change)


def test_a_layer_of_another_kind():
    def change(layer):
        if layer.name == "stem_relu":
            return keras.layers.ELU(name="stem_relu")
        return layer.__class__.from_config(layer.get_config())

    with pytest.raises(ValueError, match="layer 'stem_relu' has class='ELU', there it is 'ReLU'"):
        official_weights(with_layers(change))


def test_another_epsilon():
    def change(layer):
        config = layer.get_config()
        if layer.name == "stage2_block1_bn1":
            config["epsilon"] = 1e-3
        return layer.__class__.from_config(config)

    with pytest.raises(ValueError, match="layer 'stage2_block1_bn1' has epsilon=0.001, there it"):
        official_weights(with_layers(change))


def test_layers_that_are_wired_otherwise():
    def call(layer, *inputs, **arguments):
        if layer.name == "stage1_block1_add":
            (inputs,) = inputs
            return layer([inputs[0], inputs[0]])
        return layer(*inputs, **arguments)

    model = keras.models.clone_model(
        build(attention=None),
        clone_function=lambda layer: layer.__class__.from_config(layer.get_config()),
        call_function=call,
    )
    message = r"'stage1_block1_add' is fed by \['stage1_block1_bn2', 'stage1_block1_bn2'\], there"
    with pytest.raises(ValueError, match=message):
        official_weights(model)


def test_a_layer_that_is_called_twice():
    image = keras.Input((8, 8, 3))
    layer = keras.layers.Dense(3, name="mine")
    with pytest.raises(ValueError, match="calls layer 'mine' twice, and the authors' network none"):
        official_weights(keras.Model(image, layer(layer(image))))


def test_a_model_that_has_no_graph():
    class Custom(keras.Model):
        def call(self, x):
            return x

    image = keras.Input((8, 8, 3))
    for model in (Custom(name="mine"), keras.Model(image, [image + 1, image + 2], name="mine")):
        with pytest.raises(ValueError, match="model='mine' must be a functional keras.Model with"):
            official_weights(model)
