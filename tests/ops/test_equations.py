import numpy as np
import pytest
import reference
from keras import ops

from keras_bam.ops import combine, refine

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(2, 3, 5, 4)).astype("float32")
CHANNEL = RNG.normal(size=(2, 1, 1, 4)).astype("float32")
SPATIAL = RNG.normal(size=(2, 3, 5, 1)).astype("float32")


@pytest.mark.parametrize("how", ["add", "multiply", "maximum"])
def test_combine(how):
    expected = reference.sigmoid(reference.COMBINATIONS[how](CHANNEL, SPATIAL))
    np.testing.assert_allclose(combine(CHANNEL, SPATIAL, how), expected, atol=1e-6)


def test_combine_adds_by_default():
    np.testing.assert_array_equal(combine(CHANNEL, SPATIAL), combine(CHANNEL, SPATIAL, "add"))


def test_combine_of_one_is_its_sigmoid():
    np.testing.assert_allclose(combine(CHANNEL), reference.sigmoid(CHANNEL), atol=1e-6)
    np.testing.assert_allclose(
        combine(spatial_logits=SPATIAL), reference.sigmoid(SPATIAL), atol=1e-6
    )


@pytest.mark.parametrize("scale", [None, RNG.normal(size=4).astype("float32")])
def test_refine(scale):
    gain = reference.sigmoid(CHANNEL + SPATIAL) * (1 if scale is None else scale)
    refined = refine(ops.convert_to_tensor(FEATURES), CHANNEL, SPATIAL, scale=scale)
    np.testing.assert_allclose(refined, FEATURES + FEATURES * gain, atol=1e-6)


def test_refine_with_one_branch_and_a_combination():
    gain = reference.sigmoid(CHANNEL * SPATIAL)
    refined = refine(FEATURES, CHANNEL, SPATIAL, how="multiply")
    np.testing.assert_allclose(refined, FEATURES * (1 + gain), atol=1e-6)
    refined = refine(FEATURES, spatial_logits=SPATIAL)
    np.testing.assert_allclose(refined, FEATURES * (1 + reference.sigmoid(SPATIAL)), atol=1e-6)


@pytest.mark.parametrize("function", [combine, lambda *args: refine(FEATURES, *args)])
def test_errors(function):
    with pytest.raises(ValueError, match="how must be one of .*'add'.*received 'sum'"):
        function(CHANNEL, SPATIAL, "sum")
    with pytest.raises(ValueError, match="how must be one of .*received \\['add'\\]"):
        function(CHANNEL, SPATIAL, ["add"])
    with pytest.raises(ValueError, match="channel_logits and spatial_logits are both None"):
        function(None, None)
