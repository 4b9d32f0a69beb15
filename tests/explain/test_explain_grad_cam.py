"""Grad-CAM against NumPy, and what was computed here against the other two backends."""

import importlib.util
import os
import subprocess
import sys

import gradients
import keras
import numpy as np
import pytest
import small_networks

from keras_bam import explain
from keras_bam.backend_choice import BACKENDS

OTHERS = [name for name in BACKENDS if name != keras.backend.backend()]
CAM = """
import sys, keras, keras_bam, numpy as np
backend, model, images, out = sys.argv[1:]
assert keras.backend.backend() == backend
model = keras.saving.load_model(model)
cams = [keras_bam.explain.grad_cam(model, np.load(images), name) for name in ("bam", "official")]
np.savez(out, **{cam.layer: cam.maps for cam in cams})
"""


def weighted(features, slope):
    """Section 3 of arXiv:1610.02391, in float64."""
    maps = np.maximum((slope.mean(axis=(1, 2), keepdims=True) * features).sum(axis=-1), 0)
    return maps / maps.max(axis=(1, 2), keepdims=True)


@pytest.fixture(scope="module")
def network():
    return small_networks.network()


@pytest.mark.parametrize("class_index", [None, [3, 0]])
def test_by_finite_differences(network, class_index):
    model, weights = network
    images = small_networks.images()
    cam = explain.grad_cam(model, images, "bam", class_index)
    assert cam.layer == "bam" and cam.maps.shape == (2, 8, 10) and cam.maps.dtype == "float32"

    values = {"features": explain.feature_map(model, images, "bam").astype("float64")}
    logits = small_networks.head(weights, values["features"])
    np.testing.assert_allclose(cam.logits, logits, atol=1e-5)
    chosen = logits.argmax(axis=1) if class_index is None else np.broadcast_to(class_index, 2)
    np.testing.assert_array_equal(cam.class_index, chosen)

    def score():
        return small_networks.head(weights, values["features"])[range(2), chosen].sum()

    slope = gradients.by_differences(score, values)["features"]
    np.testing.assert_allclose(cam.maps, weighted(values["features"], slope), atol=1e-4)
    assert cam.maps.max(axis=(1, 2)) == pytest.approx(1)


def test_behind_the_last_map_it_is_the_classifier_s_weights(network):
    """As in CAM (arXiv:1512.04150), up to a factor."""
    model, weights = network
    cam = explain.grad_cam(model, small_networks.images(), class_index=1)
    assert cam.layer == "official"
    features = explain.feature_map(model, small_networks.images())
    kernel = weights["logits"]["kernel"][:, 1]
    maps = np.maximum(features @ kernel, 0)
    np.testing.assert_allclose(cam.maps, maps / maps.max(axis=(1, 2), keepdims=True), atol=1e-4)


def test_the_softmax_makes_no_difference(network):
    model, _ = network
    logits, _ = small_networks.network(ending=None)
    images = small_networks.images()
    for name in ("bam", "official"):
        with_softmax, without = (explain.grad_cam(m, images, name) for m in (model, logits))
        np.testing.assert_allclose(with_softmax.maps, without.maps, atol=1e-6)


def test_nothing_speaks_for_the_class():
    image = keras.Input((2, 2, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU(name="map")(image))
    model = keras.Model(image, keras.layers.Dense(2, kernel_initializer="ones")(-x))
    assert not explain.grad_cam(model, np.ones((1, 2, 2, 1))).maps.any()


def test_nested_repeated_and_channels_first():
    again = keras.layers.Conv2D(3, 1, data_format="channels_first", name="again")
    inner = keras.Sequential([keras.Input((3, 4, 5)), again], name="inner")
    image = keras.Input((3, 4, 5))
    x = again(inner(image))
    x = keras.layers.GlobalAveragePooling2D(data_format="channels_first")(x)
    model = keras.Model(image, keras.layers.Dense(2)(x))
    images = np.random.default_rng(0).random((2, 3, 4, 5))
    for name in ("inner/again", "inner", "again"):
        cam = explain.grad_cam(model, images, name)
        assert (cam.layer, cam.maps.shape) == (name, (2, 4, 5))
        assert explain.feature_map(model, images, name).shape == (2, 4, 5, 3)


def test_random_weights_are_seen_unless_told(network):
    image = keras.Input((4, 4, 2))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 1)(image))
    fresh = keras.Model(image, keras.layers.Dense(2)(x))
    assert not explain.grad_cam(network[0], small_networks.images()).random_weights
    for told, seen in ((None, True), (False, False)):
        cam = explain.grad_cam(fresh, np.ones((1, 4, 4, 2)), random_weights=told)
        assert cam.random_weights is seen


@pytest.mark.parametrize(
    "layer, class_index, message",
    [
        ("bamm", None, "unknown layer 'bamm'; did you mean 'bam'"),
        ("logits", None, r"layer='logits' returns no feature map, but \(2, 4\)"),
        ("bam", 4, "class_index=4 is out of range: the model has 4 classes, 0 to 3"),
        ("bam", [0, -1], r"class_index=\[0, -1\] is out of range"),
        ("bam", [0, 1, 2], r"one for each of 2 images, received \[0, 1, 2\]"),
        ("bam", 1.0, "class_index must be an integer, or one for each of 2 images"),
    ],
)
def test_wrong_arguments(network, layer, class_index, message):
    with pytest.raises(ValueError, match=message):
        explain.grad_cam(network[0], small_networks.images(), layer, class_index)


def test_a_layer_that_no_class_depends_on():
    image = keras.Input((2, 2, 1))
    unused = keras.layers.ReLU(name="unused")(image)
    x = keras.layers.GlobalAveragePooling2D()(image) + 0 * keras.ops.mean(unused, axis=(1, 2))
    model = keras.Model(image, keras.layers.Dense(2)(x), name="small")
    with pytest.raises(ValueError, match="'small' do not depend on what layer='unused' returns"):
        explain.grad_cam(model, np.ones((1, 2, 2, 1)), "unused")


def test_no_feature_map(network):
    with pytest.raises(ValueError, match="layer='mean' returns no feature map"):
        explain.feature_map(network[0], small_networks.images(), "mean")


@pytest.mark.once  # from one backend to the other two: all pairs
@pytest.mark.slow
@pytest.mark.parametrize("backend", OTHERS)
def test_the_same_on_every_backend(network, backend, tmp_path):
    if importlib.util.find_spec(BACKENDS[backend]) is None:
        pytest.skip(f"{backend} is not installed")
    model, images = network[0], small_networks.images()
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "images.npy", images)
    paths = [tmp_path / name for name in ("model.keras", "images.npy", "cams.npz")]
    subprocess.run(
        [sys.executable, "-c", CAM, backend, *paths],
        env={**os.environ, "KERAS_BACKEND": backend},
        check=True,
    )
    with np.load(paths[-1]) as found:
        for name in ("bam", "official"):
            here = explain.grad_cam(model, images, name).maps
            np.testing.assert_allclose(found[name], here, atol=1e-4)
