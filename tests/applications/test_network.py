"""The arguments that all networks share."""

import keras
import numpy as np
import pytest

from keras_bam import applications
from keras_bam.layers import BAM, ChannelBranch, SqueezeExcite

SMALL = applications.CifarResNetSmall
BOTTLENECKS = ["stage1_block2_out", "stage2_block2_out"]
SIZE = {"input_shape": (16, 16, 3)}


def modules(model, kind=BAM):
    return [layer for layer in model.layers if isinstance(layer, kind)]


@pytest.mark.parametrize("attention", ["bam", BAM, BAM(), lambda name: BAM(name=name)])
def test_attention_stands_behind_the_bottlenecks(attention):
    model = SMALL(attention=attention, **SIZE)
    names = [layer.name.rsplit("_", 1)[0] for layer in modules(model)]
    assert names == BOTTLENECKS
    for module in modules(model):
        assert module.input is model.get_layer(module.name.rsplit("_", 1)[0]).output


@pytest.mark.parametrize("attention", ["se", SqueezeExcite, SqueezeExcite(reduction_ratio=8)])
def test_squeeze_excite_stands_in_the_blocks(attention):
    model = SMALL(attention=attention, **SIZE)
    places = applications.places("CifarResNetSmall", "blocks")
    assert [layer.name for layer in modules(model, SqueezeExcite)] == [
        f"{place}_squeeze_excite" for place in places
    ]


@pytest.mark.parametrize(
    "after, count", [("blocks", 6), ("bottlenecks", 2), (["stem_relu"], 1), ("stem_relu", 1)]
)
def test_after_says_where(after, count):
    assert len(modules(SMALL(attention="bam", after=after, **SIZE))) == count


def test_a_template_gives_its_config_to_every_module():
    model = SMALL(attention="bam:form=official,reduction_ratio=8,dilation_rate=2", **SIZE)
    assert [(m.form, m.reduction_ratio, m.dilation_rate) for m in modules(model)] == [
        ("official", 8, 2)
    ] * 2


def test_what_follows_a_place_sees_the_refined_features():
    model = SMALL(attention=lambda name: keras.layers.Rescaling(0.0, name=name), **SIZE)
    first, second = np.random.default_rng(0).normal(size=(2, 1, 16, 16, 3))
    np.testing.assert_array_equal(model.predict(first, verbose=0), model.predict(second, verbose=0))


def test_without_top():
    features = SMALL(include_top=False, **SIZE)
    assert features.output.shape == (None, 2, 2, 128)
    assert SMALL(include_top=False, pooling="avg", **SIZE).output.shape == (None, 128)
    assert SMALL(include_top=False, pooling="max", **SIZE).output.shape == (None, 128)


def test_with_top():
    model = SMALL(classes=7, classifier_activation=None, name="mine", input_shape=(None, None, 1))
    assert model.name == "mine"
    assert model.output.shape == (None, 7)
    assert model.get_layer("predictions").activation is keras.activations.linear
    assert model.predict(np.zeros((1, 8, 11, 1)), verbose=0).shape == (1, 7)


def test_kernels_start_apart_and_biases_are_none():
    model = SMALL(kernel_initializer=keras.initializers.HeNormal(seed=1), **SIZE)
    first = model.get_layer("stage1_block1_conv1")
    second = model.get_layer("stage1_block1_conv2")
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])
    assert first.bias is None


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_weights_from_a_file(tmp_path, suffix):
    source = SMALL(attention="bam", classes=3, **SIZE)
    path = tmp_path / f"small{suffix}"
    source.save_weights(path) if suffix == ".weights.h5" else source.save(path)
    loaded = SMALL(attention="bam", classes=3, weights=path, **SIZE)
    for ours, theirs in zip(loaded.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "suffix, first", [(".weights.h5", "bam/channel"), (".keras", "stage1_block2_out_bam")]
)
@pytest.mark.parametrize("in_file", ["bam", None])
def test_weights_of_another_network(tmp_path, suffix, first, in_file):
    path = tmp_path / f"other{suffix}"
    source = SMALL(attention=in_file, classes=3, **SIZE)
    source.save_weights(path) if suffix == ".weights.h5" else source.save(path)
    with pytest.raises(ValueError, match=f"is of another network.*the first that differ:.*{first}"):
        SMALL(attention=None if in_file else "bam", classes=3, weights=path, **SIZE)


def test_a_damaged_weights_file(tmp_path):
    path = tmp_path / "damaged.weights.h5"
    path.write_bytes(b"no weights")
    with pytest.raises(ValueError, match="is no weights file of Keras, or it is damaged"):
        SMALL(weights=path, **SIZE)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"attention": "bma"}, "unknown attention 'bma'; did you mean 'bam'"),
        ({"attention": 3}, "module must be a layer class, an unbuilt layer or a callable"),
        ({"attention": "bam:dilation=2"}, "unknown argument of bam 'dilation'; did you mean 'dil"),
        ({"attention": "bam", "after": ["stage1_blok2_out"]}, "did you mean 'stage1_block2_out'"),
        ({"attention": "bam", "after": []}, "names no layer"),
        ({"after": "blocks"}, "after='blocks' without attention"),
        ({"attention": ChannelBranch}, "a module keeps both"),
        ({"classes": 0}, "classes must be a positive integer, received 0"),
        ({"pooling": "mean", "include_top": False}, "pooling must be one of"),
        ({"data_format": "NCHW"}, "data_format must be one of"),
        ({"input_shape": (32, 32)}, "input_shape must be"),
        ({"input_shape": (32, 32, None)}, "with a known channel count"),
        ({"input_shape": (4, 32, 3)}, "needs 8x8 at least"),
        ({"weights": "imagenet"}, r"nor one of the names \['cifar10'\]"),
        ({"clases": 3}, "unknown argument of CifarResNetSmall 'clases'; did you mean 'classes'"),
        ({"stride_in_1x1": True}, "unknown argument of CifarResNetSmall 'stride_in_1x1'"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SMALL(**arguments)


def test_missing_weights_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        SMALL(weights=tmp_path / "absent.weights.h5")


@pytest.mark.parametrize("attention", [BAM, BAM(data_format="channels_last")])
def test_modules_get_the_data_format_of_the_network(attention):
    model = SMALL(attention=attention, data_format="channels_first", input_shape=(3, 16, 16))
    assert {module.data_format for module in modules(model)} == {"channels_first"}


def test_a_callable_with_another_data_format():
    make = lambda name: BAM(name=name, data_format="channels_last")  # noqa: E731
    with pytest.raises(ValueError, match="give it data_format='channels_first'"):
        SMALL(attention=make, data_format="channels_first")
