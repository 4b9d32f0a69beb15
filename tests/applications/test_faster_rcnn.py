"""Faster R-CNN: counts, what is frozen, places, sizes, files."""

import draws
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam import applications, spelled_network
from keras_bam.layers import BAM

slow = pytest.mark.slow

# Parameters with 80 classes and the background. The first three from detection-counts.json of the
# facts; BAM in the paper's form has 360,761, and a ResNet50 18,992,128 fewer than a ResNet101.
COUNTS = [
    ("FasterRCNN", None, 48_086_045),
    ("FasterRCNN", "bam:form=official", 48_444_112),
    ("FasterRCNN", "bam", 48_086_045 + 17_747 + 69_283 + 273_731),
    ("FasterRCNN:backbone=resnet50", "bam:form=official", 48_444_112 - 18_992_128),
]


@pytest.fixture
def zeros(monkeypatch):
    """Kernels that cost nothing."""
    draw = lambda self, shape, dtype=None, **_: np.zeros(shape, dtype or "float32")  # noqa: E731
    for kind in (keras.initializers.VarianceScaling, keras.initializers.RandomNormal):
        monkeypatch.setattr(kind, "__call__", draw)


def build(text, **settings):
    return spelled_network.build(text, {"attention": None, **settings})


def small(size=48, classes=3, **settings):
    shape = (size, size, 3)
    return applications.FasterRCNN96Small(classes=classes, input_shape=shape, **settings)


@slow
@pytest.mark.parametrize("network, attention, parameters", COUNTS)
def test_counts(zeros, network, attention, parameters):
    """On a small canvas, which has a part in neither."""
    settings = {"input_shape": (128, 128, 3), "training_proposals": 500}
    model = build(network, attention=attention, **settings)
    assert keras_bam.complexity(model).parameters == parameters
    assert model.classes == 80


@slow
@pytest.mark.once
def test_the_paper_s_canvas(zeros):
    model = build("FasterRCNN:backbone=resnet50")
    assert model.anchors.canvas == (608, 1008) and model.anchors.grid == (38, 63)
    assert model.anchors.count == 28_728
    assert model.head.input_shape == (None, 7, 7, 1024)
    strides = [layer.strides for layer in model.head.layers if hasattr(layer, "strides")]
    assert set(strides) == {(1, 1)}


@slow
@pytest.mark.once
def test_what_is_frozen(zeros):
    """As in the recipe: conv1, layer1 and all batch norms; BAM1 trains, but for its batch norms."""
    settings = {"input_shape": (128, 128, 3), "training_proposals": 500, "attention": "bam"}
    model = build("FasterRCNN:backbone=resnet50", **settings)
    trains = {weight.path for weight in model.trainable_weights}
    kernels = {w.path for w in model.weights if w.path.endswith("kernel")}
    assert kernels - trains == {
        path for path in kernels if path.startswith(("stem_", "stage1_")) and "_bam/" not in path
    }
    assert any(path.startswith("stage1_block3_out_bam/") for path in trains)
    assert not [path for path in trains if path.endswith(("gamma", "beta"))]


def test_attention_is_in_the_trunk_alone():
    model = small(attention="bam")
    names = [layer.name for layer in model.trunk.layers if isinstance(layer, BAM)]
    assert not [layer for layer in model.head._flatten_layers() if isinstance(layer, BAM)]
    assert names == [f"stage{stage}_block1_out_bam" for stage in (1, 2, 3)]
    assert model.trunk.output_shape == model.proposer.input_shape == (None, 6, 6, 64)
    assert applications.places("FasterRCNN96Small", "bottlenecks") == [
        name.removesuffix("_bam") for name in names
    ]
    assert applications.places("FasterRCNN", "blocks")[-1] == "stage3_block23_bn3"
    extra = small(attention="extra_block").trunk
    assert extra.get_layer("stage3_block1_out_extra_conv2").output.shape == (None, 6, 6, 64)


@pytest.mark.once
def test_freezing_a_small_one():
    model = small(attention="extra_block", freeze=True)
    assert "stage1_block1_conv1" in model.frozen and "stem_conv" in model.frozen
    assert not [name for name in model.frozen if "extra" in name or "stage2" in name]
    assert small(attention="extra_block").frozen == ()


def test_settings_and_a_canvas_that_is_not_square():
    model = applications.FasterRCNN96Small(classes=2, input_shape=(40, 64, 3), proposals=7)
    assert model.settings.proposals == 7 and model.anchors.grid == (5, 8)
    images = np.random.default_rng(0).normal(size=(1, 40, 64, 3)).astype("float32")
    assert model.predict(images, verbose=0)["boxes"].shape == (1, 100, 4)


def test_weights_of_a_file(tmp_path):
    model = small(attention="bam")
    draws.weights(model.trunk)
    model.save_weights(tmp_path / "model.weights.h5")
    copy = small(attention="bam", weights=tmp_path / "model.weights.h5")
    for ours, theirs in zip(model.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="is of another network, with"):
        small(weights=tmp_path / "model.weights.h5")


@pytest.mark.once
@pytest.mark.parametrize(
    "settings, message",
    [
        ({"backbone": "vgg16"}, r"backbone must be one of \['resnet50', 'resnet101'\], received"),
        ({"freeze": 1}, "freeze must be True or False, received 1"),
        ({"stride_in_1x1": None}, "stride_in_1x1 must be True or False, received None"),
        ({"samples": 0}, "samples must be a positive integer, received 0"),
        ({"proposal": 3}, "unknown argument of FasterRCNN 'proposal'"),
        ({"include_top": False}, "unknown argument of FasterRCNN 'include_top'"),
        ({"classes": 0}, "classes must be a positive integer, received 0"),
        ({"input_shape": (None, None, 3)}, "FasterRCNN needs a canvas of a known size"),
        ({"input_shape": (48, 48, 3)}, "too small for FasterRCNN, which needs 64x64 at least"),
    ],
)
def test_wrong_arguments(settings, message):
    with pytest.raises(ValueError, match=message):
        applications.FasterRCNN(**settings)


@pytest.mark.once
@pytest.mark.parametrize(
    "settings, message",
    [
        ({"size": 33, "anchor_samples": 151}, "151, but this canvas has 150 anchors: pass fewer"),
        ({"attention": "bam", "after": ["stage4_block1_out"]}, "unknown layer in after"),
        ({"attention": "bam", "after": "classifiers"}, "FasterRCNN96Small has one head, and no"),
        ({"stride_in_1x1": True}, "unknown argument of FasterRCNN96Small 'stride_in_1x1'"),
    ],
)
def test_wrong_arguments_of_a_small_one(settings, message):
    with pytest.raises(ValueError, match=message):
        small(**settings)


@pytest.mark.once
def test_a_canvas_too_small_for_the_anchors(zeros):
    with pytest.raises(ValueError, match="a canvas of 65x65 pixels is too small for the anchors"):
        applications.FasterRCNN(backbone="resnet50", input_shape=(65, 65, 3))
