"""What a detector is fed and how it is measured."""

import dataclasses
import math
import sys

import keras
import numpy as np
import photographs
import pytest
import tiny

from keras_bam import detection
from keras_bam.data import DetectionImages
from keras_bam.training import Recipe, detector


class Perfect:
    """A `DetectionTask` whose detections are what is there."""

    classes = 3

    def __init__(self, images, model):
        self.model = model
        self.batches = {"size": 32, "encode": lambda boxes, labels: np.zeros(1)}
        self.left = list(images.objects)

    def detect(self, images):
        found = [self.left.pop(0) for _ in images]
        padded = {"boxes": (200, 4), "scores": (200,), "classes": (200,)}
        arrays = {name: np.zeros((len(found), *shape)) for name, shape in padded.items()}
        for place, one in enumerate(found):
            sides = one.width, one.height, one.width, one.height
            arrays["boxes"][place, : len(one)] = one.boxes / sides
            arrays["scores"][place, : len(one)] = 0.5
            arrays["classes"][place, : len(one)] = one.labels
        return {**arrays, "count": np.array([len(one) for one in found])}


@pytest.fixture
def perfect(monkeypatch):
    dataset = tiny.shapes(test=5)
    task = Perfect(dataset.test, tiny.detector())
    monkeypatch.setattr(detector, "task_of", lambda model: task)
    return dataset


def test_perfect_detections(perfect):
    detected, objects = detector.detect(None, perfect, batch_size=2)
    for found, there, image in zip(detected, objects, perfect.test.objects, strict=True):
        np.testing.assert_allclose(found.boxes, image.boxes, atol=1e-4)
        np.testing.assert_array_equal(there.boxes, image.boxes)
    measures = detector.measures(detected, objects, 3)
    assert measures["mAP"] == measures["mAP_area"] == pytest.approx(1)
    rows = detector.per_class(detected, objects, perfect.class_names)
    assert [row["class"] for row in rows] == list(perfect.class_names)
    labels = np.concatenate([image.labels for image in perfect.test.objects])
    assert [row["objects"] for row in rows] == np.bincount(labels, minlength=3).tolist()
    assert {row["AP"] for row in rows if row["objects"]} == {1.0}


def test_coco_measures(perfect):
    pytest.importorskip("pycocotools")
    measures = detector.measures(*detector.detect(None, perfect), 3)
    assert measures["AP"] == measures["AP50"] == pytest.approx(1)
    assert measures["APl"] is None  # there are none in an image of 32 pixels


def test_measures_without_pycocotools(perfect, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    assert set(detector.measures(*detector.detect(None, perfect), 3)) == {"mAP", "mAP_area"}


def test_a_class_that_is_not_there():
    nothing = detection.Detected(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))
    objects = detection.Objects(np.array([[0, 0, 9, 9]]), np.array([1]), np.array([False]))
    assert detector.measures([nothing], [objects], 2)["mAP"] == 0
    difficult = objects._replace(difficult=np.array([True]))
    assert detector.measures([nothing], [difficult], 2)["mAP"] is None
    rows = detector.per_class([nothing], [difficult], ("a", "b"))
    assert [(row["objects"], row["AP"], row["AP_area"]) for row in rows] == 2 * [(0, None, None)]


def test_crowds_are_difficult(perfect):
    images = perfect.test
    crowds = tuple(dataclasses.replace(o, crowd=np.ones(len(o), bool)) for o in images.objects)
    marked = DetectionImages(images.images, crowds, images.class_names)
    dataset = dataclasses.replace(perfect, test=marked)
    _, objects = detector.detect(None, dataset)
    assert all(there.difficult.all() for there in objects)


def test_batches_to_train_on():
    dataset = tiny.shapes()
    task = detection.task_of(tiny.detector())
    recipe = Recipe(batch_size=4, augment=True, validation_fraction=0.25)
    train, validation, count = detector.fit_batches(task, dataset, recipe)
    assert (len(train), len(validation), count) == (2, 1, 6)
    images, targets = train[0]
    assert (images.shape, targets.shape) == ((4, 32, 32, 3), (4, 84, 5))
    assert all((one[:, 4] > 0).any() for one in targets)
    train.epoch = 1
    assert not np.array_equal(train[0][0], images)


def test_images_without_objects_do_not_train():
    dataset = tiny.shapes()
    objects = (dataset.train.objects[0].take(slice(0)), *dataset.train.objects[1:])
    emptied = DetectionImages(dataset.train.images, objects, dataset.class_names)
    task = detection.task_of(tiny.detector())
    dataset = dataclasses.replace(dataset, train=emptied)
    assert detector.fit_batches(task, dataset, Recipe(batch_size=7))[2] == 7


@pytest.mark.parametrize("changes", [{"mixup": 0.2}, {"label_smoothing": 0.1}, {"cutout": 4}])
def test_recipes_of_classifiers(changes):
    (name,) = changes
    task = detection.task_of(tiny.detector())
    with pytest.raises(ValueError, match=f"{name}=.* is for classifiers, and shapes is for"):
        detector.fit_batches(task, tiny.shapes(), Recipe(batch_size=4, **changes))


def test_models_that_do_not_fit():
    with pytest.raises(ValueError, match="'detector' finds 2 classes, but shapes has 3"):
        detector.check_fits(tiny.detector(classes=2), tiny.shapes())
    with pytest.raises(ValueError, match="'linear' has no MultiboxOutput"):
        detector.check_fits(tiny.linear(), tiny.shapes())


def test_in_files(tmp_path):
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        photographs.image(40 + number, 50, number).save(path)
    keras.utils.set_random_seed(0)
    model = tiny.detector()
    statistics = {"mean": (0.5,) * 3, "std": (0.5,) * 3}
    names = ("a", "b", "c")
    together = detector.detect_in_files(model, paths, names, batch_size=2, **statistics)
    (alone,) = detector.detect_in_files(model, paths[2:], names, **statistics)
    assert len(together) == 3 and len(alone.scores)
    for one, other in zip(together[2], alone, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    assert alone.boxes.min() >= 0
    assert alone.boxes[:, 2].max() <= 50 and alone.boxes[:, 3].max() <= 42
    assert not math.isnan(alone.scores.sum())
    paths[1].write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"1\.jpg"):
        detector.detect_in_files(model, paths, names, **statistics)
