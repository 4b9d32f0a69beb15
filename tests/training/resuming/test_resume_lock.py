import subprocess
import sys

import pytest

from keras_bam.training.resuming.lock import FolderLock

HOLD = """
import sys
from keras_bam.training.resuming.lock import FolderLock
with FolderLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout.readline() == "held\n"
        yield it
        it.kill()


def test_another_process_holds_the_folder_until_it_is_killed(tmp_path, other_process):
    message = rf"another process \(process {other_process.pid}\); wait for it to end"
    with pytest.raises(ValueError, match=message), FolderLock(tmp_path):
        pass
    other_process.kill()
    other_process.wait()
    with FolderLock(tmp_path):
        assert "process" in (tmp_path / "lock").read_text()


def test_the_same_process_can_hold_it_once(tmp_path):
    with FolderLock(tmp_path):
        with pytest.raises(ValueError, match="already being written to by this process"):
            FolderLock(tmp_path / ".").__enter__()
    with FolderLock(tmp_path):
        pass


def test_it_is_released_after_an_error(tmp_path):
    with pytest.raises(KeyError), FolderLock(tmp_path / "new"):
        raise KeyError
    with FolderLock(tmp_path / "new"):
        pass
