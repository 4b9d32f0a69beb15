"""What a run does its own way if it trains a detector."""

import dataclasses

from keras_bam.detection import task_of
from keras_bam.files import write_text
from keras_bam.training import detector
from keras_bam.training.class_report import as_csv
from keras_bam.training.image_notes import OF_DETECTOR, read_notes, write_notes


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
        write_notes(run[OF_DETECTOR], dataset)

    def evaluate(self, model, dataset, **reading):
        detected, objects = detector.detect(model, dataset, **reading)
        return detector.measures(detected, objects, len(dataset.class_names))

    def report(self, run, model, dataset, **reading):
        detected, objects = detector.detect(model, dataset, **reading)
        rows = detector.per_class(detected, objects, dataset.class_names)
        write_text(run["per_class.csv"], as_csv(rows))
        return detector.measures(detected, objects, len(dataset.class_names))


def as_trained(run, dataset):
    """`dataset` normalised as the images were that the run's models were trained on."""
    notes = read_notes(run)
    return dataclasses.replace(dataset, mean=notes["mean"], std=notes["std"])
