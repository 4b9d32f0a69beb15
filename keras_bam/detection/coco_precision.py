"""Average precision as in COCO, by its own program (extra `detection`)."""

import contextlib
import io

import numpy as np

from keras_bam.detection.average_precision import check
from keras_bam.extra import from_extra

NAMES = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")


def coco_average_precision(detected, objects, classes):
    """The twelve numbers of COCO's table, by pycocotools.

    Args:
        detected: a `Detected` for each image, boxes in pixels; of each image and class the 100 best
            count.
        objects: an `Objects` for each image, in the same order. What is difficult takes the part of
            COCO's crowds: it need not be found, and any number of detections of it, which there are
            measured by the share of theirs that it covers, count for nothing.
        classes: how many there are.

    Returns:
        A dict: "AP", the mean over IoU thresholds .5, .55, ... .95; "AP50", "AP75"; "APs", "APm",
        "APl" by the objects' area below 32^2, 96^2 and above; recalls "AR1", "AR10", "AR100" by
        detections an image, "ARs", "ARm", "ARl". NaN where there is no such object.

    Raises:
        ModuleNotFoundError: if pycocotools is not installed.
        ValueError: as `voc_average_precision`.
    """
    COCO = from_extra("pycocotools.coco", "detection").COCO
    COCOeval = from_extra("pycocotools.cocoeval", "detection").COCOeval
    detected, objects = list(detected), list(objects)
    check(detected, objects, classes)
    truth, results = COCO(), COCO()
    images = [{"id": image} for image in range(1, len(objects) + 1)]
    categories = [{"id": label} for label in range(1, classes + 1)]
    annotations = [note for image in zip(images, objects, strict=True) for note in _truth(*image)]
    found = [note for image in zip(images, detected, strict=True) for note in _found(*image)]
    with contextlib.redirect_stdout(io.StringIO()):
        for dataset, notes in ((truth, annotations), (results, found)):
            for number, note in enumerate(notes, 1):
                note["id"] = number
            dataset.dataset = {"images": images, "categories": categories, "annotations": notes}
            dataset.createIndex()
        evaluation = COCOeval(truth, results, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    values = [float(value) if value >= 0 else np.nan for value in evaluation.stats]
    return dict(zip(NAMES, values, strict=True))


def _truth(image, there):
    difficult = np.zeros(len(there.labels)) if there.difficult is None else there.difficult
    for box, label, crowd in zip(there.boxes, there.labels, difficult, strict=True):
        yield {**_note(image, box, label), "iscrowd": int(crowd)}


def _found(image, found):
    for box, score, label in zip(found.boxes, found.scores, found.classes, strict=True):
        yield {**_note(image, box, label), "score": float(score)}


def _note(image, box, label):
    x1, y1, x2, y2 = (float(side) for side in box)
    width, height = x2 - x1, y2 - y1
    return {
        "image_id": image["id"],
        "category_id": int(label) + 1,
        "bbox": [x1, y1, width, height],
        "area": width * height,
    }
