import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).with_name("small_run.py")


def start(folder, *options):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, SCRIPT, folder, "--every-steps", "2", *options]
    with (folder / "output").open("a") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def finish(process, folder, expected):
    code = process.wait()
    assert code == expected, (folder / "output").read_text()[-2000:]


def arrays(folder):
    with np.load(folder / "result.npz") as result:
        return {name: result[name].tobytes() for name in result.files}


def test_a_run_killed_twice_ends_with_the_same_bits(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    uninterrupted = start(whole)  # on a core of its own, all the while
    for phase, epoch, batch in (("train", "1", "3"), ("test", "3", "1")):
        finish(start(killed, "--kill", phase, epoch, batch), killed, -signal.SIGKILL)
    finish(start(killed), killed, 0)
    finish(uninterrupted, whole, 0)
    expected, found = arrays(whole), arrays(killed)
    assert found.keys() == expected.keys() and len(found) > 80
    assert [name for name in found if found[name] != expected[name]] == []
