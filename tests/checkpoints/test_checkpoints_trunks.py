"""Random weights of whole classifiers in the trunks of detectors."""

import keras
import numpy as np
import pytest
from test_checkpoints_keras_file import randomised

from keras_bam import applications, checkpoints
from keras_bam.checkpoints.preprocessing import CAFFE, TENSORFLOW

pytestmark = pytest.mark.once  # weights by their names and places

IMAGE = (257, 257, 3)


@pytest.fixture(autouse=True)
def quick_to_build(monkeypatch):
    """Initial weights are zeros."""
    draw = lambda self, shape, dtype=None, **_: np.zeros(shape, dtype or "float32")  # noqa: E731
    monkeypatch.setattr(keras.initializers.VarianceScaling, "__call__", draw)


def detector(backbone, size=257, **settings):
    return applications.SSD300(backbone=backbone, input_shape=(size, size, 3), **settings)


def output(model, layer, images):
    part = keras.Model(model.input, model.get_layer(layer).output)
    return part.predict(images, verbose=0)


def check_same_features(classifier, theirs, ours, ours_name):
    images = np.random.default_rng(1).normal(size=(1, *ours.input_shape[1:])).astype("float32")
    expected = output(classifier, theirs, images)
    result = output(ours, ours_name, images)
    assert np.ptp(expected) > 0
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.slow
def test_our_mobilenet_with_its_modules():
    settings = {"attention": "bam", "include_top": False, "input_shape": IMAGE}
    classifier = randomised(applications.MobileNet(**settings))
    ours = detector("mobilenet", attention="bam", after="bottlenecks")
    assert checkpoints.load_trunk(ours, classifier) is None
    check_same_features(classifier, "block13_out", ours, "block13_out")


def test_a_module_more_or_less():
    classifier = applications.MobileNet(attention="bam", classes=3, input_shape=IMAGE)
    with pytest.raises(ValueError, match="the first weight that differs is block3_out_bam/.* left"):
        checkpoints.load_trunk(detector("mobilenet"), classifier)


@pytest.mark.slow
def test_mobilenet_of_keras():
    settings = {"weights": None, "input_shape": (288, 288, 3), "include_top": False}
    classifier = randomised(keras.applications.MobileNet(**settings))
    ours = detector("keras_mobilenet", size=288)
    assert checkpoints.load_trunk(ours, classifier) == TENSORFLOW
    check_same_features(classifier, "conv_pw_13_relu", ours, "block13_out")


@pytest.mark.slow
def test_vgg16_of_keras():
    classifier = keras.applications.VGG16(weights=None, classes=2)
    classifier.trainable = False
    rng = np.random.default_rng(0)
    values = {
        weight.path: (0.01 * rng.standard_normal(weight.shape, np.float32))
        for weight in classifier.weights
    }
    for weight in classifier.weights:
        weight.assign(values[weight.path])
    ours = detector("vgg16")
    assert checkpoints.load_trunk(ours, classifier) == CAFFE
    for stage, depth in enumerate((2, 2, 3, 3, 3), 1):
        for number in range(1, depth + 1):
            kernel, bias = ours.get_layer(f"block{stage}_conv{number}").get_weights()
            np.testing.assert_array_equal(kernel, values[f"block{stage}_conv{number}/kernel"])
            np.testing.assert_array_equal(bias, values[f"block{stage}_conv{number}/bias"])
    kernel, bias = ours.get_layer("fc6").get_weights()
    for row, column, channel, unit in rng.integers(0, (3, 3, 512, 1024), (200, 4)):
        flat = (3 * row * 7 + 3 * column) * 512 + channel
        assert kernel[row, column, channel, unit] == values["fc1/kernel"][flat, 4 * unit]
    np.testing.assert_array_equal(bias, values["fc1/bias"][::4])
    kernel, bias = ours.get_layer("fc7").get_weights()
    for channel, unit in rng.integers(0, 1024, (200, 2)):
        assert kernel[0, 0, channel, unit] == values["fc2/kernel"][4 * channel, 4 * unit]
    np.testing.assert_array_equal(bias, values["fc2/bias"][::4])
    assert (ours.get_layer("block4_norm").get_weights()[0] == 20).all()


def test_vgg16_without_its_classifier():
    classifier = applications.VGG16(include_top=False, input_shape=(32, 32, 3))
    with pytest.raises(ValueError, match="VGG16 is not of the trunk of 'SSD300': .* fc6/kernel"):
        checkpoints.load_trunk(detector("vgg16"), classifier)


def test_keras_form_is_asked_for():
    image = keras.Input((32, 32, 3))
    classifier = keras.Model(image, keras.layers.Conv2D(32, 3, name="conv1")(image))
    with pytest.raises(ValueError, match="build 'SSD300' with backbone='keras_mobilenet'"):
        checkpoints.load_trunk(detector("mobilenet"), classifier)


def test_a_model_without_a_trunk():
    image = keras.Input((4,))
    plain = keras.Model(image, keras.layers.Dense(2, name="predictions")(image), name="plain")
    with pytest.raises(ValueError, match="plain is not of the trunk of 'plain'"):
        checkpoints.load_trunk(plain, plain)
