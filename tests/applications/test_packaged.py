"""The weights that come with the package."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_bam import applications, explain
from keras_bam.applications import packaged
from keras_bam.layers import BAM

SMALL = applications.CifarResNetSmall


def small(**changes):
    zeros = {"kernel_initializer": "zeros"}  # quick; all weights are loaded
    return SMALL(**{"attention": "bam", "classes": 10, "weights": "cifar10", **zeros, **changes})


@pytest.fixture(scope="module")
def model():
    return small()


def test_every_weight_is_the_file_s(model):
    path = Path(packaged.__file__).parent / "packaged_weights" / "cifar10.npz"
    assert path.stat().st_size < 3 * 2**20
    with np.load(path) as arrays:
        assert {weight.path for weight in model.weights} == set(arrays)
        for weight in model.weights:
            np.testing.assert_array_equal(
                keras.ops.convert_to_numpy(weight), arrays[weight.path].astype("float32")
            )
    assert explain.never_trained(model) is False


def test_it_is_the_default_form():
    config = BAM().get_config()
    assert packaged.facts("cifar10")["bam"].items() <= json.loads(json.dumps(config)).items()


@pytest.mark.once
def test_facts():
    facts = packaged.facts("cifar10")
    assert "Krizhevsky" in facts["notice"] and len(facts["class_names"]) == 10
    assert facts["seed"] == facts["recipe"]["seed"] == 0
    trained, rounded = facts["test_accuracy"].values()
    assert trained == pytest.approx(rounded, abs=2e-3)
    assert facts["versions"]["backend"] and facts["versions"]["date"]


def test_without_classifier_and_on_another_size(model):
    features = small(include_top=False, pooling="avg", input_shape=(48, 40, 3))
    for layer in features.layers[1:]:
        for ours, whole in zip(layer.weights, model.get_layer(layer.name).weights, strict=True):
            np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (ours, whole)))


@pytest.mark.once
@pytest.mark.parametrize(
    "changes, message",
    [
        ({"classes": 100}, "first weight that differs is predictions/kernel"),
        ({"attention": None}, r"are of CifarResNetSmall\(attention='bam', classes=10\)"),
        ({"attention": "bam:reduction_ratio=8"}, "stage1_block2_out_bam/channel/reduce/kernel"),
        ({"attention": "bam:form=official"}, "first weight that differs is stage1_block2_out_bam/"),
        ({"attention": "bam:dilation_rate=2"}, "dilation_rate=4 in BAM; stage1_block2_out_bam has"),
        ({"attention": "bam:activation=None"}, "activation='relu' in BAM; stage1_block2_out_bam "),
        ({"attention": "se"}, "this CifarResNetSmall is another network"),
        ({"input_shape": (32, 32, 1)}, "first weight that differs is stem_conv/kernel"),
    ],
)
def test_what_does_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        small(**changes)


@pytest.mark.once
def test_another_network():
    with pytest.raises(
        ValueError, match="weights='cifar10' are of CifarResNetSmall.*SqueezeNet1p1"
    ):
        applications.SqueezeNet1p1(weights="cifar10", kernel_initializer="zeros")
