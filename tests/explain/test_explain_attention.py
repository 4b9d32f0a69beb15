import keras
import numpy as np
import pytest
import reference
import small_networks

from keras_bam import explain, insert
from keras_bam.layers import BAM


def test_maps_are_those_of_the_equations():
    model, weights = small_networks.network()
    images = small_networks.images()
    first, second = explain.attention_maps(model, images)
    assert [first.name, second.name] == ["bam", "official"]
    pooled = first.after.reshape(2, 4, 2, 5, 2, 8).max(axis=(2, 4))
    np.testing.assert_allclose(second.before, pooled, atol=1e-6)
    for found, options in (
        (first, {"dilation_rate": 2}),
        (second, {"dilation_rate": 1, "normalization": "hidden", "combine": "multiply"}),
    ):
        bam = reference.Bam(weights[found.name], **options)
        features = found.before.astype("float64")
        expected = [*bam.attention(features), bam(features)]
        shown = [found.attention, found.channel, found.spatial, found.after]
        for array, want in zip(shown, expected, strict=True):
            assert array.dtype == "float32" and array.shape == want.shape
            np.testing.assert_allclose(array, want, atol=1e-5)
    np.testing.assert_allclose(first.mean_attention, first.attention.mean(axis=-1))
    assert first.channel.shape == (2, 1, 1, 8) and first.spatial.shape == (2, 8, 10, 1)


def test_a_single_branch_and_channels_first():
    layers = [
        keras.Input((6, 4, 5)),
        BAM(reduction_ratio=2, branches=["channel"], data_format="channels_first", name="what"),
        BAM(reduction_ratio=2, branches=["spatial"], data_format="channels_first", name="where"),
    ]
    what, where = explain.attention_maps(keras.Sequential(layers), np.ones((3, 6, 4, 5)))
    assert what.spatial is None and what.channel.shape == (3, 1, 1, 6)
    assert where.channel is None and where.spatial.shape == (3, 4, 5, 1)
    for maps in (what, where):
        assert maps.before.shape == maps.attention.shape == maps.after.shape == (3, 4, 5, 6)
        gain = maps.before * (1 + maps.attention)
        np.testing.assert_allclose(maps.after, gain, atol=1e-6)


def test_nested_and_shared():
    first = keras.layers.Conv2D(4, 3, padding="same", name="first")
    inner = keras.Sequential([keras.Input((6, 6, 3)), first, keras.layers.ReLU()], name="inner")
    outer = keras.Sequential([keras.Input((6, 6, 3)), inner, keras.layers.ReLU()])
    nested = insert(outer, BAM(reduction_ratio=2), after=["inner/first"])
    images = np.ones((1, 6, 6, 3))
    (maps,) = explain.attention_maps(nested, images)
    assert maps.name == "inner/first_bam"
    shared, image = BAM(reduction_ratio=2, name="bam"), keras.Input((6, 6, 3))
    flat = keras.Model(image, shared(keras.ops.relu(shared(image))))
    assert [each.name for each in explain.attention_maps(flat, images)] == ["bam", "bam#2"]


def test_a_model_with_code_of_its_own():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.bam = BAM(reduction_ratio=2, name="bam")

        def call(self, inputs):
            return self.bam(inputs + 1)

    (maps,) = explain.attention_maps(Own(), np.zeros((1, 3, 3, 2)))
    assert maps.name == "bam" and (maps.before == 1).all()


def test_random_weights_are_seen_unless_told():
    fresh = keras.Sequential([keras.Input((4, 4, 2)), BAM(reduction_ratio=2)])
    trained, _ = small_networks.network()
    images = small_networks.images()
    assert [each.random_weights for each in explain.attention_maps(trained, images)] == [False] * 2
    for told, seen in ((None, True), (False, False), (True, True)):
        (maps,) = explain.attention_maps(fresh, np.ones((1, 4, 4, 2)), random_weights=told)
        assert maps.random_weights is seen


def test_no_bam():
    plain = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.ReLU()], name="plain")
    with pytest.raises(
        ValueError, match="'plain' has no BAM.*grad_cam and feature_map work on any"
    ):
        explain.attention_maps(plain, np.ones((1, 4, 4, 1)))
