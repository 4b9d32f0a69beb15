"""A run: `model.fit` on a data set, and the folder it leaves behind."""

import dataclasses
import sys
import time

import keras
import numpy as np

from keras_bam.counting import complexity
from keras_bam.data import Batches, LabelledImages
from keras_bam.training import callbacks
from keras_bam.training.curves import plot_curves
from keras_bam.training.extra import check_extra
from keras_bam.training.run_folder import RunFolder
from keras_bam.training.versions import versions


def fit(model, dataset, settings, run_dir, *, config=None, overwrite=False, log_steps=False):
    """Trains `model` on `dataset` as `settings` say, and fills the folder `run_dir`.

    Call `keras.utils.set_random_seed(settings.seed)` before building the model, so that the run
    can be repeated.

    Args:
        model: a functional classifier that gives probabilities, of the data set's image shape.
        dataset: a `keras_bam.data.Dataset`.
        settings: a `Settings`.
        run_dir: a folder that holds no run yet.
        config: what else `config.toml` should say, such as the names of model and data set.
        overwrite: replace a run that is already in `run_dir`.
        log_steps: write `steps.csv` too, the mean loss of the epoch up to each step.

    Returns:
        The summary, a dict, as in `summary.json`.

    Raises:
        ValueError: for a folder that holds a run, or a model that does not fit the data set.
        KeyboardInterrupt: after Ctrl-C; the summary of what was done is written, and
            `last.keras` is of the last whole epoch.
    """
    _check_fits(model, dataset)
    train, validation = _batches(dataset, settings)
    check_extra()
    run = RunFolder.create(run_dir, overwrite)
    run.write_config({**(config or {}), **dataclasses.asdict(settings)})
    run.write_json("versions.json", versions())
    compile_classifier(model, sgd(settings, len(train)))
    saver = callbacks.SaveModels(run)
    summary = {"status": "failed", "best_chosen_on": _chosen_on(settings), **_counts(model)}
    start = time.perf_counter()
    try:
        model.fit(
            train,
            validation_data=validation,
            epochs=settings.epochs,
            shuffle=False,
            verbose=1 if sys.stdout.isatty() else 2,
            callbacks=_callbacks(run, train, saver, log_steps),
        )
        summary["status"] = "finished"
    except KeyboardInterrupt:
        summary["status"] = "interrupted"
        raise
    finally:
        summary["seconds"] = round(time.perf_counter() - start, 1)
        summary |= {"epochs": saver.epochs, "best_epoch": saver.best_epoch}
        run.write_json("summary.json", summary)
    for which in ("last", "best"):
        summary[which] = evaluate(run.load_model(which), dataset)
    run.write_json("summary.json", summary)
    plot_curves(run["log.csv"], run["curves.png"], summary["best_chosen_on"])
    return summary


def evaluate(model, dataset, batch_size=128):
    """Loss and accuracies of `model` on the test images of `dataset`, as a dict."""
    _check_fits(model, dataset)
    compile_classifier(model, "sgd")
    return model.evaluate(
        _plain_batches(dataset.test, dataset, batch_size), verbose=0, return_dict=True
    )


def compile_classifier(model, optimizer):
    """Compiles for integer labels: cross entropy, top-1, and top-5 beyond ten classes."""
    metrics = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    if model.output_shape[-1] > 10:
        metrics.append(keras.metrics.SparseTopKCategoricalAccuracy(5, name="top5_accuracy"))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=metrics)


def sgd(settings, steps_per_epoch):
    """The optimizer of `settings`, with its schedule."""
    steps = settings.epochs * steps_per_epoch
    warmup = round(settings.warmup * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else settings.learning_rate,
        decay_steps=max(steps - warmup, 1),
        warmup_target=settings.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.SGD(
        schedule, momentum=settings.momentum, nesterov=True, weight_decay=settings.weight_decay
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta", "layer_scale"])
    return optimizer


def _batches(dataset, settings):
    """Batches to train on, and those to measure each epoch on."""
    train, validation = dataset.train, dataset.test
    if settings.validation_fraction:
        train, validation = _split(train, settings)
    training_batches = Batches(
        train,
        settings.batch_size,
        mean=dataset.mean,
        std=dataset.std,
        seed=settings.seed,
        shuffle=True,
        augment=settings.augment,
        flip=dataset.flip,
        data_format=keras.config.image_data_format(),
    )
    return training_batches, _plain_batches(validation, dataset, settings.batch_size)


def _plain_batches(images, dataset, batch_size):
    return Batches(
        images,
        min(batch_size, len(images)),
        mean=dataset.mean,
        std=dataset.std,
        data_format=keras.config.image_data_format(),
    )


def _split(images, settings):
    order = np.random.default_rng(settings.seed).permutation(len(images))
    held_out = round(settings.validation_fraction * len(images))
    if not 0 < held_out < len(images):
        raise ValueError(
            f"validation_fraction={settings.validation_fraction} of {len(images)} images leaves "
            "none to train on or none to validate on"
        )
    return tuple(
        LabelledImages(images.images[part], images.labels[part], images.class_names)
        for part in (np.sort(order[held_out:]), np.sort(order[:held_out]))
    )


def _callbacks(run, train, saver, log_steps):
    steps = [callbacks.StepLog(run["steps.csv"])] if log_steps else []
    return [
        callbacks.EpochOfBatches(train),
        callbacks.Measurements(len(train.images)),
        *steps,
        callbacks.EpochLog(run["log.csv"]),
        saver,
    ]


def _chosen_on(settings):
    return "validation" if settings.validation_fraction else "test"


def _counts(model):
    counted = complexity(model)
    return {
        "parameters": counted.parameters,
        "moving_statistics": counted.moving_statistics,
        "multiply_adds": counted.multiply_adds,
    }


def _check_fits(model, dataset):
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
