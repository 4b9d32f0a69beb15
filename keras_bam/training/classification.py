"""What a run does its own way if it trains a classifier."""

from keras_bam.training import classifier
from keras_bam.training.class_report import write_report
from keras_bam.training.feeding import fit_batches
from keras_bam.training.image_notes import OF_CLASSIFIER, write_notes


class Classification:
    """A `RunKind`."""

    monitor = "val_accuracy"
    lowest = False

    def check(self, model, dataset):
        classifier.check_fits(model, dataset)

    def batches(self, model, dataset, recipe, **reading):
        return fit_batches(dataset, recipe, **reading)

    def compile(self, model, optimizer):
        classifier.compile_classifier(model, optimizer)

    def begin(self, run, dataset):
        write_notes(run[OF_CLASSIFIER], dataset)

    def evaluate(self, model, dataset, **reading):
        return classifier.evaluate(model, dataset, **reading)

    def report(self, run, model, dataset, **reading):
        results = classifier.evaluate(model, dataset, **reading)
        write_report(run, *classifier.predict(model, dataset, **reading), dataset.class_names)
        return results
