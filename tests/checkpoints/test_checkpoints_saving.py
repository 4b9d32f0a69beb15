"""The way back to the authors' network."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_bam import applications, checkpoints
from keras_bam.checkpoints import safetensors_file
from keras_bam.checkpoints.saving import _array

torch = pytest.importorskip("torch", reason="the authors' network runs on PyTorch")
import released_network  # noqa: E402  tests/released_network.py, which needs PyTorch

FACTS = Path(__file__).parents[1] / "facts" / "released_resnet50_bam_keys.json"


@pytest.fixture(scope="module")
def theirs():
    torch.manual_seed(0)
    return released_network.randomised(released_network.ResNet(18, cifar=True, classes=10))


@pytest.fixture(scope="module")
def model(theirs, tmp_path_factory):
    path = tmp_path_factory.mktemp("theirs") / "a.pth"
    torch.save(theirs.state_dict(), path)
    return checkpoints.load(path)


def test_their_network_takes_the_file_and_nothing_has_changed(theirs, model, tmp_path):
    checkpoints.save_official(model, tmp_path / "b.pth")
    assert [path.name for path in tmp_path.iterdir()] == ["b.pth"]
    saved = torch.load(tmp_path / "b.pth", weights_only=True)
    assert saved.keys() == {"epoch", "arch", "best_prec1", "state_dict"}
    back = torch.nn.DataParallel(released_network.ResNet(18, cifar=True, classes=10))
    back.load_state_dict(saved["state_dict"])
    for key, tensor in theirs.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            assert torch.equal(back.module.state_dict()[key], tensor), key


@pytest.mark.parametrize("name", ["b.pth", "b.PT", "b.pth.tar", "b.safetensors"])
def test_there_and_back_to_the_bit(name, model, tmp_path):
    checkpoints.save_official(model, tmp_path / name)
    back = checkpoints.load(tmp_path / name)
    for ours, again in zip(model.get_weights(), back.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, again)


def test_safetensors_have_the_plain_keys(theirs, model, tmp_path):
    checkpoints.save_official(model, tmp_path / "b.safetensors")
    assert safetensors_file.read(tmp_path / "b.safetensors").keys() == theirs.state_dict().keys()


@pytest.mark.slow
def test_keys_and_shapes_of_resnet50(tmp_path):
    model = applications.ResNet50(
        attention="bam:form=official", stride_in_1x1=False, kernel_initializer="zeros"
    )
    checkpoints.save_official(model, tmp_path / "b.safetensors")
    found = safetensors_file.read(tmp_path / "b.safetensors")
    facts = json.loads(FACTS.read_text())
    assert {key: list(array.shape) for key, array in found.items()} == facts


@pytest.mark.slow
def test_a_stride_in_the_first_convolution(tmp_path):
    model = applications.ResNet50(attention="bam:form=official", kernel_initializer="zeros")
    message = "'ResNet50' can't be written as the authors' ResNet50: layer 'stage2_block1_conv1' ha"
    with pytest.raises(ValueError, match=message):
        checkpoints.save_official(model, tmp_path / "b.pth")
    assert list(tmp_path.iterdir()) == []


def test_another_suffix(model, tmp_path):
    with pytest.raises(ValueError, match="path='.*b.h5' must end in one of .pth, .pt, .pth.tar, "):
        checkpoints.save_official(model, tmp_path / "b.h5")


def test_what_was_there_stays_when_writing_fails(model, tmp_path, monkeypatch):
    def fails(*arguments, **options):
        raise OSError(28, "No space left on device")

    (tmp_path / "b.pth").write_text("before")
    monkeypatch.setattr(torch, "save", fails)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save_official(model, tmp_path / "b.pth")
    assert [path.name for path in tmp_path.iterdir()] == ["b.pth"]
    assert (tmp_path / "b.pth").read_text() == "before"


def test_half_precision_is_written_as_float32():
    array = _array(keras.Variable([1.5, -2.0], dtype="bfloat16"))
    assert (array.dtype, array.tolist()) == (np.float32, [1.5, -2.0])
