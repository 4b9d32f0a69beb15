"""`model.fit` that goes on, to the bit, where a killed process left off."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from keras_bam.layers.arguments import positive_integer, positive_number
from keras_bam.training.devices.one_device import Devices
from keras_bam.training.resuming import fit_arguments, identity, variables
from keras_bam.training.resuming.checkpoint_folder import CheckpointFolder
from keras_bam.training.resuming.lock import FolderLock
from keras_bam.training.resuming.numbered_batches import NumberedBatches
from keras_bam.training.resuming.preemption import StopRequest, sigterm_as_request
from keras_bam.training.resuming.resuming_callbacks import ResumingCallbacks, csv_loggers


@dataclass(frozen=True)
class Run:
    """What stays the same during one call of `ExactResume.fit`."""

    model: Any
    data: NumberedBatches
    folder: CheckpointFolder
    facts: dict[str, Any]
    machine: dict[str, Any]
    files: list[Path]
    stop: StopRequest
    devices: Devices
    every_steps: int | None
    every_minutes: float | None


class ExactResume:
    """Training that survives SIGKILL at any moment, in mid-epoch and in mid-validation too.

    Run the same script again: it goes on from the newest checkpoint and ends with the weights,
    optimizer state, History and logs, bit for bit, of a run that nobody killed. A run that had
    finished returns at once. Works with any compiled Keras model:

        resume = ExactResume("run/checkpoints", every_minutes=10, files=["run/steps.jsonl"])
        history = resume.fit(model, batches, epochs=90, validation_data=test, callbacks=[...])

    Checkpoints are written before the first step, every `every_steps` steps of an epoch, when
    `every_minutes` have passed, before each validation, and at the end of each epoch and of
    training; each waits for the device, steps in between do not. Kept are the model's and
    optimizer's variables (momentum, EMA, seed generators), metrics, the random state of Python,
    NumPy and PyTorch, `stop_training`, and what callbacks remember. On SIGTERM the step is
    finished and saved, and `Preempted` ends the process with exit code 75.

    What it asks for, and its limits:
      - The data are a `keras.utils.PyDataset` whose batches depend on the index, and on its
        attribute `epoch` if it has one, alone: `keras_bam.data.Batches`, or your own. `epoch` is
        set here. With `workers` they are prepared in as many threads. Validation data are what
        Keras takes, the same each time.
      - Bits are equal only where the same step twice gives the same bits: see `deterministic`.
        Same machine (a warning if cores or threads are others), same versions.
      - Of a callback, attributes that are plain data are kept (numbers, text, arrays, and lists,
        tuples, dicts and sets of them), other objects are not; a callback with more to remember
        has `get_state()`, giving plain data, and `set_state(state)`. Two callbacks that share a
        list have one each afterwards. Files that callbacks write are cut back only if they are in
        `files` or CSVLogger's; TensorBoard's repeat the steps since the checkpoint.
      - Metrics keep what is in their variables. `steps_per_execution` is 1. Random operations of
        TensorFlow with no Keras seed generator are not kept.
      - Several devices or processes only with `devices` of `fit`. All processes read the folder,
        the first one writes it. On another number of devices the run goes on with a warning, and
        is no longer exact to the bit. SIGTERM ends several JAX processes at once, to go on from
        the newest checkpoint.

    Args:
        folder: for the checkpoints, and for nothing else.
        every_steps: a checkpoint at every so many steps of an epoch.
        every_minutes: a checkpoint at the first step's end after so many minutes.
        keep: how many checkpoints stay; room for one more is needed.
        identity: a dict of names and numbers that must be the same when the run goes on, such as
            data set and recipe. Backend, versions, shapes of all variables, optimizer, epochs,
            steps and the classes of callbacks are compared without it.
        files: logs that only grow, cut back to where they were at the checkpoint. Whoever writes
            them flushes them after each line.
        only_resume: a folder without a checkpoint is an error.

    Raises:
        ValueError: for an argument out of range.
    """

    def __init__(
        self,
        folder,
        *,
        every_steps=None,
        every_minutes=None,
        keep=2,
        identity=None,
        files=(),
        only_resume=False,
    ):
        if every_steps is not None:
            positive_integer("every_steps", every_steps)
        if every_minutes is not None:
            positive_number("every_minutes", every_minutes)
        positive_integer("keep", keep)
        self.folder = Path(folder)
        self.checkpoints = CheckpointFolder(folder, keep)
        self.every_steps = every_steps
        self.every_minutes = every_minutes
        self.identity = identity
        self.files = [Path(file) for file in files]
        self.only_resume = only_resume

    def fit(self, model, x, *, epochs=1, verbose="auto", callbacks=None, devices=None, **arguments):
        """`model.fit`, from the newest checkpoint in the folder, or from the beginning.

        Args:
            model: compiled.
            x: the training data, see above.
            callbacks: a list; the same on every process, with a `LeftToTheFirst` in the place of
                what only the first has.
            devices: from `open_devices`, within whose `training(model, x)` this is called.
            arguments: validation_data, validation_freq, validation_steps, validation_batch_size
                and class_weight, as `model.fit` takes them.

        Returns:
            Keras's History, of all epochs.

        Raises:
            ValueError: if the run was started with another model, data set, backend or recipe,
                listing what differs; if another process holds the folder; if all checkpoints are
                damaged, or the newest is of a newer format; if a log is shorter than it was; for
                arguments that can't be resumed.
            FileNotFoundError: with `only_resume`, if there is no checkpoint.
            OSError: if the disk is full; the checkpoint before is untouched.
            Preempted: after SIGTERM, a SystemExit.
        """
        callbacks = keras.tree.flatten(callbacks or [])
        devices = devices or Devices()
        fit_arguments.check(model, x, callbacks, arguments, devices)
        with (
            devices.held_by_first(FolderLock(self.folder)),
            sigterm_as_request() as asked,
            devices.agreeing(asked) as stop,
            closing(NumberedBatches(x)) as data,
        ):
            run = self._run(model, data, epochs, callbacks, stop, devices)
            saved = self._saved(run)
            params = {"verbose": verbose, "epochs": epochs, "steps": len(data)}
            with closing(ResumingCallbacks(callbacks, run, saved, **params)) as listed:
                if saved and saved["finished"]:
                    return listed.restore_finished()
                return model.fit(
                    data,
                    epochs=epochs,
                    verbose=verbose,
                    callbacks=listed,
                    shuffle=False,
                    initial_epoch=listed.initial_epoch,
                    **arguments,
                )

    def clear(self):
        """Deletes the checkpoints, so that the next run begins anew.

        Raises:
            ValueError: if a process holds the folder.
        """
        if self.folder.is_dir():
            with FolderLock(self.folder):
                self.checkpoints.clear()

    def _run(self, model, data, epochs, callbacks, stop, devices):
        variables.build(model, data[0])
        logs = [Path(logger.filename) for logger in csv_loggers(callbacks)]
        return Run(
            model,
            data,
            self.checkpoints,
            identity.facts(model, data, epochs, callbacks, self.identity),
            identity.machine() | {"devices": devices.count},
            [*self.files, *(log for log in logs if log not in self.files)],
            stop,
            devices,
            self.every_steps,
            self.every_minutes,
        )

    def _saved(self, run):
        devices = run.devices
        devices.on_first(self.checkpoints.delete_temporary_files)
        saved = self.checkpoints.newest()
        # No process begins, and writes, before the others have read.
        devices.check_same({"checkpoint": saved and [saved["epoch"], saved["step"]]})
        if saved is not None:
            devices.on_first(lambda: identity.check_same(saved["facts"], run.facts, self.folder))
            if devices.is_first:
                identity.warn_of_another_machine(saved["machine"], run.machine)
        elif self.only_resume:
            raise FileNotFoundError(
                f"{self.folder} holds no checkpoint to go on from; check the folder's name, or "
                "leave only_resume out to begin"
            )
        return saved
