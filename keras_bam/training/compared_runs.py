"""Runs side by side: their curves, and those that differ in nothing but the seed."""

import dataclasses
import json
import os

import numpy as np

from keras_bam.training.epoch_log import read_log
from keras_bam.training.run_folder import RunFolder

_ERRORS = {"top1_error": "accuracy", "top5_error": "top5_accuracy"}


@dataclasses.dataclass(frozen=True, eq=False)
class Curves:
    """What one run, or the mean of several, did epoch by epoch.

    Attributes:
        name: to tell it from others.
        log: columns of log.csv, float64 arrays of one length, with errors in percent.
        measured_on: what the `val_` columns were measured on.
        spread: of each column the standard deviation over the runs; None for a single one.
    """

    name: str
    log: dict
    measured_on: str = "test"
    spread: dict | None = None

    @property
    def best(self):
        """Index of the epoch of the lowest `val_top1_error`; None where none was measured."""
        errors = self.log.get("val_top1_error", np.array([np.nan]))
        return None if np.isnan(errors).all() else int(np.nanargmin(errors))


def curves_of_log(path, name="", measured_on="test"):
    """The curves in a log.csv; raises as `read_log` does."""
    log = read_log(path)
    for prefix in ("", "val_"):
        for error, accuracy in _ERRORS.items():
            if prefix + accuracy in log:
                log[prefix + error] = 100 * (1 - log[prefix + accuracy])
    return Curves(name, log, measured_on)


def curves_of_runs(paths, mean_of_seeds=False):
    """The curves of each run, named by its folder.

    Args:
        paths: of the runs' folders.
        mean_of_seeds: put runs whose config.toml differs in nothing but the seed together, as
            their mean and standard deviation over the epochs that all of them have.

    Raises:
        ValueError: for a folder that holds no run or no finished epoch, a run that comes twice, or
            no path at all; or if `mean_of_seeds` finds nothing to put together.
    """
    runs = [RunFolder.open(path) for path in paths]
    if not runs:
        raise ValueError("there is no run to plot; name at least one folder")
    _check_distinct(runs)
    names = [run.path.resolve().name for run in runs]
    if len(set(names)) < len(names):
        names = [str(run.path) for run in runs]
    curves = [
        curves_of_log(run["log.csv"], name, _measured_on(run))
        for run, name in zip(runs, names, strict=True)
    ]
    return _together(runs, curves) if mean_of_seeds else curves


def _check_distinct(runs):
    seen = set()
    for run in runs:
        folder = run.path.resolve()
        if folder in seen:
            raise ValueError(f"the run {str(run.path)!r} comes twice; name each run once")
        seen.add(folder)


def _measured_on(run):
    path = run["summary.json"]
    summary = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return summary.get("best_chosen_on", "test")


def _together(runs, curves):
    groups: dict = {}
    for run, each in zip(runs, curves, strict=True):
        config = json.dumps(_without_seed(run.read_config()), sort_keys=True, default=str)
        groups.setdefault(config, []).append(each)
    if len(groups) == len(runs):
        raise ValueError(
            "no two of the runs differ in nothing but the seed, so there is no mean of seeds to "
            "draw; leave it out, or add the runs of the other seeds"
        )
    return [group[0] if len(group) == 1 else _mean(group) for group in groups.values()]


def _without_seed(config):
    if not isinstance(config, dict):
        return config
    return {name: _without_seed(value) for name, value in config.items() if name != "seed"}


def _mean(group):
    epochs = min(len(curves.log["epoch"]) for curves in group)
    columns = [name for name in group[0].log if all(name in curves.log for curves in group)]
    stacks = {name: np.stack([c.log[name][:epochs] for c in group]) for name in columns}
    prefix = os.path.commonprefix([curves.name for curves in group]).rstrip("-_.=")
    return Curves(
        f"{prefix or group[0].name}, mean of {len(group)} seeds",
        {name: stack.mean(axis=0) for name, stack in stacks.items()},
        group[0].measured_on,
        {name: stack.std(axis=0, ddof=1) for name, stack in stacks.items()},
    )
