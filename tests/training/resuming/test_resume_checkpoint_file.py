import hashlib
import struct

import numpy as np
import pytest

from keras_bam.training.resuming import checkpoint_file
from keras_bam.training.resuming.checkpoint_file import MAGIC, DamagedCheckpoint, read, write

STATE = {"step": 3, "variables": [np.arange(6.0).reshape(2, 3), np.int64(4), np.zeros((0, 2))]}


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "a.checkpoint", STATE)
    return tmp_path / "a.checkpoint"


def test_what_is_read_is_what_was_written(path):
    found = read(path)
    assert found["step"] == 3
    for array, original in zip(found["variables"], STATE["variables"], strict=True):
        assert array.dtype == original.dtype and np.array_equal(array, original)
    assert found["variables"][0].flags.writeable and found["variables"][0].flags.aligned


@pytest.mark.parametrize("length", [0, 10, 60, -1])
def test_a_file_cut_short_is_damaged(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedCheckpoint, match=r"a\.checkpoint is damaged"):
        read(path)


def test_a_single_flipped_bit_is_damage(path):
    content = path.read_bytes()
    for position in range(len(content)):
        flipped = bytes([content[position] ^ 1])
        path.write_bytes(content[:position] + flipped + content[position + 1 :])
        with pytest.raises(DamagedCheckpoint):
            read(path)


def test_a_newer_format_is_named(path):
    content = bytearray(path.read_bytes()[:-32])
    content[len(MAGIC) : len(MAGIC) + 8] = struct.pack("<Q", checkpoint_file.FORMAT + 1)
    path.write_bytes(content + hashlib.sha256(content).digest())
    with pytest.raises(ValueError, match="is of format 2, this version of keras_bam reads up to 1"):
        read(path)


def test_a_missing_file_is_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.checkpoint")


def test_a_state_that_is_not_plain_leaves_the_file_untouched(path):
    before = path.read_bytes()
    with pytest.raises(TypeError, match="object is not plain data"):
        write(path, {"a": object()})
    assert path.read_bytes() == before
