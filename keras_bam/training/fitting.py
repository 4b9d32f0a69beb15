"""A run: `model.fit` on a data set, and the folder it leaves behind."""

import dataclasses
import sys
import time

import keras

from keras_bam.counting import complexity
from keras_bam.training import callbacks
from keras_bam.training.classifier import (
    check_fits,
    check_precision,
    compile_classifier,
    evaluate,
)
from keras_bam.training.curves import plot_curves
from keras_bam.training.extra import check_extra
from keras_bam.training.feeding import fit_batches
from keras_bam.training.optimizers import optimizer
from keras_bam.training.run_folder import RunFolder
from keras_bam.training.versions import versions


def fit(
    model,
    dataset,
    recipe,
    run_dir,
    *,
    config=None,
    overwrite=False,
    log_steps=False,
    more_callbacks=(),
    workers=None,
):
    """Trains `model` on `dataset` as `recipe` says, and fills the folder `run_dir`.

    Call `keras.utils.set_random_seed(recipe.seed)` before building the model, so that the run
    can be repeated.

    Args:
        model: a functional classifier that gives probabilities, of the data set's image shape.
        dataset: a `keras_bam.data.Dataset` or `FolderDataset`.
        recipe: a `Recipe`.
        run_dir: a folder that holds no run yet.
        config: what else `config.toml` should say, such as the names of model and data set.
        overwrite: replace a run that is already in `run_dir`.
        log_steps: write `steps.csv` too, the mean loss of the epoch up to each step.
        more_callbacks: Keras callbacks, which see the logs that this run adds.
        workers: threads that decode image files; None for one a processor.

    Returns:
        The summary, a dict, as in `summary.json`.

    Raises:
        ValueError: for a folder that holds a run, or a model that does not fit the data set.
        FloatingPointError: if the loss is no longer finite; `last.keras` is of the last whole
            epoch.
        KeyboardInterrupt: after Ctrl-C; the summary of what was done is written, and
            `last.keras` is of the last whole epoch.
    """
    check_fits(model, dataset)
    check_precision(model, recipe.precision)
    train, validation = fit_batches(dataset, recipe, workers)
    check_extra()
    run = RunFolder.create(run_dir, overwrite)
    config = dict(config or {})
    config["recipe"] = {**config.get("recipe", {}), **dataclasses.asdict(recipe)}
    run.write_config(config)
    run.write_json("versions.json", versions())
    steps = recipe.epochs * len(train) // recipe.gradient_accumulation_steps
    compile_classifier(model, optimizer(recipe, steps))
    saver = callbacks.SaveModels(run)
    summary = {"status": "failed", "best_chosen_on": _chosen_on(recipe), **_counts(model)}
    start = time.perf_counter()
    try:
        model.fit(
            train,
            validation_data=validation,
            epochs=recipe.epochs,
            shuffle=False,
            verbose=1 if sys.stdout.isatty() else 2,
            callbacks=[
                *_callbacks(run, recipe, train, log_steps),
                saver,
                *more_callbacks,
            ],
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
        summary[which] = evaluate(run.load_model(which), dataset, workers=workers)
    run.write_json("summary.json", summary)
    plot_curves(run["log.csv"], run["curves.png"], summary["best_chosen_on"])
    return summary


def _callbacks(run, recipe, train, log_steps):
    steps = [callbacks.StepLog(run["steps.csv"])] if log_steps else []
    # Before what saves and measures: the averaged weights stand in the model by then.
    swap = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if recipe.ema_momentum else []
    return [
        callbacks.EpochOfBatches(train),
        *swap,
        callbacks.Measurements(recipe.batch_size * len(train)),
        *steps,
        callbacks.EpochLog(run["log.csv"]),
    ]


def _chosen_on(recipe):
    return "validation" if recipe.validation_fraction else "test"


def _counts(model):
    counted = complexity(model)
    return {
        "parameters": counted.parameters,
        "moving_statistics": counted.moving_statistics,
        "multiply_adds": counted.multiply_adds,
    }
