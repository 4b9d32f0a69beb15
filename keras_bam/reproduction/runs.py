"""One run of a reproduction: begun, gone on with, or kept because it is at its end."""

import dataclasses
import json
import shutil
import tomllib

import keras

from keras_bam import training
from keras_bam.data import Dataset
from keras_bam.extra import from_extra
from keras_bam.reproduction import pairing
from keras_bam.reproduction.rows import Row
from keras_bam.training.epoch_log import read_log
from keras_bam.training.precision import dtype_policy
from keras_bam.training.resuming.identity import check_same

_NOT_IN_FOLDER_NAMES = str.maketrans(":=,/", "____")


@dataclasses.dataclass(frozen=True)
class Run:
    """What one run is of.

    Attributes:
        row: of a table.
        recipe: with the run's seed.
        recipe_name: of the row in `keras_bam.training.recipes` that it was made from.
        dataset: with the images that are trained on.
        folder: where it is.
    """

    row: Row
    recipe: training.Recipe
    recipe_name: str
    dataset: Dataset
    folder: training.RunFolder

    @property
    def config(self):
        """What `config.toml` says; without `recipe`'s fields, which `fit` adds."""
        return {
            "dataset": self.dataset.name,
            "training_images": len(self.dataset.train),
            "model": self.row.network,
            "attention": self.row.attention,
            "after": self.row.after,
            "initial_weights": "the plain network's of the same seed, in the layers it has",
            "backend": keras.backend.backend(),
            "recipe": {"name": self.recipe_name},
        }


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        parameters: of its network.
        multiply_adds: for one image.
        error: top-1 in % of the test images after the last epoch; None if the run diverged.
        seconds: of all epochs, validation included.
        versions: as in `versions.json`.
    """

    parameters: int
    multiply_adds: int
    error: float | None
    seconds: float
    versions: dict


class DamagedRun(ValueError):
    """A run's folder holds a file that can't be read."""


def folder_name(row, seed):
    """Rows of the same network share their runs, and so their folder."""
    parts = [row.network, row.attention or "plain", *([row.after] if row.after else []), seed]
    return "-".join(str(part).translate(_NOT_IN_FOLDER_NAMES) for part in parts)


def outcome(run):
    """The `Outcome` of a run that is at its end; None for one that is not, or not begun.

    Raises:
        DamagedRun: if what it left can't be read.
        ValueError: if there is another run in its folder, listing what differs, or one whose
            `config.toml` can't be read.
    """
    folder = run.folder
    if not folder["config.toml"].exists():
        return None
    try:
        saved = folder.read_config()
    except ValueError as error:
        raise ValueError(
            f"{folder['config.toml']} can't be read ({error}), so that nobody knows what run this "
            "is; delete the folder to do it again"
        ) from error
    expected = {**run.config, "recipe": {**run.config["recipe"], **vars(run.recipe)}}
    check_same(saved, _as_toml(expected), folder.path)
    if not folder["summary.json"].exists():
        return None
    try:
        return _read_outcome(folder)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise DamagedRun(f"{folder.path} is damaged ({error!r})") from error


def train(run, anew=False):
    """Trains a run to its end, from its newest checkpoint if there is one.

    A loss that is not finite is an end too: the folder says so. What only going on needs is
    deleted then.

    Args:
        run: a `Run` that is not at its end.
        anew: begin it again whatever is in its folder.

    Raises:
        ValueError: as `training.fit` does; for damaged checkpoints `DamagedCheckpoint`.
        KeyboardInterrupt, Preempted: see `training.fit`; `train` goes on from there.
    """
    with dtype_policy(run.recipe.precision):
        model = pairing.build(run.row, run.dataset, run.recipe.seed)
    checkpoints = run.folder["checkpoints"]
    resume = not anew and any(checkpoints.glob("*.checkpoint"))
    try:
        training.fit(
            model,
            run.dataset,
            run.recipe,
            run.folder.path,
            config=run.config,
            resume=resume,
            overwrite=not resume,
        )
    except FloatingPointError as error:
        print(error, flush=True)
    shutil.rmtree(checkpoints, ignore_errors=True)


def _read_outcome(folder):
    summary = json.loads(folder["summary.json"].read_text(encoding="utf-8"))
    diverged = summary["status"] == "diverged"
    if not diverged and (summary["status"] != "finished" or "last" not in summary):
        return None
    # A run that diverged in its first epoch has no log.
    seconds = summary["seconds"] if diverged else read_log(folder["log.csv"])["seconds"].sum()
    return Outcome(
        parameters=int(summary["parameters"]),
        multiply_adds=int(summary["multiply_adds"]),
        error=None if diverged else 100 * (1 - summary["last"]["accuracy"]),
        seconds=float(seconds),
        versions=json.loads(folder["versions.json"].read_text(encoding="utf-8")),
    )


def _as_toml(config):
    tomli_w = from_extra("tomli_w")
    present = {name: value for name, value in config.items() if value is not None}
    return tomllib.loads(tomli_w.dumps(present))
