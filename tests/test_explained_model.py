from types import SimpleNamespace

import keras
import pytest
import tiny

from keras_bam import checkpoints, data, explained_model
from keras_bam.checkpoints import preprocessing


def options(model, **changes):
    given = {"which": "last", "data": None, "mean": None, "std": None, "size": None, **changes}
    return SimpleNamespace(model=str(model), **given)


@pytest.fixture
def saved(tmp_path):
    tiny.with_bam().save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def test_weights_of_the_package():
    subject = explained_model.find(options("cifar10"))
    assert subject.model.name == "CifarResNetSmall"
    assert subject.class_names[3] == "cat" and subject.size == (32, 32, 3)
    assert len(subject.mean) == len(subject.std) == 3 and not subject.channels_first


def test_a_keras_file(saved, monkeypatch):
    subject = explained_model.find(options(saved, mean=(0.5,), std=(0.25,)))
    assert (subject.mean, subject.std, subject.class_names) == ((0.5,), (0.25,), None)
    assert subject.size == (8, 8, 1)
    dataset = tiny.dataset()
    monkeypatch.setattr(data, "load", lambda name, folder=None: dataset)
    subject = explained_model.find(options(saved, data="digits"))
    assert (subject.mean, subject.class_names) == (dataset.mean, tiny.CLASSES)
    subject = explained_model.find(options(saved, data="digits", mean=(0.5,), std=(0.25,)))
    assert (subject.mean, subject.class_names) == ((0.5,), tiny.CLASSES)


def test_published_weights(monkeypatch):
    def build():
        return tiny.linear(2, (8, 8, 3))

    found = SimpleNamespace(build=build, preprocessing=preprocessing.CAFFE)
    monkeypatch.setattr(checkpoints, "read", lambda path: found)
    subject = explained_model.find(options("weights.pth"))
    assert subject.mean == preprocessing.CAFFE.mean and subject.class_names is None
    assert subject.size == (8, 8, 3)
    found.preprocessing = None
    with pytest.raises(ValueError, match="weights.pth does not say how its images are normalised"):
        explained_model.find(options("weights.pth"))


def test_sizes():
    def sized(*shape, size=None):
        image = keras.Input(shape)
        form = {"data_format": "channels_first"} if shape[0] in (1, 3) else {}
        features = keras.layers.GlobalAveragePooling2D(**form)(image)
        return explained_model._size(keras.Model(image, features, name="sized"), size)

    assert sized(None, None, 3) == ((224, 224, 3), False)
    assert sized(None, 40, 1, size=40) == ((40, 40, 1), False)
    assert sized(3, 20, 30) == ((20, 30, 3), True)
    with pytest.raises(ValueError, match=r"--size 20, but 'sized' takes images of \[40, 40\]"):
        sized(40, 40, 3, size=20)
    with pytest.raises(ValueError, match="'sized' takes images of 2 channels: 1 or 3"):
        sized(40, 40, 2)
    with pytest.raises(ValueError, match=r"shape \(None, 5\): explain shows models of one"):
        explained_model._size(keras.Sequential([keras.Input((5,)), keras.layers.ReLU()]), None)


def test_nothing_says_how_images_are_normalised(saved):
    with pytest.raises(ValueError, match="does not say how its images are normalised: pass --data"):
        explained_model.find(options(saved))
