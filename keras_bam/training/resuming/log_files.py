"""Files that only grow: how long they were, and cutting them back to it."""

import os
from pathlib import Path


def lengths(paths):
    """Bytes in each file, None for one that is not there; all of them are then on the disk."""
    return [_length(Path(path)) for path in paths]


def cut_back(paths, lengths):
    """Cuts each file to its length; what was not there is deleted.

    Raises:
        ValueError: if a file is missing or shorter than that.
    """
    for path, length in zip(map(Path, paths), lengths, strict=True):
        if length is None:
            path.unlink(missing_ok=True)
            continue
        present = path.stat().st_size if path.exists() else 0
        if present < length or not path.exists():
            raise ValueError(
                f"{path} has {present} bytes, and had {length} at the checkpoint; put it back, or "
                "start again in another folder"
            )
        os.truncate(path, length)


def _length(path):
    if not path.exists():
        return None
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size
