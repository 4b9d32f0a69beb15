import errno
import os
import signal
import types

import keras
import numpy as np
import pytest
import tiny
from small_run import result

from keras_bam.data import Batches
from keras_bam.training import ExactResume, FolderLock, Preempted
from keras_bam.training.callbacks import StepLog
from keras_bam.training.resuming import checkpoint_file, variables

EPOCHS, STEPS = 4, 5


class At(keras.callbacks.Callback):
    """Does something at one moment: ("train", epoch, batch), ("test", epoch, batch), ("end",)..."""

    def __init__(self, moment=None, act=None):
        super().__init__()
        self._moment, self._act = moment, act

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch
        self._at("begin", epoch)

    def on_train_batch_end(self, batch, logs=None):
        self._at("train", self._epoch, batch)

    def on_test_batch_end(self, batch, logs=None):
        self._at("test", self._epoch, batch)

    def on_epoch_end(self, epoch, logs=None):
        self._at("epoch", epoch)

    def on_train_end(self, logs=None):
        self._at("end")

    def _at(self, *moment):
        if moment == self._moment:
            self._act()


def interrupt():
    raise KeyboardInterrupt


def terminate():
    signal.raise_signal(signal.SIGTERM)


def model():
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 1))
    features = keras.layers.Dropout(0.3)(keras.layers.Flatten()(image))
    features = keras.layers.BatchNormalization()(features)
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(features))
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9, use_ema=True, ema_momentum=0.5)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(workers=1):
    data = tiny.dataset()
    normal = {"mean": data.mean, "std": data.std}
    train = Batches(data.train, 4, shuffle=True, augment=True, padding=1, **normal)
    train.workers = workers
    return train, Batches(data.test, 4, **normal)


def run(folder, moment=None, act=interrupt, trained=None, workers=1, fit=None, **settings):
    """All that a run ends with, if it does."""
    trained = trained or model()
    logs = [folder / "log.csv", folder / "steps.csv"]
    callbacks = [
        keras.callbacks.EarlyStopping(patience=1, start_from_epoch=2),
        keras.callbacks.ReduceLROnPlateau("loss", patience=0, cooldown=1, min_delta=0.5),
        keras.callbacks.CSVLogger(logs[0]),
        StepLog(logs[1]),
        At(moment, act),
    ]
    train, test = batches(workers)
    resume = ExactResume(folder / "checkpoints", **{"every_steps": 2, "files": logs} | settings)
    arguments = {"epochs": EPOCHS, "validation_data": test, "verbose": 0} | (fit or {})
    history = resume.fit(trained, train, callbacks=callbacks, **arguments)
    assert trained.history is history
    return {
        # Layers count up in a process, and so do the names of what belongs to them.
        name if "/" not in name else "/".join(name.split("/")[:2]): np.asarray(value).tobytes()
        for name, value in result(trained, history, callbacks, logs).items()
    }


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("uninterrupted"))


def differing(found, expected):
    assert found.keys() == expected.keys()
    return [name for name in expected if found[name] != expected[name]]


def positions(folder):
    return sorted(path.stem for path in (folder / "checkpoints").glob("epoch*"))


@pytest.mark.parametrize(
    "moments",
    [
        [("train", 0, 0), ("train", 0, 2)],
        [("begin", 0), ("train", 1, 3), ("train", 1, STEPS - 1)],
        [("test", 0, 0), ("test", 2, 1)],
        [("epoch", 0), ("begin", 1), ("end",)],
    ],
)
def test_an_interrupted_run_ends_like_an_uninterrupted_one(tmp_path, moments, uninterrupted):
    for moment in moments:
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, moment)
    assert differing(run(tmp_path), uninterrupted) == []


def test_workers_give_the_same(tmp_path, uninterrupted):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, ("train", 1, 3), workers=3)
    assert differing(run(tmp_path, workers=2), uninterrupted) == []


def test_a_finished_run_returns_at_once(tmp_path, uninterrupted):
    run(tmp_path)
    for _ in range(2):
        assert differing(run(tmp_path, ("begin", 0)), uninterrupted) == []


def test_the_same_model_goes_on_after_ctrl_c(tmp_path, uninterrupted):
    trained = model()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, ("train", 1, 3), trained=trained)
    assert differing(run(tmp_path, trained=trained), uninterrupted) == []


@pytest.mark.parametrize(
    "moment, position",
    [
        (("train", 1, 2), "epoch-0001-step-000003"),
        (("train", 1, STEPS - 1), "epoch-0001-step-000005"),
        (("test", 1, 0), "epoch-0001-step-000005"),
        (("epoch", 1), "epoch-0002-step-000000"),
    ],
)
def test_sigterm_saves_and_exits(tmp_path, moment, position, uninterrupted):
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Preempted) as caught:
        run(tmp_path, moment, terminate, every_steps=None)
    assert caught.value.code == 75 and positions(tmp_path)[-1] == position
    assert signal.getsignal(signal.SIGTERM) is handler
    assert differing(run(tmp_path, every_steps=None), uninterrupted) == []


def test_checkpoints_and_no_more_reads_of_the_device(tmp_path, monkeypatch):
    capture, reads = variables.capture, []
    monkeypatch.setattr(variables, "capture", lambda model: reads.append(1) or capture(model))
    run(tmp_path, every_steps=3, keep=100, fit={"epochs": 2})
    kept = [(0, 0), (0, 3), (0, 5), (1, 0), (1, 3), (1, 5), (2, 0)]
    assert positions(tmp_path) == [f"epoch-{e:04d}-step-{s:06d}" for e, s in kept]
    assert len(reads) == len(kept) + 1  # the last is written anew at the end of training


@pytest.mark.parametrize("minutes, steps", [(1e-9, 5), (60, 0)])
def test_a_cadence_of_minutes(tmp_path, minutes, steps):
    resume = ExactResume(tmp_path / "checkpoints", every_minutes=minutes, keep=100)
    resume.fit(model(), batches()[0], verbose=0)
    assert len(positions(tmp_path)) == steps + 2


def test_a_damaged_checkpoint_costs_only_time(tmp_path, uninterrupted):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, ("train", 1, 3))
    newest = tmp_path / "checkpoints" / f"{positions(tmp_path)[-1]}.checkpoint"
    newest.write_bytes(newest.read_bytes()[:1000])
    with pytest.warns(UserWarning, match="is damaged.*trying the one before"):
        found = run(tmp_path)
    assert differing(found, uninterrupted) == []


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch, uninterrupted):
    def fill():
        def full(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(checkpoint_file, "os", types.SimpleNamespace(fsync=full))

    with pytest.raises(OSError, match="no space is left for a checkpoint"):
        run(tmp_path, ("train", 1, 2), fill)
    monkeypatch.undo()
    assert positions(tmp_path)[-1] == "epoch-0001-step-000002"
    assert not list((tmp_path / "checkpoints").glob(".*.checkpoint"))
    assert differing(run(tmp_path), uninterrupted) == []


def test_a_run_started_differently(tmp_path):
    settings = {"identity": {"data": "tiny"}}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, ("train", 0, 1), **settings)
    message = "(?s)epochs: 4 then, 5 now.*identity.data: 'tiny' then, 'large' now"
    with pytest.raises(ValueError, match=message):
        run(tmp_path, fit={"epochs": 5}, identity={"data": "large"})


def test_only_resume_needs_a_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no checkpoint to go on from"):
        run(tmp_path, only_resume=True)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, ("train", 0, 0))
    run(tmp_path, only_resume=True)


def test_a_folder_that_is_held(tmp_path):
    with FolderLock(tmp_path / "checkpoints"):
        with pytest.raises(ValueError, match="already being written to"):
            run(tmp_path)
        with pytest.raises(ValueError, match="already being written to"):
            ExactResume(tmp_path / "checkpoints").clear()


def test_clear_begins_anew(tmp_path):
    resume = ExactResume(tmp_path / "checkpoints")
    resume.clear()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, ("train", 0, 3))
    resume.clear()
    assert positions(tmp_path) == []


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"every_steps": 0}, "every_steps must be a positive integer, received 0"),
        ({"every_minutes": -1.0}, "every_minutes must be a positive number, received -1.0"),
        ({"keep": None}, "keep must be a positive integer, received None"),
    ],
)
def test_settings_out_of_range(tmp_path, settings, message):
    with pytest.raises(ValueError, match=message):
        ExactResume(tmp_path, **settings)
