"""The logs of a run for TensorBoard, written without TensorFlow."""

import os
import struct
import time
from pathlib import Path

import keras

from keras_bam.extra import from_extra

_VALIDATION = "val_"


class TensorBoardLog(keras.callbacks.Callback):
    """Writes the logs of each epoch to `train/` and `validation/` below `folder`.

    The names are those of `keras.callbacks.TensorBoard` (`epoch_loss`, `epoch_learning_rate`): the
    `val_` entries bear the name of their training counterpart, so that TensorBoard draws both into
    one chart. Epochs count from 1, as in log.csv. A run that goes on writes to new files in the
    same folder. No file stays open between epochs.

    Raises:
        ModuleNotFoundError: naming the extra, without tensorboardX.
    """

    def __init__(self, folder):
        super().__init__()
        self.folder = Path(folder)
        # Imports PyTorch too where that is installed; never TensorFlow.
        self._events = from_extra("tensorboardX.proto.event_pb2", "tensorboard")
        self._checksum = from_extra("tensorboardX.record_writer", "tensorboard").masked_crc32c
        self._file_name = f"events.out.tfevents.{time.time():.0f}.{os.getpid()}"

    def on_epoch_end(self, epoch, logs=None):
        validation = {name: value for name, value in logs.items() if name.startswith(_VALIDATION)}
        train = {name: value for name, value in logs.items() if name not in validation}
        self._append("train", epoch + 1, train)
        without_prefix = {
            name.removeprefix(_VALIDATION): value for name, value in validation.items()
        }
        if validation:
            self._append("validation", epoch + 1, without_prefix)

    def _append(self, subfolder, epoch, values):
        folder = self.folder / subfolder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self._file_name
        events = [] if path.exists() else [self._event(file_version="brain.Event:2")]
        event = self._event(step=epoch)
        for name, value in values.items():
            event.summary.value.add(tag=f"epoch_{name}", simple_value=value)
        with path.open("ab") as file:
            file.write(b"".join(self._record(each) for each in [*events, event]))

    def _event(self, **fields):
        return self._events.Event(wall_time=time.time(), **fields)

    def _record(self, event):
        """Length, its checksum, the event, its checksum: TensorFlow's record format."""
        body = event.SerializeToString()
        length = struct.pack("<Q", len(body))
        sums = [struct.pack("<I", self._checksum(part)) for part in (length, body)]
        return length + sums[0] + body + sums[1]
