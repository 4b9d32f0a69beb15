"""An exported classifier on a data set."""

import numpy as np

from keras_bam.data import batches_of
from keras_bam.export.formats import open_file


def evaluate_file(path, dataset, batch_size=64):
    """Loss and accuracies of the file at `path` on the test images of `dataset`, as a dict.

    As `keras_bam.training.evaluate`: cross entropy of the probabilities, top-1, and top-5 beyond
    ten classes.

    Raises:
        ValueError: if the file does not take the data set's images, or gives something else than
            probabilities of its classes.
    """
    runtime = open_file(path)
    batches = batches_of(
        dataset,
        dataset.test,
        min(batch_size, len(dataset.test)),
        data_format=dataset.data_format_of(runtime.input_shape[1:]),
    )
    probabilities, labels = [], []
    for index in range(len(batches)):
        images, of_batch = batches[index]
        probabilities.append(runtime.predict(images)[0])
        labels.append(of_batch)
    return _measures(np.concatenate(probabilities), np.concatenate(labels), path, dataset)


def _measures(probabilities, labels, path, dataset):
    classes = len(dataset.class_names)
    if probabilities.ndim != 2 or probabilities.shape[1] != classes:
        raise ValueError(
            f"{path} gives outputs of shape {probabilities.shape[1:]}, but {dataset.name} has "
            f"{classes} classes"
        )
    if probabilities.min() < 0 or np.abs(probabilities.sum(axis=1) - 1).max() > 0.1:
        raise ValueError(f"{path} gives no probabilities: export a model that ends in a softmax")
    of_label = probabilities[np.arange(len(labels)), labels]
    rank = (probabilities > of_label[:, None]).sum(axis=1)
    tiny = np.finfo(np.float32).tiny
    measures = {
        "accuracy": float((probabilities.argmax(axis=1) == labels).mean()),
        "loss": float(-np.log(np.maximum(of_label, tiny)).mean()),
    }
    if classes > 10:
        measures["top5_accuracy"] = float((rank < 5).mean())
    return measures
