"""Each example runs, two steps on random images."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted(ROOT.glob("examples/*.py"))
PRINTED = {
    "export_tflite": "top-5\n",
    "fit_voc": "test mAP",
    "see_attention": "attention in the box",
}


@pytest.mark.once
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, tmp_path):
    environment = {**os.environ, "KERAS_BAM_SMOKE": "1"}
    completed = subprocess.run(
        [sys.executable, path], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert completed.returncode == 0, completed.stderr
    assert PRINTED.get(path.stem, "test top-1") in completed.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 80
