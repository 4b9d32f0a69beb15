"""PyTorch's files: what is read of them, and what is refused without running it."""

import os
import pickle
import sys
import zipfile

import numpy as np
import pytest

from keras_bam.checkpoints import pytorch_file, read

pytestmark = pytest.mark.once

torch = pytest.importorskip("torch", reason="its files can't be made without it")
STATE = {"a.weight": torch.arange(3.0), "a.count": torch.tensor(7)}


class MakesAFolder:
    """Harmless, but it shows whether a pickle was executed."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("wrap", [dict, lambda state: {"epoch": 1, "state_dict": state}])
def test_a_state_dict(zipped, wrap, tmp_path):
    """As PyTorch saves it today, and as it did when the authors' file was made."""
    path = tmp_path / "a.pth"
    torch.save(wrap(STATE), path, _use_new_zipfile_serialization=zipped)
    found = pytorch_file.read(path)
    assert list(found) == ["a.weight", "a.count"]
    np.testing.assert_array_equal(found["a.weight"], np.float32([0, 1, 2]))


def test_half_precision_becomes_float32(tmp_path):
    torch.save({"a": torch.tensor([1.5], dtype=torch.bfloat16)}, tmp_path / "a.pth")
    found = pytorch_file.read(tmp_path / "a.pth")["a"]
    assert (found.dtype, found.tolist()) == (np.float32, [1.5])


@pytest.mark.parametrize("zipped", [True, False])
def test_a_malicious_pickle_is_refused_and_nothing_runs(zipped, tmp_path):
    path, folder = tmp_path / "a.pth", tmp_path / "made"
    content = {"state_dict": {**STATE, "b": MakesAFolder(folder)}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ValueError, match=r"a.pth asks for \w+.mkdir, .*; nothing of the file was"):
        read(path)
    assert not folder.exists()


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_bare_malicious_pickle(protocol, tmp_path):
    path, folder = tmp_path / "a.pth", tmp_path / "made"
    path.write_bytes(pickle.dumps(MakesAFolder(folder), protocol))
    with pytest.raises(ValueError, match=r"asks for \w+.mkdir|is no checkpoint of PyTorch, or it"):
        read(path)
    assert not folder.exists()


def test_a_whole_model(tmp_path):
    torch.save(torch.nn.Linear(1, 1), tmp_path / "a.pth")
    with pytest.raises(ValueError, match=r"Linear, which no state dict needs.*its state_dict\(\)"):
        read(tmp_path / "a.pth")


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("share", [0, 0.02, 0.5, 0.99])
def test_a_truncated_file(zipped, share, tmp_path):
    path = tmp_path / "a.pth"
    torch.save({"a": torch.ones(999)}, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="a.pth is no checkpoint of PyTorch, or it is damaged: "):
        read(path)


@pytest.mark.parametrize("content", [b"<html>not found</html>", b"\x8f" * 5000, b"PK\x05\x06"])
def test_a_file_of_another_kind(content, tmp_path):
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(ValueError, match="a.pt is no checkpoint of PyTorch, or it is damaged: "):
        read(tmp_path / "a.pt")


def test_another_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(ValueError, match="a.pth is no checkpoint of PyTorch, or it is damaged: "):
        read(tmp_path / "a.pth")


def test_an_encrypted_archive(tmp_path):
    path = tmp_path / "a.pth"
    torch.save(STATE, path)
    content = bytearray(path.read_bytes())
    # The bit of each entry, in its own header and in the directory, that says it is encrypted.
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(header)
        while start >= 0:
            content[start + flags] |= 1
            start = content.find(header, start + 1)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="a.pth is encrypted: decrypt it first"):
        read(path)


@pytest.mark.parametrize(
    "content, message",
    [
        (torch.ones(3), "a.pth holds no state dict, but Tensor"),
        ({}, "a.pth holds no state dict, but dict"),
        ({"state_dict": [1]}, "a.pth holds no state dict, but dict"),
        ({"epoch": 3}, "a.pth: epoch is no tensor of a network's weights: int"),
        ({"a": torch.ones(3).to_sparse()}, "a.pth: a is no tensor of a network's weights: Tensor"),
    ],
)
def test_no_state_dict(content, message, tmp_path):
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "a.pth")


def test_without_pytorch(tmp_path, monkeypatch):
    torch.save(STATE, tmp_path / "a.pth")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModuleNotFoundError, match=r"torch is not installed: .*keras-bam\[torch\]"):
        pytorch_file.read(tmp_path / "a.pth")


def test_what_is_written_is_read(tmp_path):
    state = {"a": np.arange(6, dtype=np.float32).reshape(2, 3).T}
    pytorch_file.write(tmp_path / "a.pth", state, epoch=0)
    np.testing.assert_array_equal(pytorch_file.read(tmp_path / "a.pth")["a"], state["a"])
    assert torch.load(tmp_path / "a.pth", weights_only=True)["epoch"] == 0
