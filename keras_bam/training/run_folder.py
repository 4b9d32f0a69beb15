"""The folder that a run leaves behind."""

import json
import shutil
import tomllib
from pathlib import Path

import keras

from keras_bam.extra import from_extra
from keras_bam.files import replacing, write_text
from keras_bam.training.resuming import FolderLock

# What a run writes, and what overwriting one removes.
FILES = (
    "config.toml",
    "versions.json",
    "log.csv",
    "log.jsonl",
    "steps.csv",
    "last.keras",
    "best.keras",
    "summary.json",
    "detector.json",
    "classifier.json",
    "curves.png",
    "confusion.png",
    "per_class.csv",
)
FOLDERS = ("tensorboard", "checkpoints")


class RunFolder:
    """Paths and files of one run; each file is there whole or not at all.

    Args:
        path: of the folder; see `create` and `open`.
    """

    def __init__(self, path):
        self.path = Path(path)

    @classmethod
    def create(cls, path, overwrite=False):
        """A folder for a new run.

        Raises:
            ValueError: if it already holds a run and `overwrite` is not set, or a run that another
                process is writing.
        """
        run = cls(path)
        if run["config.toml"].exists() and not overwrite:
            raise ValueError(
                f"run_dir={str(path)!r} already holds a run; choose another folder, or pass "
                "overwrite=True (--overwrite) to replace it"
            )
        run.path.mkdir(parents=True, exist_ok=True)
        with FolderLock(run["checkpoints"]):
            for name in FILES:
                run[name].unlink(missing_ok=True)
        for name in FOLDERS:
            shutil.rmtree(run[name], ignore_errors=True)
        return run

    @classmethod
    def open(cls, path):
        """The folder of a run that was started.

        Raises:
            ValueError: if there is no run in it.
        """
        run = cls(path)
        if not run["config.toml"].is_file():
            raise ValueError(f"{str(path)!r} holds no run: there is no config.toml in it")
        return run

    def __getitem__(self, name):
        return self.path / name

    def write_config(self, config):
        """`config`: a dict of what TOML can hold; entries that are None are left out."""
        tomli_w = from_extra("tomli_w")
        present = {name: value for name, value in config.items() if value is not None}
        write_text(self["config.toml"], tomli_w.dumps(present))

    def read_config(self):
        return tomllib.loads(self["config.toml"].read_text(encoding="utf-8"))

    def write_json(self, name, value):
        write_text(self[name], json.dumps(value, indent=2) + "\n")

    def save_model(self, model, name):
        """Saves `model` for inference and further training on any backend.

        A model compiled on PyTorch makes a file that names PyTorch's optimizers and loads nowhere
        else, so what is saved is the same graph, not compiled, or what a method `uncompiled` of
        the model gives.
        """
        if hasattr(model, "uncompiled"):
            uncompiled = model.uncompiled()
        else:
            (features,), (outputs,) = model.inputs, model.outputs
            uncompiled = keras.Model(features, outputs, name=model.name)
        with replacing(self[name]) as temporary:
            uncompiled.save(temporary)

    def load_model(self, which):
        """The model "last" or "best", not compiled.

        Raises:
            FileNotFoundError: if the run has not got so far as to save one.
        """
        path = self[f"{which}.keras"]
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: no epoch of that run was finished")
        return keras.saving.load_model(path, compile=False)
