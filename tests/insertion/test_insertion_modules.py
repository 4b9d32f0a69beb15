"""Modules at places, whatever the module is."""

import keras
import pytest

from keras_bam.insertion.modules import module_factory, refine
from keras_bam.layers import BAM, SqueezeExcite


@pytest.mark.parametrize(
    "module, name",
    [
        (BAM, "stage1_bam"),
        (SqueezeExcite(reduction_ratio=4), "stage1_squeeze_excite"),
        (lambda name: BAM(name=name), "stage1_attention"),
    ],
)
def test_each_place_gets_a_layer_of_its_own(module, name):
    make = module_factory(module)
    first, second = make("stage1"), make("stage2")
    assert first.name == name
    assert first is not second
    assert first.reduction_ratio == second.reduction_ratio


def test_a_built_layer_is_no_template():
    layer = BAM(name="used")
    layer.build((None, 4, 4, 16))
    with pytest.raises(ValueError, match="module='used' is already built"):
        module_factory(layer)


def test_not_a_module():
    with pytest.raises(ValueError, match="module must be a layer class.*received 'bam'"):
        module_factory("bam")


@pytest.mark.parametrize(
    "module, change",
    [
        (lambda name: keras.layers.Conv2D(3, 1, name=name), r"\(None, 4, 4, 3\)"),
        (lambda name: BAM(name=name, dtype="float16"), "float16"),
    ],
)
def test_a_module_keeps_shape_and_dtype(module, change):
    features = keras.Input((4, 4, 16))
    with pytest.raises(ValueError, match=f"at 'input' into .*{change}.*a module keeps both"):
        refine(module_factory(module)("input"), "input", features)
