import dataclasses
import errno
import os
from pathlib import Path

import keras
import numpy as np
import pytest
import tiny

from keras_bam.training import FolderLock, Recipe, RunFolder
from keras_bam.training.run_folder import FILES


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_create_makes_the_folders_above(tmp_path):
    run = RunFolder.create(tmp_path / "a" / "b")
    assert names(run.path) == []
    assert run["log.csv"] == tmp_path / "a" / "b" / "log.csv"


def test_a_run_is_not_overwritten_unasked(tmp_path):
    RunFolder.create(tmp_path).write_config({})
    with pytest.raises(ValueError, match=r"run_dir='.*' already holds a run; .*--overwrite"):
        RunFolder.create(tmp_path)
    assert names(tmp_path) == ["config.toml"]


def test_overwriting_removes_the_old_run_and_nothing_else(tmp_path):
    for name in (*FILES, "notes.txt"):
        (tmp_path / name).touch()
    RunFolder.create(tmp_path, overwrite=True)
    assert names(tmp_path) == ["notes.txt"]


def test_a_run_that_is_being_written_is_not_overwritten(tmp_path):
    run = RunFolder.create(tmp_path)
    run.write_config({})
    holder = "already being written to by this process"
    with FolderLock(run["checkpoints"]), pytest.raises(ValueError, match=holder):
        RunFolder.create(tmp_path, overwrite=True)
    assert run["config.toml"].exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match="file"):
        RunFolder.create(tmp_path / "file")


def test_open_without_a_run(tmp_path):
    with pytest.raises(ValueError, match=r"holds no run: there is no config\.toml in it"):
        RunFolder.open(tmp_path)


def test_config_comes_back_from_toml(tmp_path):
    recipe = dataclasses.asdict(Recipe(learning_rate=1e-3, augment=False))
    given = {"model": 'CifarResNetSmall:name="ü"', "recipe": recipe}
    RunFolder.create(tmp_path).write_config({**given, "attention": None})
    read = RunFolder.open(tmp_path).read_config()
    assert read == {**given, "recipe": {**recipe, "milestones": []}}
    assert Recipe(**read["recipe"]) == Recipe(**recipe)


def test_no_model_before_the_first_epoch_ends(tmp_path):
    run = RunFolder.create(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"best\.keras is missing: no epoch of that run"):
        run.load_model("best")


def test_a_saved_model_comes_back_uncompiled(tmp_path):
    model, images = tiny.linear(), np.ones((2, 8, 8, 1), "float32")
    model.compile("sgd", "mse")
    run = RunFolder.create(tmp_path)
    run.save_model(model, "last.keras")
    loaded = run.load_model("last")
    assert (model.compiled, loaded.compiled, loaded.name) == (True, False, "linear")
    np.testing.assert_allclose(model.predict(images), loaded.predict(images), atol=1e-6)


def test_a_sequential_model_is_saved_too(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    RunFolder.create(tmp_path).save_model(model, "last.keras")
    loaded = RunFolder(tmp_path).load_model("last")
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_leaves_the_model_saved_before(tmp_path):
    run, model = RunFolder.create(tmp_path), tiny.linear()
    run.save_model(model, "last.keras")
    before = run["last.keras"].read_bytes()
    (tmp_path / f".{os.getpid()}.last.keras").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as caught:
        run.save_model(model, "last.keras")
    assert caught.value.errno == errno.ENOSPC
    assert names(tmp_path) == ["last.keras"]
    assert run["last.keras"].read_bytes() == before
