"""A detector on a data set: whether they fit, what it is fed and what is measured."""

import dataclasses
import importlib.util
import math

import keras
import numpy as np

from keras_bam.data import DetectionBatches, Prefetch, batches_of, unlabelled
from keras_bam.detection import (
    Detected,
    Objects,
    coco_average_precision,
    task_of,
    voc_average_precision,
)
from keras_bam.training.feeding import split

_OF_CLASSIFIERS = {
    "label_smoothing": 0.0,
    "mixup": 0.0,
    "cutmix": 0.0,
    "cutout": 0,
    "randaugment": 0.0,
}


def check_fits(model, dataset):
    """Raises ValueError if `model` is no detector, or finds other classes than `dataset` has."""
    classes, names = task_of(model).classes, dataset.class_names
    if classes != len(names):
        raise ValueError(
            f"model {model.name!r} finds {classes} classes, but {dataset.name} has {len(names)}; "
            f"build it with classes={len(names)}, the background is not counted"
        )


def fit_batches(task, dataset, recipe, **reading):
    """Batches to train on, those to measure each epoch on, and how many images train.

    Images without an object that counts are left out of training.

    Args:
        task: a `keras_bam.detection.DetectionTask`.
        dataset: a `DetectionDataset`.
        recipe: a `Recipe`; `augment` is the task's augmentation, `expand` bounds its expansion.
        reading: `threads` and `on_error` of `DetectionBatches`.

    Raises:
        ValueError: for a recipe of classifiers.
    """
    for name, off in _OF_CLASSIFIERS.items():
        if getattr(recipe, name) != off:
            raise ValueError(
                f"{name}={getattr(recipe, name)} is for classifiers, and {dataset.name} is for "
                f"detectors: leave it at {off}"
            )
    train, validation = dataset.train, dataset.test
    if recipe.validation_fraction:
        train, validation = split(train, recipe)
    train = train.with_objects()
    options = {**task.batches, **reading}
    images = _batches(
        dataset,
        train,
        recipe.forward_batch_size,
        seed=recipe.seed,
        shuffle=True,
        augment=_augmentation(task, recipe),
        **options,
    )
    measured = _batches(dataset, validation, recipe.forward_batch_size, **options)
    return Prefetch(images), Prefetch(measured), len(train)


def detect(model, dataset, batch_size=32, **reading):
    """What `model` finds in the test images of `dataset`, and what is there.

    Returns:
        A list of `Detected` and one of `Objects`, boxes in the pixels of the files. Objects that
        are marked as a crowd are difficult, as VOC's.

    Raises:
        ValueError: for a model that does not fit the data set.
    """
    check_fits(model, dataset)
    task = task_of(model)
    batches = _batches(dataset, dataset.test, batch_size, **task.batches, **reading)
    ahead = Prefetch(batches)
    detected, objects = [], []
    for index in range(len(batches)):
        images, _ = ahead[index]
        detected += in_pixels(task.detect(images), batches, index)
        objects += [
            Objects(found.boxes, found.labels, found.difficult | found.crowd)
            for found in batches.truth(index)
        ]
    return detected, objects


def detect_in_files(model, paths, class_names, mean, std, batch_size=8):
    """What `model` finds in image files: a `Detected` for each, boxes in its pixels.

    Args:
        class_names: those that the model finds.
        mean, std: of the images that it was trained on, see `DetectionDataset`.

    Raises:
        OSError, ValueError: naming the path of a file that can't be read.
    """
    images = unlabelled(paths, class_names)
    task = task_of(model)
    batches = DetectionBatches(
        images,
        min(batch_size, len(images)),
        mean=mean,
        std=std,
        data_format=keras.config.image_data_format(),
        **task.batches,
    )
    detected = []
    for index in range(len(batches)):
        detected += in_pixels(task.detect(batches[index][0]), batches, index)
    return detected


def in_pixels(found, batches, index):
    """A `Detected` in the pixels of its file for each image of batch `index`.

    Args:
        found: what `DetectionTask.detect` gave for that batch.
        batches: a `DetectionBatches`.
    """
    counts = [int(count) for count in found["count"]]
    parts = {
        name: [values[:count] for values, count in zip(found[name], counts, strict=True)]
        for name in ("boxes", "scores", "classes")
    }
    boxes = batches.to_pixels(index, parts["boxes"])
    return [Detected(*one) for one in zip(boxes, parts["scores"], parts["classes"], strict=True)]


def measures(detected, objects, classes):
    """Mean average precisions, a dict.

    "mAP" is VOC 2007's at an IoU of .5, "mAP_area" VOC's from 2010 on. With the extra `detection`
    "AP", "AP50" and the others of `coco_average_precision` stand beside them. What nothing is
    known of, such as the AP of large objects where there are none, is None.
    """
    found = {
        "mAP": _mean(voc_average_precision(detected, objects, classes)),
        "mAP_area": _mean(voc_average_precision(detected, objects, classes, eleven_points=False)),
    }
    if importlib.util.find_spec("pycocotools") is not None:
        found |= coco_average_precision(detected, objects, classes)
    return {name: None if math.isnan(value) else value for name, value in found.items()}


def per_class(detected, objects, class_names):
    """One dict a class: how many objects count, VOC 2007's AP at an IoU of .5, and VOC 2010's."""
    counted = np.zeros(len(class_names), int)
    for there in objects:
        np.add.at(counted, there.labels[~there.difficult], 1)
    by_tenths, by_area = (
        voc_average_precision(detected, objects, len(class_names), eleven_points=points)
        for points in (True, False)
    )
    return [
        {
            "class": name,
            "objects": int(counted[label]),
            "AP": _known(by_tenths[label]),
            "AP_area": _known(by_area[label]),
        }
        for label, name in enumerate(class_names)
    ]


def _augmentation(task, recipe):
    if not recipe.augment:
        return False
    return dataclasses.replace(task.augment, expand=min(task.augment.expand, recipe.expand))


def _batches(dataset, images, batch_size, **options):
    data_format = keras.config.image_data_format()
    batch_size = min(batch_size, len(images))
    return batches_of(dataset, images, batch_size, data_format=data_format, **options)


def _mean(precisions):
    known = precisions[~np.isnan(precisions)]
    return float(known.mean()) if known.size else math.nan


def _known(value):
    return None if np.isnan(value) else float(value)
