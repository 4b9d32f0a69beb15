import os
import re
import signal
import subprocess
import sys
import time

import keras
import pytest
import tiny

from keras_bam import cli, data, export_command
from keras_bam.export import Exported


@pytest.fixture
def refused(capsys, tmp_path, monkeypatch):
    """-> the message of a command that ends with status 2 and one line on stderr."""
    monkeypatch.chdir(tmp_path)
    tiny.linear().save("linear.keras")

    def message(arguments):
        assert cli.main(arguments.split()) == 2
        printed = capsys.readouterr().err
        assert re.fullmatch("keras-bam: error: .+\n", printed)
        assert not [name for name in os.listdir() if name != "linear.keras"]
        return printed

    return message


@pytest.fixture
def asked(monkeypatch):
    """What `export_model` is called with."""
    calls = []

    def export_model(model, path, **arguments):
        calls.append((model, path, arguments))
        return Exported(path, "onnx", "float32", 12)

    monkeypatch.setattr(export_command.export, "export_model", export_model)
    monkeypatch.setattr(data, "load", lambda name, folder=None: tiny.dataset())
    return calls


def test_defaults(asked, tmp_path, capsys):
    tiny.linear().save(tmp_path / "linear.keras")
    assert cli.main(["export", str(tmp_path / "linear.keras"), "a.onnx"]) == 0
    ((model, path, arguments),) = asked
    assert (model.name, path) == ("linear", "a.onnx")
    assert arguments == {
        "format": None,
        "input_shape": None,
        "dynamic_batch": True,
        "dynamic_size": False,
        "precision": "float32",
        "calibration": None,
        "verify": True,
    }
    assert capsys.readouterr().out == "a.onnx: onnx, float32, 12 bytes\n"


def test_every_option(asked, tmp_path):
    tiny.linear().save(tmp_path / "linear.keras")
    options = (
        "--format tflite --input 8x8x1 --fixed-batch --dynamic-size --precision int8 --no-verify "
        "--calibration digits --calibration-images 4"
    )
    command = ["export", str(tmp_path / "linear.keras"), "a", *options.split()]
    assert cli.main(command) == 0
    arguments = asked[0][2]
    assert arguments.pop("calibration").shape == (4, 8, 8, 1)
    assert arguments == {
        "format": "tflite",
        "input_shape": (8, 8, 1),
        "dynamic_batch": False,
        "dynamic_size": True,
        "precision": "int8",
        "verify": False,
    }


def test_a_run_to_a_file_to_its_accuracy(tmp_path, monkeypatch, capsys):
    """The whole way: fit, export at int8, evaluate the file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data, "load", lambda name, folder=None: tiny.dataset())
    monkeypatch.setattr(
        "keras_bam.applications.build", lambda name, classes, input_shape, **_: tiny.linear()
    )
    assert cli.main("fit digits --epochs 3 --batch-size 5 --no-augment --run-dir run".split()) == 0
    command = "export run a.tflite --precision int8 --calibration digits --calibration-images 20"
    assert cli.main(command.split()) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^largest difference from model.predict: [\d.e-]+$", printed, re.MULTILINE)
    shown = []
    for arguments in ("run", "a.tflite --data digits", "run/last.keras --data digits"):
        assert cli.main(["evaluate", *arguments.split()]) == 0
        shown.append(re.findall(r"^test accuracy +([\d.]+) %$", capsys.readouterr().out, re.M))
    assert shown[0] == shown[1] == shown[2] != []


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("export linear.keras a.h5", "has the suffix '.h5', which says no format; known are"),
        ("export linear.keras no/a.onnx", "there is no folder 'no'"),
        ("export linear.keras a.onnx --precision int8", "precision of onnx must be one of"),
        ("export linear.keras a.tflite --precision int8", "needs calibration: pass some hundred"),
        ("export linear.keras a.onnx --calibration digit", "unknown data set 'digit'; did you"),
        ("export linear.keras a.onnx --calibration digits", "have shape (32, 32, 1), and the mod"),
        ("export linear.keras a.onnx --dynamic-size", "was built for images of shape (8, 8, 1)"),
        ("export linear.keras a.onnx --input 9x8x1", "input_shape=(9, 8, 1), but 'linear' takes"),
        ("export nothing a.onnx", "holds no run: there is no config.toml"),
        ("export nothing.keras a.onnx", "nothing.keras"),
        ("evaluate a.onnx", "a.onnx names no data set: pass --data digits, or --data cifar10:"),
        ("evaluate a.onnx --data digits", "a.onnx does not exist"),
        ("evaluate a.onnx --data digits:dir=x", "unknown argument of the data set digits 'dir'"),
        ("evaluate linear.keras --data digits", "takes images of shape (8, 8, 1), but those of"),
    ],
)
def test_mistakes(arguments, message, refused):
    assert message in refused(arguments)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("export", "the following arguments are required: RUN_OR_MODEL, PATH"),
        ("export a b --input 8x-1", "argument --input: must be like 224x224x3, received '8x-1'"),
        ("export a b --precision half", "argument --precision: invalid choice: 'half'"),
        ("export a b --format lite", "argument --format: invalid choice: 'lite'"),
    ],
)
def test_mistakes_that_argparse_finds(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments.split())
    assert message in capsys.readouterr().err


def test_help(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["export", "--help"])
    assert "--calibration-images" in capsys.readouterr().out


@pytest.mark.slow
def test_ctrl_c_in_a_real_process(tmp_path, sigint_as_in_a_terminal):
    """In the middle of the work nothing is left, neither beside the target nor by a child.

    A Ctrl-C can fall into a finaliser, where Python drops it: then the file is whole, and the test
    tries again.
    """
    tiny.with_bam().save(tmp_path / "model.keras")
    command = [sys.executable, "-m", "keras_bam", "export", "model.keras", "a.onnx"]
    for _ in range(5):
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and len(os.listdir(tmp_path)) == 1:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        if process.returncode != 0:
            break
        assert sorted(os.listdir(tmp_path)) == ["a.onnx", "model.keras"]
        os.remove(tmp_path / "a.onnx")
    assert (process.returncode, errors.splitlines()[-1][:23]) == (130, "keras-bam: interrupted;")
    assert os.listdir(tmp_path) == ["model.keras"]


def test_the_backend_can_be_named(asked, tmp_path):
    tiny.linear().save(tmp_path / "linear.keras")
    started = keras.backend.backend()
    command = ["export", str(tmp_path / "linear.keras"), "a.onnx", "--backend", started]
    assert cli.main(command) == 0


def test_detections_of_a_detector(monkeypatch, tmp_path, capsys):
    made = []

    def export_model(model, path, **arguments):
        made.append(model)
        return Exported(path, "onnx", "float32", 12)

    monkeypatch.setattr(export_command.export, "export_model", export_model)
    model = str(tmp_path / "detector.keras")
    tiny.detector().save(model)
    assert cli.main(["export", model, "a.onnx", "--detections"]) == 0
    assert [sorted(one.output) for one in made] == [["boxes", "classes", "count", "scores"]]
    tiny.linear().save(tmp_path / "linear.keras")
    assert cli.main(["export", str(tmp_path / "linear.keras"), "a.onnx", "--detections"]) == 2
    assert "has no MultiboxOutput" in capsys.readouterr().err


def test_evaluating_files_of_detectors(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(data, "load", lambda name, folder=None: tiny.shapes())
    tiny.detector().save(tmp_path / "detector.keras")
    assert cli.main(["evaluate", str(tmp_path / "detector.keras"), "--data", "shapes"]) == 0
    assert "test mAP " in capsys.readouterr().out
    assert cli.main(["evaluate", str(tmp_path / "a.onnx"), "--data", "shapes"]) == 2
    assert "measure the run or the .keras file" in capsys.readouterr().err
