"""One process at a time in a folder."""

import errno
import os
from pathlib import Path

_HELD: set[Path] = set()  # the kernel's lock does not keep a process from itself


class FolderLock:
    """Holds `folder`, as a context manager; the file `lock` in it names the process.

    The lock is the kernel's: it ends with the process, however that ends, so what a dead process
    left is taken over.

    Raises:
        ValueError: on entering, if another process, or this one, holds the folder.
    """

    def __init__(self, folder):
        self.path = Path(folder).resolve() / "lock"

    def __enter__(self):
        if self.path in _HELD:
            raise ValueError(f"{self.path.parent} is already being written to by this process")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "a+", encoding="utf-8")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            raise ValueError(
                f"{self.path.parent} is being written to by another process ({holder}); wait for "
                "it to end, or choose another folder"
            ) from error
        _HELD.add(self.path)
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()}\n")
        self._file.flush()
        return self

    def __exit__(self, *exception):
        _HELD.discard(self.path)
        self._file.close()


def _lock(file):
    """A lock of the process, not of the open file, so that forked data workers don't hold it."""
    if os.name == "nt":
        import msvcrt

        file.seek(2**30)  # a byte that nobody reads
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
