"""A classifier on a data set: whether they fit, what is measured, and the measuring."""

import keras
import numpy as np

from keras_bam.training.feeding import plain_batches


def compile_classifier(model, optimizer):
    """Compiles for one-hot or soft labels: cross entropy, top-1, and top-5 beyond ten classes."""
    metrics = [keras.metrics.CategoricalAccuracy(name="accuracy")]
    if model.output_shape[-1] > 10:
        metrics.append(keras.metrics.TopKCategoricalAccuracy(5, name="top5_accuracy"))
    model.compile(optimizer, "categorical_crossentropy", metrics=metrics)


def evaluate(model, dataset, batch_size=128, **reading):
    """Loss and accuracies of `model` on the test images of `dataset`, as a dict.

    Args:
        model: as in `fit`; it is compiled anew.
        dataset: a `Dataset` or a `FolderDataset`.
        batch_size: images at once.
        reading: `threads` and `on_error`, see `fit`.

    Raises:
        ValueError: for a model that does not fit the data set.
    """
    check_fits(model, dataset)
    compile_classifier(model, "sgd")
    batches = plain_batches(dataset.test, dataset, batch_size, **reading)
    return model.evaluate(batches, verbose=0, return_dict=True)


def predict(model, dataset, batch_size=128, **reading):
    """What `model` says of the test images of `dataset`.

    Args:
        model, dataset, batch_size, reading: as in `evaluate`.

    Returns:
        Labels, int64 of shape (n,), and probabilities, shape (n, classes).
    """
    batches = plain_batches(dataset.test, dataset, batch_size, **reading)
    labels, probabilities = [], []
    for index in range(len(batches)):
        images, of_batch = batches[index]
        labels.append(of_batch.argmax(axis=1))
        probabilities.append(model.predict_on_batch(images))
    return np.concatenate(labels), np.concatenate(probabilities)


def check_fits(model, dataset):
    """Raises ValueError if `model` takes other images, or gives other classes, than `dataset`."""
    height, width, channels = dataset.input_shape
    channels_last = keras.config.image_data_format() == "channels_last"
    image = (height, width, channels) if channels_last else (channels, height, width)
    shapes = [getattr(model, name, None) for name in ("input_shape", "output_shape")]
    if not all(isinstance(shape, tuple) for shape in shapes):
        raise ValueError(
            f"model {model.name!r} must have one input and one output, received the shapes "
            f"{shapes[0]} and {shapes[1]}; make it a functional model, or a Sequential one that "
            f"begins with keras.Input({image})"
        )
    accepted = model.input_shape[1:]
    if len(accepted) != 3 or any(a not in (None, b) for a, b in zip(accepted, image, strict=True)):
        raise ValueError(
            f"model {model.name!r} takes images of shape {accepted}, but those of "
            f"{dataset.name} are {image}; build it with input_shape={image}"
        )
    classes = len(dataset.class_names)
    if len(model.output_shape) != 2 or model.output_shape[-1] != classes:
        raise ValueError(
            f"model {model.name!r} gives outputs of shape {model.output_shape}, but {dataset.name} "
            f"has {classes} classes; build it with classes={classes}"
        )


def check_precision(model, precision):
    """Raises ValueError if no layer of `model` has the dtype policy `precision`."""
    policies = sorted({layer.dtype_policy.name for layer in model._flatten_layers()})
    if precision not in policies:
        raise ValueError(
            f"precision={precision!r}, but model {model.name!r} was built with {policies}; call "
            f"keras.config.set_dtype_policy({precision!r}) before building it"
        )
