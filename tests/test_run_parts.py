"""Data set and network of a run; networks in full size are not built."""

import keras
import numpy as np
import pytest
import tiny

from keras_bam import applications, data, run_parts
from keras_bam.training import recipes

SMALL = {"model": "SSD96Small", "image_size": 32}


def test_what_fit_takes_by_itself():
    for name in data.names():
        finds_objects = name in ("shapes", "voc", "coco")
        assert (run_parts.usual_model(name) in applications.detectors()) == finds_objects
        assert recipes.resolve(recipes.usual(name), name) in recipes.RECIPES


def test_a_detector_at_the_size_asked_for():
    dataset = run_parts.load_data({"dataset": "shapes", "image_size": 32})
    model, same = run_parts.build({**SMALL, "attention": "bam"}, dataset)
    assert (model.input_shape[1:], model.output_shape[2], same) == ((32, 32, 3), 8, dataset)


def test_a_detector_at_its_own_size():
    model, _ = run_parts.build({"model": "SSD96Small"}, tiny.shapes())
    assert model.input_shape[1:] == (96, 96, 3)


def test_a_trunk(monkeypatch):
    """Weights for blue, green, red: outputs are those of an image with its channels reversed."""
    loaded = []

    def load_trunk(model, source):
        loaded.append(source)
        return run_parts.checkpoints.preprocessing.CAFFE

    monkeypatch.setattr(run_parts.checkpoints, "load_trunk", load_trunk)
    dataset = tiny.shapes()
    keras.utils.set_random_seed(0)
    plain, _ = run_parts.build(SMALL, dataset)
    keras.utils.set_random_seed(0)
    model, changed = run_parts.build({**SMALL, "trunk": "vgg16.h5"}, dataset)
    assert loaded == ["vgg16.h5"]
    assert changed.std == (1 / 255,) * 3 and changed.train is dataset.train
    image = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(
        model.predict(image, verbose=0), plain.predict(image[..., ::-1], verbose=0), atol=1e-4
    )


def test_a_trunk_of_the_network_s_usual_backbone():
    config = {"model": "FasterRCNN96Small", "trunk": "imagenet", "image_size": 32}
    with pytest.raises(ValueError, match="resnet50, resnet101, and not for 'small'"):
        run_parts.build(config, tiny.shapes())


def test_a_trunk_from_keras(monkeypatch):
    asked = []
    monkeypatch.setitem(run_parts._PRETRAINED, "small", lambda weights: asked.append(weights))
    monkeypatch.setattr(run_parts.checkpoints, "load_trunk", lambda model, source: None)
    dataset = tiny.shapes()
    assert run_parts.build({**SMALL, "trunk": "imagenet"}, dataset)[1] is dataset
    assert asked == ["imagenet"]


@pytest.mark.parametrize(
    "config, dataset, message",
    [
        (
            {"model": "CifarResNetSmall"},
            tiny.shapes,
            "CifarResNetSmall does not fit shapes, .* det",
        ),
        ({"model": "SSD300"}, tiny.dataset, "SSD300 does not fit tiny, .* no objects"),
        ({"model": "SSD96Small"}, tiny.dataset, "detectors are SSD300, "),
        ({**SMALL, "trunk": "imagenet"}, tiny.shapes, "and not for .small."),
        ({"model": "CifarResNetSmall", "trunk": "a.h5"}, tiny.dataset, "--trunk is for detectors"),
        ({**SMALL, "trunk": "absent.bin"}, tiny.shapes, "absent.bin is no checkpoint"),
    ],
)
def test_what_does_not_fit(config, dataset, message):
    with pytest.raises(ValueError, match=message):
        run_parts.build(config, dataset())


def test_splits_where_there_are_none():
    with pytest.raises(ValueError, match="--test is a split of voc or coco, not of digits"):
        run_parts.load_data({"dataset": "digits", "test": "2007/test"})
