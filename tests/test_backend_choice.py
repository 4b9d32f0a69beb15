import os
import subprocess
import sys

import keras
import pytest

from keras_bam import backend_choice

OTHERS = [name for name in backend_choice.BACKENDS if name != keras.backend.backend()]


@pytest.fixture
def before(monkeypatch):
    """KERAS_BACKEND as it was; every backend counts as installed."""
    monkeypatch.setenv("KERAS_BACKEND", "before")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)


@pytest.mark.parametrize("name", backend_choice.BACKENDS)
@pytest.mark.parametrize("spelling", ["--backend {}", "--backend={}"])
@pytest.mark.parametrize(
    "program",
    [
        "python /usr/bin/keras-bam",
        "python.exe -u keras-bam.exe",
        "python -m keras_bam",
        "python -X dev -Werror -W ignore -m keras_bam",
    ],
)
def test_our_command_line_chooses(program, spelling, name, before):
    backend_choice.choose(f"{program} fit digits {spelling.format(name)} --epochs 1".split())
    assert os.environ["KERAS_BACKEND"] == name


@pytest.mark.parametrize(
    "process",
    [
        "keras-bam",
        "python",
        "python /usr/bin/keras-bam fit digits",
        "python /usr/bin/keras-bam fit digits --backend",
        "python -m keras_bam fit --backends=jax",
        "python -m keras_bam_tools --backend jax",
        "python train.py --backend jax",
        "python train.py keras-bam --backend jax",
        "python keras-bam/train.py --backend jax",
        "python -m pytest keras-bam --backend jax",
        "python -c pass keras-bam --backend jax",
        "python -m",
    ],
)
def test_anything_else_leaves_the_environment_alone(process, before):
    backend_choice.choose(process.split())
    assert os.environ["KERAS_BACKEND"] == "before"


def test_a_run_goes_on_with_the_backend_it_was_begun_with(before, tmp_path):
    (tmp_path / "config.toml").write_text("backend = 'torch'")
    backend_choice.choose([*"python -m keras_bam fit --resume".split(), str(tmp_path)])
    assert os.environ["KERAS_BACKEND"] == "torch"


def test_the_environment_comes_before_a_config(before, tmp_path, monkeypatch):
    (tmp_path / "config.toml").write_text("backend = 'jax'")
    arguments = f"python -m keras_bam fit --config {tmp_path}/config.toml".split()
    backend_choice.choose(arguments)
    assert os.environ["KERAS_BACKEND"] == "before"
    monkeypatch.delenv("KERAS_BACKEND")
    backend_choice.choose(arguments)
    assert os.environ["KERAS_BACKEND"] == "jax"


@pytest.mark.parametrize(
    "installed, expected",
    [(["jax"], "jax"), (["torch"], "torch"), (["jax", "torch"], None), ([], None)],
)
def test_the_only_one_installed_is_taken(installed, expected, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: name if name in installed else None
    )
    backend_choice.choose("python train.py fit digits".split())
    assert "KERAS_BACKEND" not in os.environ
    backend_choice.choose("python -m keras_bam fit digits".split())
    assert os.environ.get("KERAS_BACKEND") == expected
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


def test_an_unknown_backend_offers_the_nearest(before):
    message = "keras-bam: unknown backend 'pytorch'; did you mean 'torch'"
    with pytest.raises(SystemExit, match=message):
        backend_choice.choose("python -m keras_bam fit digits --backend pytorch".split())
    assert os.environ["KERAS_BACKEND"] == "before"


@pytest.mark.parametrize("name", backend_choice.BACKENDS)
def test_a_backend_that_is_not_installed_names_the_extra(name, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    message = f"the backend '{name}' is not installed: pip install 'keras-bam\\[{name}\\]'"
    with pytest.raises(ValueError, match=message):
        backend_choice.check(name)
    with pytest.raises(SystemExit, match=message):
        backend_choice.choose(["python", "keras-bam", f"--backend={name}"])


@pytest.mark.parametrize("name, module", backend_choice.BACKENDS.items())
def test_a_backend_that_keras_missed_names_the_extra(name, module):
    error = backend_choice.explained(ModuleNotFoundError(f"No module {module}", name=module))
    assert isinstance(error, ModuleNotFoundError) and error.name == module
    assert f"Keras's backend is '{name}', which is not installed: pip install" in str(error)
    assert f"'keras-bam[{name}]', or choose another" in str(error)


def test_our_command_ends_with_the_message_alone():
    error = ModuleNotFoundError("No module named 'jax'", name="jax")
    found = backend_choice.explained(error, "python -m keras_bam count ResNet50".split())
    assert isinstance(found, SystemExit)
    assert str(found).startswith("keras-bam: Keras's backend is 'jax', which is not installed")


def test_another_missing_module_is_none_of_ours():
    error = ModuleNotFoundError("No module named 'h5py'", name="h5py")
    assert backend_choice.explained(error) is error
    assert backend_choice.explained(error, "python -m keras_bam count".split()) is error


def test_the_process_starts_on_the_backend_asked_for():
    """`main` compares `--backend` with the backend Keras started on before it looks at epochs."""
    completed = subprocess.run(
        [sys.executable, "-m", "keras_bam", "fit", "digits", "--backend", OTHERS[0], "--epochs=0"],
        env={**os.environ, "KERAS_BACKEND": OTHERS[1]},
        capture_output=True,
        text=True,
    )
    assert completed.returncode == 2
    assert completed.stderr.endswith("error: epochs must be at least 1, received 0\n")


def test_unknown_backend_in_the_environment(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    error = backend_choice.explained(ValueError("Unable to import backend"))
    assert isinstance(error, ValueError)
    assert "unknown backend in KERAS_BACKEND 'pytorch'; did you mean 'torch'" in str(error)
