"""Random weights of whole residual classifiers in the trunk and head of a Faster R-CNN."""

import draws
import keras
import numpy as np
import pytest
from keras_bam.applications.faster_rcnn import FasterRCNN96Small

from keras_bam import applications, checkpoints

IMAGE = (48, 48, 3)


def detector(**settings):
    return FasterRCNN96Small(classes=3, input_shape=IMAGE, **settings)


def classifier(**settings):
    model = FasterRCNN96Small.network(input_shape=IMAGE, classes=5, **settings)
    draws.weights(model)
    return model


def test_trunk_and_head_of_ours():
    theirs, ours = classifier(attention="bam"), detector(attention="bam")
    assert checkpoints.load_trunk(ours, theirs) is None
    images = np.random.default_rng(0).normal(size=(2, *IMAGE)).astype("float32")
    part = keras.Model(theirs.input, theirs.get_layer("stage3_block1_out_bam").output)
    found, expected = (model.predict(images, verbose=0) for model in (ours.trunk, part))
    assert np.ptp(expected) > 0
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    kernels = [
        model.get_layer("stage4_block1_conv1").get_weights()[0] for model in (ours.head, theirs)
    ]
    np.testing.assert_array_equal(*kernels)


def test_a_module_more_or_less():
    with pytest.raises(ValueError, match="that differs is stage1_block1_out_bam/.* left"):
        checkpoints.load_trunk(detector(), classifier(attention="bam"))
    with pytest.raises(ValueError, match="differs is stage1_block1_out_bam/.* missing"):
        checkpoints.load_trunk(detector(attention="bam"), classifier())


def test_blue_green_red():
    images = np.random.default_rng(0).normal(size=(2, *IMAGE)).astype("float32")
    ours = detector()
    expected = ours.trunk.predict(images[..., ::-1], verbose=0)
    checkpoints.take_rgb(ours)
    np.testing.assert_allclose(ours.trunk.predict(images, verbose=0), expected, atol=1e-5)


def test_another_network():
    with pytest.raises(ValueError, match="holds no weights that are known here"):
        checkpoints.load_trunk(detector(), keras.Sequential([keras.Input(IMAGE)], name="empty"))


@pytest.mark.slow
def test_a_file_of_the_released_code(tmp_path, monkeypatch):
    draw = lambda self, shape, dtype=None, **_: np.zeros(shape, dtype or "float32")  # noqa: E731
    for kind in (keras.initializers.VarianceScaling, keras.initializers.RandomNormal):
        monkeypatch.setattr(kind, "__call__", draw)
    theirs = applications.ResNet50(attention="bam:form=official", stride_in_1x1=False)
    draws.weights(theirs)
    checkpoints.save_official(theirs, tmp_path / "bam.safetensors")
    settings = {
        "backbone": "resnet50",
        "attention": "bam:form=official",
        "input_shape": (128, 128, 3),
        "training_proposals": 500,
    }
    with pytest.raises(ValueError, match="build 'FasterRCNN' with stride_in_1x1=False"):
        checkpoints.load_trunk(applications.FasterRCNN(**settings), tmp_path / "bam.safetensors")
    ours = applications.FasterRCNN(**settings, stride_in_1x1=False)
    preprocessing = checkpoints.load_trunk(ours, tmp_path / "bam.safetensors")
    assert preprocessing.mean == (0.485, 0.456, 0.406) and not preprocessing.reverse_channels
    for name in ("stage1_block3_out_bam", "stage3_block6_conv3"):
        pairs = [model.get_layer(name).get_weights() for model in (ours.trunk, theirs)]
        for found, expected in zip(*pairs, strict=True):
            np.testing.assert_array_equal(found, expected)
