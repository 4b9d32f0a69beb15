"""A machine with one backend: nothing here asks for another."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).resolve().parent.parent
BACKEND = keras.backend.backend()
OTHERS = {"jax", "jaxlib", "tensorflow", "torch"} - {BACKEND, f"{BACKEND}lib"}
# Python runs a file of this name first: it makes the others as good as not installed.
BLOCK = f"""
from importlib.machinery import PathFinder

find = PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in {OTHERS} else find(name, path, target)

PathFinder.find_spec = find_spec
"""


def python(code, *arguments, path=ROOT):
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_all_of_it_imports_no_other():
    """Of what PyTorch or Keras itself may load where it is installed, nothing here knows."""
    code = (
        "import sys, keras; before = set(sys.modules)\n"
        "import keras_bam.cli\n"
        "for name in keras_bam.__all__: getattr(keras_bam, name)\n"
        "print(*set(sys.modules) - before)"
    )
    loaded = {name.partition(".")[0] for name in python(code).split()}
    assert "keras_bam" in loaded
    assert not OTHERS & loaded


@pytest.mark.slow
def test_fit_evaluate_and_explain_where_no_other_is_installed(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    with pytest.raises(AssertionError, match="No module named"):
        python(f"import {min(OTHERS)}", path=tmp_path)
    run, image = tmp_path / "run", ROOT / "docs" / "cat.jpg"
    commands = [
        ["fit", "digits", "--attention", "bam", "--epochs", "1", "--run-dir", run],
        ["evaluate", run],
        ["explain", "cifar10", image, "--out", tmp_path / "pictures"],
    ]
    code = (
        "import sys; from keras_bam import cli\n"
        "status = cli.main(sys.argv[1:])\n"
        "print(*sys.modules); sys.exit(status)"
    )
    for command in commands:
        path = os.pathsep.join(map(str, (tmp_path, ROOT)))
        *_, loaded = python(code, *command, path=path).splitlines()
        loaded = {name.partition(".")[0] for name in loaded.split()}
        assert BACKEND in loaded and not OTHERS & loaded
    assert (run / "summary.json").exists() and (tmp_path / "pictures/hierarchy.png").exists()
