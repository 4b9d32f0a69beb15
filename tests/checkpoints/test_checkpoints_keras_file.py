"""Weights of keras.applications, from every file that it writes or that is published."""

import h5py
import keras
import numpy as np
import pytest

from keras_bam import checkpoints
from keras_bam.checkpoints import keras_file


@pytest.fixture(scope="module", autouse=True)
def quick_to_build():
    """Initial weights are zeros; `randomised` draws others."""
    zeros = keras.initializers.Zeros()
    with pytest.MonkeyPatch.context() as patch:
        kind = keras.initializers.VarianceScaling
        patch.setattr(kind, "__call__", lambda self, shape, dtype=None: zeros(shape, dtype))
        yield


def randomised(model):
    rng = np.random.default_rng(0)
    values = []
    for weight in model.weights:
        name, shape = weight.path.rpartition("/")[2], weight.shape
        if name == "kernel":
            fan_in = np.prod(shape[:-1]) if shape[-1] > 1 else np.prod(shape[:2])
            values.append(rng.normal(size=shape) * np.sqrt(2 / fan_in))
        elif name in ("gamma", "moving_variance"):
            values.append(rng.uniform(0.5, 1.5, shape))
        else:
            values.append(rng.normal(size=shape) * 0.3)
    model.set_weights(values)
    return model


@pytest.fixture(scope="module")
def mobilenet():
    zeros = {"classifier_activation": None, "weights": None, "input_shape": (66, 97, 3)}
    return randomised(keras.applications.MobileNet(alpha=0.25, classes=7, **zeros))


def published(model, path):
    """As keras.applications' files are: an older layout, with TensorFlow's names."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = []
            for weight in layer.weights:
                name = weight.path.rpartition("/")[2]
                if isinstance(layer, keras.layers.DepthwiseConv2D):
                    name = f"depthwise_{name}"
                names.append(f"{layer.name}/{name}:0")
                group[names[-1]] = keras.ops.convert_to_numpy(weight)
            group.attrs["weight_names"] = [name.encode() for name in names]
    return path


def forms(model, folder):
    model.save_weights(folder / "a.weights.h5")
    return model, folder / "a.weights.h5", published(model, folder / "b.h5")


def check_same_logits(theirs, source, network):
    found = checkpoints.read(source)
    assert found.network == network
    shape = theirs.input_shape[1:]
    ours = found.build(input_shape=shape, classifier_activation=None)
    images = np.random.default_rng(1).normal(size=(2, *shape)).astype("float32")
    expected = theirs.predict(images, verbose=0)
    result = ours.predict(images, verbose=0)
    largest = np.abs(expected).max()
    assert np.ptp(expected[0] - expected[1]) > 0.01 * largest
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-4 * largest)


def test_mobilenet(mobilenet, tmp_path):
    for source in forms(mobilenet, tmp_path):
        check_same_logits(mobilenet, source, "MobileNet")


def test_a_whole_saved_model(mobilenet, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        with h5py.File(published(mobilenet, tmp_path / "weights.h5")) as weights:
            weights.copy(weights, file, name="model_weights")
    found, expected = keras_file.read(tmp_path / "a.h5"), keras_file.of_model(mobilenet)
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        np.testing.assert_array_equal(found[key], array)


def test_resnet50(tmp_path):
    """At an odd and not square size."""
    settings = {"weights": None, "classes": 7, "classifier_activation": None}
    theirs = randomised(keras.applications.ResNet50(input_shape=(64, 97, 3), **settings))
    _, numbered, named = forms(theirs, tmp_path)
    check_same_logits(theirs, numbered, "ResNet50")
    expected = keras_file.of_model(theirs)
    for path in (numbered, named):
        found = keras_file.read(path)
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[key], expected[key]) for key in expected)


@pytest.mark.slow
def test_vgg16(tmp_path):
    settings = {"weights": None, "classes": 7, "classifier_activation": None}
    theirs = randomised(keras.applications.VGG16(input_shape=(64, 32, 3), **settings))
    _, numbered, named = forms(theirs, tmp_path)
    check_same_logits(theirs, numbered, "VGG16")
    expected = keras_file.of_model(theirs)
    for path in (numbered, named):
        found = keras_file.read(path)
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[key], expected[key]) for key in expected)


def test_other_networks_of_keras_are_refused():
    image = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(64, 7, name="conv1_conv")(image)
    x = keras.layers.Conv2D(64, 1, name="conv2_block1_1_conv")(x)
    x = keras.layers.BatchNormalization(name="conv2_block1_preact_bn")(x)
    with pytest.raises(
        ValueError, match="model-v2 looks like keras.applications' ResNet, but thes"
    ):
        checkpoints.load(keras.Model(image, x, name="model-v2"))


def test_numbered_weights_of_another_network(tmp_path):
    image = keras.Input((4,))
    keras.Model(image, keras.layers.Dense(3)(image)).save_weights(tmp_path / "a.weights.h5")
    message = "its first are dense/kernel, dense/bias; .* a builder's argument weights"
    with pytest.raises(ValueError, match=message):
        checkpoints.load(tmp_path / "a.weights.h5")


def test_a_damaged_file(mobilenet, tmp_path):
    mobilenet.save_weights(tmp_path / "a.weights.h5")
    content = (tmp_path / "a.weights.h5").read_bytes()
    for damaged in (content[: len(content) // 2], b"text", b""):
        (tmp_path / "a.weights.h5").write_bytes(damaged)
        with pytest.raises(ValueError, match="is no weights file of Keras, or it is damaged"):
            checkpoints.load(tmp_path / "a.weights.h5")


def test_an_hdf5_file_of_something_else(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = np.ones(3)
    with pytest.raises(ValueError, match="a.h5 is no weights file of Keras, or it is damaged"):
        checkpoints.load(tmp_path / "a.h5")
