"""Python processes that train on devices, and what they are compared with."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = Path(__file__).with_name("device_run.py")
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def start(*arguments):
    """Python with these arguments, in the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process, expected=0):
    """What it printed; a process that hangs is killed, and then fails."""
    try:
        output, _ = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == expected, output[-3000:]
    return output


def check_equal(path, expected):
    """The file of a process against what one device gave, to 1e-4."""
    with np.load(path) as found:
        names = [f"{case}/{name}" for case, arrays in expected.items() for name in arrays]
        assert sorted(found.files) == sorted(names)
        for case, arrays in expected.items():
            for name, array in arrays.items():
                np.testing.assert_allclose(
                    found[f"{case}/{name}"], array, atol=1e-4, rtol=1e-4, err_msg=f"{case} {name}"
                )
