"""What `after` may be."""

import graphs
import keras
import pytest

from keras_bam.insertion.selection import selected


@pytest.mark.parametrize(
    "after, paths",
    [
        ("bottlenecks", ["stage1_out"]),
        ("blocks", ["stage1_conv"]),
        ("stage1_add", ["stage1_add"]),
        (["stage2_out", "stage1_out"], ["stage2_out", "stage1_out"]),
        (("stem",), ["stem"]),
        (lambda layer: isinstance(layer, keras.layers.ReLU), ["stage1_out", "stage2_out"]),
    ],
)
def test_after(after, paths):
    assert selected(graphs.two_stages(), after) == paths


def test_a_bare_name_of_a_nested_layer():
    assert selected(graphs.nested(), ["head_conv"]) == ["head/head_conv"]


def test_a_name_that_stands_for_two():
    message = r"after='conv' is the name of several.*\['middle/conv', 'middle/inner/conv'\]"
    with pytest.raises(ValueError, match=message):
        selected(graphs.nested(), ["conv"])


@pytest.mark.parametrize(
    "after, message",
    [
        (["stage1_ou"], "unknown layer in after 'stage1_ou'; did you mean 'stage1_out'"),
        ("bottleneck", "unknown layer in after 'bottleneck'"),
        (["image"], "unknown layer in after 'image'"),
        ([], r"after=\[\] names no layer"),
        (["stem", "stem"], "after names 'stem' twice; .*call insert twice"),
        (lambda layer: False, "matches none of the model's 10 layers, such as .*'stem'"),
        (keras.layers.ReLU, r"pass lambda layer: isinstance\(layer, Class\)"),
        (3, "after must be 'bottlenecks', 'blocks', names of layers or a predicate, received 3"),
    ],
)
def test_what_after_can_not_be(after, message):
    with pytest.raises(ValueError, match=message):
        selected(graphs.two_stages(), after)
