import os
import re
import signal
import subprocess
import sys
import time

import keras
import pytest
import tiny

import keras_bam
from keras_bam import applications, cli, data, training
from keras_bam.backend_choice import BACKENDS
from keras_bam.version import __version__

STARTED = keras.backend.backend()
OTHER = next(name for name in BACKENDS if name != STARTED)
QUICK = "--model CifarResNetSmall:kernel_initializer=zeros"  # quick to build on JAX


@pytest.fixture
def refused(capsys, tmp_path, monkeypatch):
    """-> the message of a command that ends with status 2 and one line on stderr."""
    monkeypatch.chdir(tmp_path)

    def message(*arguments):
        assert cli.main(list(map(str, arguments))) == 2
        printed = capsys.readouterr().err
        assert re.fullmatch("keras-bam: error: .+\n", printed)
        return printed.removeprefix("keras-bam: error: ").rstrip()

    return message


@pytest.fixture
def tiny_digits(monkeypatch):
    """The digits data set is tiny, and the network linear."""
    monkeypatch.setattr(data, "load", lambda name, folder=None, **_: tiny.dataset())
    monkeypatch.setattr(
        applications, "build", lambda name, classes, input_shape, **_: tiny.linear()
    )


def test_fit_then_evaluate(tiny_digits, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = "fit digits --epochs 1 --batch-size 8 --seed 5 --no-augment --log-steps"
    assert cli.main([*arguments.split(), "--backend", STARTED]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^test top-1 +\d+\.\d\d % after the last epoch$", printed, re.MULTILINE)
    assert re.search(r"^parameters +195$", printed, re.MULTILINE)
    assert re.search(r"^multiply-adds +195 for one image$", printed, re.MULTILINE)
    assert re.search(rf"^training took +[\d.]+ s on {STARTED}$", printed, re.MULTILINE)
    folder = f"runs/digits-CifarResNetSmall-plain-{STARTED}-5"
    assert re.search(rf"^run folder +{folder}$", printed, re.MULTILINE)
    config = training.RunFolder.open(folder).read_config()
    expected = {"dataset": "digits", "model": "CifarResNetSmall", "backend": STARTED}
    assert config.items() >= {**expected, "log_steps": True}.items()
    changed = {"name": "quick", "augment": False, "batch_size": 8, "seed": 5}
    assert config["recipe"].items() >= changed.items()
    assert (tmp_path / folder / "steps.csv").exists()

    assert cli.main(["evaluate", folder, "--which", "best"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^test accuracy +\d+\.\d\d %$", printed, re.MULTILINE)
    assert re.search(r"^test loss +\d+\.\d{4}$", printed, re.MULTILINE)


@pytest.mark.slow
def test_fit_digits(tmp_path):
    run = tmp_path / "run"
    arguments = "fit digits --epochs 1 --attention bam:reduction_ratio=8 --validation-fraction 0.9"
    places = "stem_relu,stage1_block2_out"
    assert cli.main([*arguments.split(), "--after", places, "--run-dir", str(run)]) == 0
    expected = applications.CifarResNetSmall(
        attention="bam:reduction_ratio=8", after=places.split(","), input_shape=(32, 32, 1)
    ).count_params()
    loaded = training.RunFolder.open(run).load_model("last")
    assert loaded.count_params() == expected


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("digit", "unknown data set 'digit'; did you mean 'digits'?"),
        ("digits --data .", "digits reads no folder, got folder='.'; leave it out"),
        ("digits --epochs 0", "epochs must be at least 1, received 0"),
        ("digits --model CifarResnet18", "unknown network 'CifarResnet18'; did you mean"),
        ("digits --attention bum", "unknown attention 'bum'; did you mean 'bam'?"),
        (
            "digits --attention bam:reduction=8",
            "unknown argument of bam 'reduction'; did you mean 'reduction_ratio'",
        ),
        (
            "digits --model CifarResNetSmall:poling=avg",
            "unknown argument of CifarResNetSmall 'poling'; did you mean 'pooling'",
        ),
        ("digits --attention bam:8", "'8' in 'bam:8' is not of the form key=value"),
        ("digits --model CifarResNetSmall:classes=3", "'classes' in the model 'CifarR"),
        ("digits --model CifarResNetSmall:name=a", "it is set by the command or another option"),
        (
            "digits --model CifarResNetSmall:classifier_activation=None",
            "it is set by the command or",
        ),
        ("digits --after blocks", "after='blocks' without attention: pass attention='bam', say"),
        (
            f"digits --attention se --after stem_relu,stage1_block1 {QUICK}",
            "unknown layer in after 'stage1_block1'; did you mean",
        ),
        (f"digits --weights absent.weights.h5 {QUICK}", "weights='absent.weights.h5': there is no"),
        (f"digits --batch-size 1439 {QUICK}", "batch_size must be at most the number of images"),
        (f"digits --backend {OTHER}", f"--backend {OTHER} comes too late, Keras has started on"),
        (f"digits --back {OTHER}", f"--backend {OTHER} comes too late, Keras has started on"),
        ("cifar10 --data nowhere", "nowhere"),
    ],
)
def test_mistakes_in_fit(arguments, message, refused, tmp_path):
    assert message in refused("fit", *arguments.split())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_a_run(tiny_digits, refused, tmp_path):
    (tmp_path / "config.toml").touch()
    arguments = ("fit", "digits", "--batch-size", 8, "--run-dir", tmp_path)
    assert "already holds a run; choose another folder" in refused(*arguments)


def test_a_run_dir_that_is_a_file(tiny_digits, refused, tmp_path):
    (tmp_path / "file").touch()
    arguments = ("fit", "digits", "--batch-size", 8, "--run-dir", "file")
    assert "File exists: 'file'" in refused(*arguments)


def test_evaluate_without_a_run(refused, tmp_path):
    assert "holds no run: there is no config.toml" in refused("evaluate", tmp_path / "x")


@pytest.mark.parametrize(
    "config, message",
    [
        ("model = 'mine'", "config.toml names no dataset; only a run of keras-bam fit does"),
        ("dataset = 'digits'", "last.keras is missing: no epoch of that run was finished"),
        ("dataset =", "Invalid value"),
    ],
)
def test_evaluate_of_an_unfinished_run(config, message, refused, tmp_path):
    (tmp_path / "config.toml").write_text(config)
    assert message in refused("evaluate", tmp_path)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("", "the following arguments are required: COMMAND"),
        ("fitt digits", "invalid choice: 'fitt'"),
        ("fit digits --epochs many", "argument --epochs: invalid int value: 'many'"),
        ("fit digits --backend numpy", "argument --backend: invalid choice: 'numpy'"),
        ("evaluate run --which first", "argument --which: invalid choice: 'first'"),
    ],
)
def test_mistakes_that_argparse_finds(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments.split())
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_count(capsys):
    arguments = ["count", "CifarResNetSmall", "--input", "32x32x3", "--classes", "10"]
    assert cli.main(arguments) == 0
    parameters, statistics, multiply_adds = capsys.readouterr().out.splitlines()
    network = applications.CifarResNetSmall(kernel_initializer="zeros")
    expected = keras_bam.complexity(network)
    assert parameters == f"parameters         {expected.parameters:,}"
    assert statistics == f"moving statistics  {expected.moving_statistics:,}"
    assert multiply_adds == f"multiply-adds      {expected.multiply_adds:,} for one image"
    assert cli.main([*arguments, "--layers"]) == 0
    assert capsys.readouterr().out == f"{expected}\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("", "count needs a model, such as ResNet50 or WideResNet18:widen=2, or --paper"),
        ("ResNet50 --input 224", "--input must be like 224x224x3, received '224'"),
        ("ResNet50 --input 9x-9x3", "--input must be like 224x224x3, received '9x-9x3'"),
        ("ResNet50:name=a", "'name' in the model 'ResNet50:name=a': it is set by the command"),
    ],
)
def test_mistakes_in_count(arguments, message, refused):
    assert message in refused("count", *arguments.split())


def test_ctrl_c(tiny_digits, monkeypatch, tmp_path, capsys):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "fit", interrupted)
    assert cli.main(["fit", "digits"]) == 130
    assert capsys.readouterr().err == "keras-bam: interrupted; what was saved is whole\n"


def test_a_full_disk(tiny_digits, monkeypatch, refused):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training, "fit", full)
    assert refused("fit", "digits") == "[Errno 28] No space left on device"


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize("command", ["fit", "evaluate", "count"])
def test_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    assert "--backend" in capsys.readouterr().out


def interrupted(process):
    """What it says on Ctrl-C. Python drops the first where it falls into a finaliser."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=60)[1]
    finally:
        process.kill()


@pytest.mark.slow
def test_ctrl_c_in_a_real_process(tmp_path, sigint_as_in_a_terminal):
    command = "-m keras_bam fit digits --epochs 500 --validation-fraction 0.9 --run-dir run"
    process = subprocess.Popen(
        [sys.executable, *command.split()], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (tmp_path / "run" / "last.keras").exists():
        time.sleep(0.1)
    errors = interrupted(process)
    assert (process.returncode, errors.splitlines()[-1][:23]) == (130, "keras-bam: interrupted;")
    run = training.RunFolder.open(tmp_path / "run")
    assert not [name for name in os.listdir(run.path) if name.startswith(".")]
    assert run.load_model("last").output_shape == (None, 10)
