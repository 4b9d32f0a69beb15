"""What a run writes down after each epoch, and at each step, and how it is read again."""

import csv
import io
import json
import math
from pathlib import Path

import keras
import numpy as np

from keras_bam.files import write_text


class EpochLog(keras.callbacks.Callback):
    """Writes the logs of each epoch, counted from 1, to `log.csv` and `log.jsonl`.

    Both are replaced as a whole after each epoch and go on from what they hold, so a run that was
    stopped leaves whole lines. In JSON a number that is not finite is null, in CSV it is nan or
    inf. An entry that some epochs lack is empty in CSV.

    Args:
        path: of the CSV file; the other has the suffix `.jsonl`.
    """

    def __init__(self, path):
        super().__init__()
        self.path = Path(path)

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch + 1, **dict(sorted(logs.items()))}
        _add_to_csv(self.path, row)
        lines = self.path.with_suffix(".jsonl")
        written = lines.read_text(encoding="utf-8") if lines.exists() else ""
        write_text(lines, written + _strict_json(row) + "\n")


class StepLog(keras.callbacks.Callback):
    """Writes `steps.csv`: the mean loss of the epoch up to each step.

    Training waits for the device at each step, so that it can be stopped at a known one.
    """

    def __init__(self, path):
        super().__init__()
        self.path = path
        self._step = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._rows = []

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        self._rows.append({"step": self._step, "loss": float(logs["loss"])})

    def on_epoch_end(self, epoch, logs=None):
        is_new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(self._rows[0]))
            if is_new:
                writer.writeheader()
            writer.writerows(self._rows)


def read_log(path):
    """The columns of a run's log.csv, a dict of float64 arrays with one value an epoch.

    What is empty in the file is NaN.

    Raises:
        ValueError: if no epoch is in it, or it is no log of epochs.
    """
    path = Path(path)
    rows = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f"{path} holds no finished epoch; wait for the first one to end")
    try:
        log = {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is no log of epochs: {error}") from error
    if "epoch" not in log:
        raise ValueError(f"{path} is no log of epochs: it has no column epoch, but {list(log)}")
    return log


def _add_to_csv(path, row):
    rows = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    names = list(dict.fromkeys([*(rows[0] if rows else ()), *row]))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, row])
    write_text(path, text.getvalue())


def _strict_json(row):
    finite = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
    return json.dumps(finite, allow_nan=False)
