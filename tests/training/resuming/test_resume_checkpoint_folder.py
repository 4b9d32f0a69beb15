import errno
import os

import pytest

from keras_bam.training.resuming import checkpoint_file
from keras_bam.training.resuming.checkpoint_file import DamagedCheckpoint
from keras_bam.training.resuming.checkpoint_folder import CheckpointFolder


def state(epoch, step):
    return {"epoch": epoch, "step": step}


def names(folder):
    return sorted(path.name for path in folder.path.iterdir())


@pytest.fixture
def folder(tmp_path):
    """With two checkpoints, of a run that wrote four."""
    folder = CheckpointFolder(tmp_path / "checkpoints", keep=2)
    for position in ((0, 0), (0, 20), (0, 100), (1, 0)):
        folder.save(state(*position))
    return folder


def test_the_last_ones_are_kept(folder):
    assert names(folder) == [
        "epoch-0000-step-000100.checkpoint",
        "epoch-0001-step-000000.checkpoint",
    ]
    assert folder.newest() == state(1, 0)


def test_numbers_may_outgrow_their_names(folder):
    folder.save(state(9_999, 5))
    folder.save(state(10_000, 1_000_000))
    assert folder.newest() == state(10_000, 1_000_000)


def test_an_empty_folder_has_none(tmp_path):
    assert CheckpointFolder(tmp_path / "none", keep=1).newest() is None


def test_a_damaged_one_falls_back_with_a_warning(folder):
    (folder.path / "epoch-0001-step-000000.checkpoint").write_bytes(b"keras_bam checkpoint\n...")
    with pytest.warns(UserWarning, match="step-000000.checkpoint is damaged.*the one before"):
        assert folder.newest() == state(0, 100)
    folder.save(state(0, 120))
    assert names(folder) == [
        "epoch-0000-step-000100.checkpoint",
        "epoch-0000-step-000120.checkpoint",
    ]


@pytest.mark.filterwarnings("ignore:.*is damaged")
def test_all_damaged_is_an_error(folder):
    for path in folder.path.iterdir():
        path.write_bytes(b"")
    with pytest.raises(DamagedCheckpoint, match="every checkpoint in .* is damaged; delete them"):
        folder.newest()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(folder, monkeypatch, number):
    def full(descriptor):
        raise OSError(number, os.strerror(number))

    before = names(folder)
    monkeypatch.setattr(checkpoint_file.os, "fsync", full)
    with pytest.raises(
        OSError, match=r"no space is left.*make room \(3 of them.*untouched"
    ) as caught:
        folder.save(state(1, 20))
    assert caught.value.errno == number and "epoch-0001-step-000020" in str(caught.value)
    assert names(folder) == before and folder.newest() == state(1, 0)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_disk_that_is_really_full(folder):
    """/dev/full takes the place of the temporary file."""
    before = names(folder)
    name = "epoch-0001-step-000020.checkpoint"
    (folder.path / f".{os.getpid()}.{name}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="no space is left for a checkpoint"):
        folder.save(state(1, 20))
    assert names(folder) == before and folder.newest() == state(1, 0)


def test_another_failure_says_what_it_is(folder, monkeypatch):
    def broken(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(checkpoint_file.os, "fsync", broken)
    with pytest.raises(OSError, match=r"^\[Errno 5\] Input/output error$"):
        folder.save(state(1, 20))


def test_what_a_killed_process_left_is_deleted(folder):
    before = names(folder)
    (folder.path / ".123.epoch-0001-step-000020.checkpoint").write_bytes(b"half")
    folder.delete_temporary_files()
    assert names(folder) == before


def test_clear(folder):
    folder.clear()
    assert names(folder) == []
