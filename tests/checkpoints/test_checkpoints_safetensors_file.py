import json
import struct
import sys

import numpy as np
import pytest

from keras_bam.checkpoints import read, safetensors_file

pytestmark = pytest.mark.once


def test_what_is_written_is_read(tmp_path):
    state = {"a": np.arange(6, dtype=np.float32).reshape(2, 3).T, "b": np.zeros((), np.int64)}
    safetensors_file.write(tmp_path / "a.safetensors", state, epoch=3)
    found = safetensors_file.read(tmp_path / "a.safetensors")
    for key, array in state.items():
        np.testing.assert_array_equal(found[key], array)


def test_bfloat16(tmp_path):
    header = {"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    values = np.array([1.5, -2], np.float32).view(np.uint32) >> 16
    content = struct.pack("<Q", len(text)) + text + values.astype("<u2").tobytes()
    (tmp_path / "a.safetensors").write_bytes(content)
    found = safetensors_file.read(tmp_path / "a.safetensors")["a"]
    assert found.astype(np.float32).tolist() == [1.5, -2]


@pytest.mark.parametrize("content", [b"", b"x" * 50, b"\x02\0\0\0\0\0\0\0{}x"])
def test_a_damaged_file(content, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="a.safetensors is no safetensors file, or it is damaged"):
        read(tmp_path / "a.safetensors")


def test_a_truncated_file(tmp_path):
    path = tmp_path / "a.safetensors"
    safetensors_file.write(path, {"a": np.ones(9, np.float32)})
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ValueError, match="is no safetensors file, or it is damaged"):
        read(path)


def test_without_safetensors(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ModuleNotFoundError, match=r"safetensors is not .*keras-bam\[safetensors\]"):
        safetensors_file.read(tmp_path / "a.safetensors")
