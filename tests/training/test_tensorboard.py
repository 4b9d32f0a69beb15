import os
import struct
import subprocess
import sys

import keras
import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.record_writer import masked_crc32c

from keras_bam.training.tensorboard import TensorBoardLog

WITHOUT_TENSORFLOW = """
import sys, keras
from keras_bam.training.tensorboard import TensorBoardLog
TensorBoardLog(sys.argv[1]).on_epoch_end(0, {"loss": 1.0})
print(keras.backend.backend(), "tensorflow" in sys.modules)
"""


def read(folder):
    """The events of the one file in `folder`, in TensorFlow's record format."""
    (path,) = folder.glob("events.out.tfevents.*")
    content, events = path.read_bytes(), []
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        checksums = struct.unpack("<I", content[8:12] or b""), content[12 + length : 16 + length]
        body = content[12 : 12 + length]
        assert checksums[0] == (masked_crc32c(content[:8]),)
        assert struct.unpack("<I", checksums[1]) == (masked_crc32c(body),)
        events.append(Event.FromString(body))
        content = content[16 + length :]
    return events


def scalars(event):
    return {value.tag: value.simple_value for value in event.summary.value}


def test_train_and_validation_under_the_same_names(tmp_path):
    log = TensorBoardLog(tmp_path / "tensorboard")
    for epoch in range(2):
        logs = {"loss": 2.0 - epoch, "val_loss": 3.0 + epoch, "learning_rate": 0.25}
        log.on_epoch_end(epoch, logs)
        for name in ("train", "validation"):
            assert len(read(log.folder / name)) == epoch + 2
    train, validation = read(log.folder / "train"), read(log.folder / "validation")
    assert train[0].file_version == validation[0].file_version == "brain.Event:2"
    assert [event.step for event in train[1:]] == [1, 2]
    assert [scalars(event) for event in train[1:]] == [
        {"epoch_loss": 2.0, "epoch_learning_rate": 0.25},
        {"epoch_loss": 1.0, "epoch_learning_rate": 0.25},
    ]
    assert [scalars(event) for event in validation[1:]] == [
        {"epoch_loss": 3.0},
        {"epoch_loss": 4.0},
    ]
    assert 0 <= train[2].wall_time - train[1].wall_time < 60


def test_no_validation_no_folder(tmp_path):
    TensorBoardLog(tmp_path).on_epoch_end(0, {"loss": float("nan")})
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="the backend is TensorFlow")
def test_tensorflow_is_not_imported(tmp_path):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, tmp_path]
    printed = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
    assert printed.stdout.split() == [keras.backend.backend(), "False"]


def test_without_the_extra(tmp_path, monkeypatch):
    for module in list(sys.modules):
        if module.startswith("tensorboardX"):
            monkeypatch.setitem(sys.modules, module, None)
    message = r"tensorboardX is not installed: pip install 'keras-bam\[tensorboard\]'"
    with pytest.raises(ModuleNotFoundError, match=message):
        TensorBoardLog(tmp_path)
