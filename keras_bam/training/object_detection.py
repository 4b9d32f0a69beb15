"""What a run does its own way if it trains a detector."""

import dataclasses
import json

from keras_bam.detection import task_of
from keras_bam.files import write_text
from keras_bam.training import detector
from keras_bam.training.class_report import as_csv

_NOTES = "detector.json"


class ObjectDetection:
    """A `RunKind`; the best epoch is that of the lowest loss on the validation images."""

    monitor = "val_loss"
    lowest = True

    def check(self, model, dataset):
        detector.check_fits(model, dataset)

    def batches(self, model, dataset, recipe, **reading):
        return detector.fit_batches(task_of(model), dataset, recipe, **reading)

    def compile(self, model, optimizer):
        task_of(model).compile(optimizer)

    def begin(self, run, dataset):
        notes = {name: getattr(dataset, name) for name in ("class_names", "mean", "std")}
        write_text(run[_NOTES], json.dumps(notes, indent=2) + "\n")

    def evaluate(self, model, dataset, **reading):
        detected, objects = detector.detect(model, dataset, **reading)
        return detector.measures(detected, objects, len(dataset.class_names))

    def report(self, run, model, dataset, **reading):
        detected, objects = detector.detect(model, dataset, **reading)
        rows = detector.per_class(detected, objects, dataset.class_names)
        write_text(run["per_class.csv"], as_csv(rows))
        return detector.measures(detected, objects, len(dataset.class_names))


def read_notes(run):
    """The `class_names`, `mean` and `std` that the models of a detector's run are used with.

    Raises:
        ValueError: if it is no such run, or the file is damaged.
    """
    path = run[_NOTES]
    if not path.is_file():
        raise ValueError(f"{run.path} holds no run of a detector: there is no {_NOTES} in it")
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        return {name: tuple(notes[name]) for name in ("class_names", "mean", "std")}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error


def as_trained(run, dataset):
    """`dataset` normalised as the images were that the run's models were trained on."""
    notes = read_notes(run)
    return dataclasses.replace(dataset, mean=notes["mean"], std=notes["std"])
