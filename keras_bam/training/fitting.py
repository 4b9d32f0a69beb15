"""A run: `model.fit` on a data set, and the folder it leaves behind."""

import dataclasses
import sys
import time

import keras

from keras_bam.counting import complexity
from keras_bam.extra import check_extra
from keras_bam.training.callbacks import EpochLog, Measurements, SaveModels, StepLog
from keras_bam.training.classifier import check_precision
from keras_bam.training.curves import plot_curves
from keras_bam.training.devices import Devices, LeftToTheFirst
from keras_bam.training.devices.same_run import facts
from keras_bam.training.divergence import Diverged, StopAtNaN
from keras_bam.training.optimizers import optimizer
from keras_bam.training.progress import Progress
from keras_bam.training.resuming import ExactResume, Preempted
from keras_bam.training.run_folder import RunFolder
from keras_bam.training.run_kind import kind_of
from keras_bam.training.tensorboard import TensorBoardLog
from keras_bam.training.versions import versions

_WRITE = (
    EpochLog,
    StepLog,
    TensorBoardLog,
    SaveModels,
    Progress,
    keras.callbacks.BackupAndRestore,
    keras.callbacks.CSVLogger,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.TensorBoard,
)


def fit(
    model,
    dataset,
    recipe,
    run_dir,
    *,
    config=None,
    overwrite=False,
    resume=False,
    log_steps=False,
    tensorboard=False,
    callbacks=(),
    checkpoints=None,
    devices=None,
    **reading,
):
    """Trains `model` on `dataset` as `recipe` says, and fills the folder `run_dir`.

    Call `keras.utils.set_random_seed(recipe.seed)` before building the model, so that the run
    can be repeated.

    Args:
        model: a functional classifier that gives probabilities, of the data set's image shape; for
            a `DetectionDataset` a detector, see `keras_bam.detection.task_of`.
        dataset: a `keras_bam.data.Dataset`, `FolderDataset` or `DetectionDataset`.
        recipe: a `Recipe`.
        run_dir: a folder that holds no run yet.
        config: what else `config.toml` should say, such as the names of model and data set.
        overwrite: replace a run that is already in `run_dir`.
        resume: go on with the run in `run_dir`, from its newest checkpoint, as if it had not been
            stopped (`ExactResume`). All else must be as it was when the run was begun.
        log_steps: write `steps.csv` too, the mean loss of the epoch up to each step.
        tensorboard: write the logs for TensorBoard too, into `tensorboard/`.
        callbacks: more Keras callbacks; they see what this run adds to the logs.
        checkpoints: arguments of `ExactResume`: `every_minutes` (10), `every_steps` and `keep`.
        devices: from `open_devices`, in whose `scope()` the model was built; one by default. The
            first of several processes writes the folder; Keras's callbacks that write files are
            left to it.
        reading: for images in files, `threads` that decode images (one for each processor), and
            `on_error`, "raise" or "skip" (see `keras_bam.data.FileBatches`).

    Returns:
        The summary, a dict, as in `summary.json`.

    Raises:
        ModuleNotFoundError: naming the extra, if a package is missing.
        ValueError: for a folder that holds a run, or with `resume` one that holds another; for a
            model that does not fit the data set, a batch that does not divide among the devices, or
            processes that disagree about the run.
        RuntimeError: on a process that waits for the first one, which failed.
        FloatingPointError: if loss or weights are not finite any more, naming the step;
            `last.keras` is of the last epoch before.
        KeyboardInterrupt: after Ctrl-C; the summary of what was done is written, and
            `last.keras` is of the last whole epoch.
        Preempted: after SIGTERM, a SystemExit; the state is saved, `resume` goes on from it.
    """
    check_extras(tensorboard)
    devices = devices or Devices()
    kind = kind_of(dataset)
    kind.check(model, dataset)
    check_precision(model, recipe.precision)
    devices.check(model, recipe, reading.get("on_error", "raise"))
    devices.check_same(facts(model, dataset, recipe, run_dir))
    reading["threads"] = devices.threads(reading.get("threads"))
    train, validation, images = kind.batches(model, dataset, recipe, **reading)
    train, validation = devices.divide(train), devices.divide(validation)
    config = dict(config or {})
    config["recipe"] = {**config.get("recipe", {}), **dataclasses.asdict(recipe)}
    run = RunFolder(run_dir)
    devices.on_first(lambda: _open(run, resume, overwrite, config, devices, dataset))
    updates = recipe.epochs * len(train) // recipe.gradient_accumulation_steps
    with devices.scope():
        kind.compile(model, optimizer(recipe, updates))
    saver = SaveModels(run, kind.monitor, kind.lowest)
    summary = {"status": "failed", "best_chosen_on": _chosen_on(recipe), **_counts(model)}
    identity = {name: value for name, value in config.items() if name != "devices"}
    exact = ExactResume(
        run["checkpoints"],
        identity={"images": images, "test images": len(dataset.test), **identity},
        files=[run[name] for name in ("log.csv", "log.jsonl", "steps.csv")],
        only_resume=resume,
        **{"every_minutes": 10, **(checkpoints or {})},
    )
    of_first = [
        Measurements(images),
        *_logs(run, log_steps, tensorboard),
        saver,
        *callbacks,
        Progress(summary["best_chosen_on"]),
    ]
    start = time.perf_counter()
    try:
        with devices.training(model, train):
            exact.fit(
                model,
                train,
                validation_data=validation,
                epochs=recipe.epochs,
                verbose=0 if not devices.is_first else 1 if sys.stdout.isatty() else 2,
                callbacks=[
                    StopAtNaN(),
                    # The averaged weights stand in the model when it is measured and saved.
                    *([keras.callbacks.SwapEMAWeights(True)] if recipe.ema_momentum else []),
                    *_of_process(devices, of_first),
                ],
                devices=devices,
            )
        summary["status"] = "finished"
    except KeyboardInterrupt:
        summary["status"] = "interrupted"
        raise
    except Preempted:
        summary["status"] = "preempted"
        raise
    except Diverged as error:
        summary |= {"status": "diverged", "diverged_at_step": error.step}
        raise
    finally:
        summary["seconds"] = round(time.perf_counter() - start, 1)
        summary |= {"epochs": saver.epochs, "best_epoch": saver.best_epoch}
        if saver.began:  # or the folder holds another run, and stays as it is
            run.write_json("summary.json", summary)
    return devices.on_first(lambda: _finish(run, dataset, summary, reading))


def _open(run, resume, overwrite, config, devices, dataset):
    if resume:
        RunFolder.open(run.path)
        return
    RunFolder.create(run.path, overwrite)
    run.write_config(config)
    run.write_json("versions.json", versions() | devices.facts())
    kind_of(dataset).begin(run, dataset)


def _finish(run, dataset, summary, reading):
    kind = kind_of(dataset)
    summary["last"] = kind.report(run, run.load_model("last"), dataset, **reading)
    summary["best"] = kind.evaluate(run.load_model("best"), dataset, **reading)
    run.write_json("summary.json", summary)
    plot_curves(run["log.csv"], run["curves.png"], summary["best_chosen_on"])
    return summary


def check_extras(tensorboard=False):
    """Raises ModuleNotFoundError, naming the extra, if a run would end for want of a package."""
    check_extra()
    if tensorboard:
        check_extra(("tensorboardX",), "tensorboard")


def _logs(run, log_steps, tensorboard):
    return [
        EpochLog(run["log.csv"]),
        *([StepLog(run["steps.csv"])] if log_steps else []),
        *([TensorBoardLog(run["tensorboard"])] if tensorboard else []),
    ]


def _of_process(devices, callbacks):
    """Those of the first process, in the places of the others what leaves writing to it."""
    if devices.is_first:
        return callbacks
    return [LeftToTheFirst() if isinstance(one, _WRITE) else one for one in callbacks]


def _chosen_on(recipe):
    return "validation" if recipe.validation_fraction else "test"


def _counts(model):
    counted = complexity(model)
    return {
        "parameters": counted.parameters,
        "moving_statistics": counted.moving_statistics,
        "multiply_adds": counted.multiply_adds,
    }
