"""The checkpoints of a run: the last few, and which of them to go on from."""

import errno
import re
import warnings
from pathlib import Path

from keras_bam.training.resuming import checkpoint_file

_NAME = re.compile(r"epoch-(\d+)-step-(\d+)\.checkpoint")


class CheckpointFolder:
    """Files `epoch-0003-step-000120.checkpoint`: how many epochs were finished, and steps of the
    next.

    Args:
        path: of the folder; it is made when something is saved.
        keep: how many checkpoints stay.
    """

    def __init__(self, path, keep):
        self.path = Path(path)
        self.keep = keep

    def save(self, state):
        """Writes `state`, whose "epoch" and "step" say where it belongs, then drops old ones.

        Raises:
            OSError: if the disk is full, or another reason; earlier checkpoints are untouched.
        """
        position = state["epoch"], state["step"]
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / "epoch-{:04d}-step-{:06d}.checkpoint".format(*position)
        try:
            checkpoint_file.write(path, state)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise OSError(
                error.errno,
                f"no space is left for a checkpoint; make room ({self.keep + 1} of them must fit) "
                "and start the run again: it goes on from the one before, which is untouched",
                str(path),
            ) from error
        self._drop(position)
        return path

    def newest(self):
        """The state to go on from, or None; a damaged one is passed over with a warning.

        Raises:
            DamagedCheckpoint: if there are checkpoints, all of them damaged.
            ValueError: if the newest whole one is of a newer format.
        """
        positions = self._positions()
        for position in positions:
            try:
                return checkpoint_file.read(positions[position])
            except checkpoint_file.DamagedCheckpoint as error:
                damaged = error
            warnings.warn(f"{damaged}; trying the one before", stacklevel=3)
        if positions:
            raise checkpoint_file.DamagedCheckpoint(
                f"every checkpoint in {self.path} is damaged; delete them to start from the "
                "beginning"
            )
        return None

    def clear(self):
        """Deletes every checkpoint."""
        for path in self._positions().values():
            path.unlink()

    def delete_temporary_files(self):
        """What a killed process left; only for whoever holds the folder's lock."""
        for path in self.path.glob(".*.checkpoint"):
            path.unlink()

    def _positions(self):
        """{(epoch, step): path}, the newest first."""
        found = {}
        for path in self.path.glob("*.checkpoint"):
            if match := _NAME.fullmatch(path.name):
                found[tuple(map(int, match.groups()))] = path
        return dict(sorted(found.items(), reverse=True))

    def _drop(self, newest):
        """Those beyond `newest` are damaged: the run went on from before them."""
        behind = 0
        for position, path in self._positions().items():
            behind += position <= newest
            if position > newest or behind > self.keep:
                path.unlink()
