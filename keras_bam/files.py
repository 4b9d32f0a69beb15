"""Files that are there whole or not at all."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path):
    """A temporary path beside `path`, which becomes `path` when the block ends without an error.

    The temporary name keeps the suffix. After an error, Ctrl-C too, the temporary file is gone and
    what was at `path` before is untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_together(path):
    """A temporary folder beside `path`; what is in it when the block ends without an error moves
    to where `path` is, files and folders alike.

    After an error, Ctrl-C too, the temporary folder is gone and what was there before is untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    temporary.mkdir()
    try:
        yield temporary
        for entry in sorted(temporary.iterdir()):
            _move(entry, path.with_name(entry.name), aside=temporary / ".before")
    finally:
        shutil.rmtree(temporary)


def _move(new, path, aside):
    """A folder can't take the place of one that holds something: that goes aside first."""
    if not path.is_dir():
        os.replace(new, path)
        return
    os.replace(path, aside)
    try:
        os.replace(new, path)
    except BaseException:
        os.replace(aside, path)
        raise


def write_text(path, text):
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
