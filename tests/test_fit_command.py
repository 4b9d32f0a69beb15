"""What `keras-bam fit` makes of its options, and runs repeated from a run's config.toml."""

import argparse
import json
import re
import subprocess
import sys
import time

import keras
import numpy as np
import photographs
import pytest
import tiny

from keras_bam import cli, data, fit_command, run_parts
from keras_bam.training import RunFolder, recipe
from keras_bam.training.recipe import FIELDS


def resolved(*arguments):
    parser = argparse.ArgumentParser()
    fit_command.add_parser(parser.add_subparsers())
    return fit_command.resolve(parser.parse_args(["fit", *map(str, arguments)]))


def test_without_options():
    config, made = resolved("digits")
    assert config == {
        "dataset": "digits",
        "model": "CifarResNetSmall",
        "recipe": {"name": "quick"},
    }
    assert made == recipe("quick")


def test_paper_follows_data_set_and_network():
    config, made = resolved("cifar100", "--recipe", "paper", "--model", "CifarWideResNet28:widen=8")
    assert config["recipe"] == {"name": "cifar-wide-resnet"}
    assert made == recipe("cifar-wide-resnet")


def test_the_command_line_goes_before_the_file_and_that_before_the_row(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        "dataset = 'cifar10'\nattention = 'se'\nimage_size = 64\n"
        "[recipe]\nname = 'short'\nepochs = 7\nseed = 5\n"
    )
    config, made = resolved("--config", path, "--attention", "bam", "--epochs", 3, "--no-augment")
    assert (config["dataset"], config["attention"], config["image_size"]) == ("cifar10", "bam", 64)
    assert made == recipe("short", epochs=3, seed=5, augment=False)
    _, other = resolved("--config", path, "--recipe", "quick", "--seed", 1)
    assert other == recipe("quick", seed=1)


def test_every_field_has_an_option():
    _, made = resolved(
        "digits",
        *"--epochs 2 --batch-size 8 --gradient-accumulation-steps 2 --learning-rate .2".split(),
        *"--schedule step --milestones .3,.6 --decay-factor .2 --warmup .1".split(),
        *"--warmup-factor .5 --warmup-shape constant --momentum .8 --no-nesterov".split(),
        *"--weight-decay .001 --decay-all --label-smoothing .1 --mixup .2 --cutmix 1".split(),
        *"--no-augment --expand 2 --padding-mode edge --cutout 2 --randaugment 5".split(),
        *"--precision mixed_bfloat16 --ema-momentum .9 --validation-fraction .2 --seed 3".split(),
    )
    plain = recipe("quick")
    same = [name for name in FIELDS if getattr(made, name) == getattr(plain, name)]
    assert same == []


def test_a_run_is_repeated_from_its_config(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "load", lambda name, folder=None, **_: tiny.dataset())
    arguments = "digits --batch-size 10 --epochs 1 --seed 4 --recipe short"
    monkeypatch.setattr(run_parts, "build", lambda config, data: (tiny.with_bam(), data))
    first, again = tmp_path / "first", tmp_path / "again"
    assert cli.main(["fit", *arguments.split(), "--run-dir", str(first)]) == 0
    config = first / "config.toml"
    assert cli.main(["fit", "--config", str(config), "--run-dir", str(again)]) == 0
    assert config.read_text() == (again / "config.toml").read_text()
    models = [RunFolder.open(folder).load_model("last") for folder in (first, again)]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("", "fit needs a data set, one of cifar10, cifar100, .*digits"),
        ("digits --recipe papers", "unknown recipe 'papers'; did you mean 'paper'"),
        (
            "digits --recipe paper",
            "recipe 'paper' knows cifar10, cifar100, imagenet, voc, coco, and not",
        ),
        ("digits --schedule step", "milestones must be ascending shares of the run"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(ValueError, match=message):
        resolved(*arguments.split())


def test_the_network_is_built_with_the_precision(monkeypatch, tmp_path):
    built = []

    def build(config, dataset):
        built.append(keras.config.dtype_policy().name)
        return tiny.linear(), dataset

    monkeypatch.setattr(data, "load", lambda name, folder=None, **_: tiny.dataset())
    monkeypatch.setattr(run_parts, "build", build)
    arguments = "fit digits --epochs 1 --batch-size 10 --precision mixed_bfloat16 --run-dir"
    assert cli.main([*arguments.split(), str(tmp_path / "run")]) == 0
    assert (built, keras.config.dtype_policy().name) == (["mixed_bfloat16"], "float32")


def test_resume_takes_all_from_the_run(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(data, "load", lambda name, folder=None, **_: tiny.dataset())
    monkeypatch.setattr(run_parts, "build", lambda config, data: (tiny.with_bam(), data))
    run = str(tmp_path / "run")
    assert cli.main(["fit", "digits", "--epochs", "1", "--batch-size", "8", "--run-dir", run]) == 0
    weights = RunFolder.open(run).load_model("last").get_weights()
    assert cli.main(["fit", "--resume", run]) == 0
    again = RunFolder.open(run).load_model("last").get_weights()
    assert all(np.array_equal(*pair) for pair in zip(weights, again, strict=True))
    capsys.readouterr()
    assert cli.main(["fit", "--resume", run, "--seed", "9"]) == 2
    assert "seed" in capsys.readouterr().err
    for arguments, message in [
        ([str(tmp_path)], "holds no run: there is no config.toml in it"),
        ([run, "--config", "a.toml"], "--resume takes .* leave --config and --run-dir out"),
        ([run, "--run-dir", "b"], "--resume takes .* leave --config and --run-dir out"),
    ]:
        assert cli.main(["fit", "--resume", *arguments]) == 2
        assert re.search(message, capsys.readouterr().err)


def test_a_folder_of_images_then_evaluate(monkeypatch, tmp_path, capsys):
    folder, run = photographs.tree(tmp_path / "images"), str(tmp_path / "run")
    (folder / "train/cat/0.jpg").write_bytes(b"no image")
    model = tiny.linear(classes=2, input_shape=(8, 8, 3))
    monkeypatch.setattr(run_parts, "build", lambda config, data: (model, data))
    arguments = f"fit imagenet --data {folder} --image-size 8 --epochs 1 --batch-size 4 --run-dir"
    assert cli.main([*arguments.split(), run]) == 2
    assert f"{folder}/train/cat/0.jpg" in capsys.readouterr().err
    with pytest.warns(UserWarning, match="left out: .*train/cat/0.jpg"):
        assert cli.main([*arguments.split(), run, "--overwrite", "--on-error", "skip"]) == 0
    closing = re.search(r"^ \* Prec@1 (\d+\.\d{3})$", capsys.readouterr().out, re.MULTILINE)
    assert cli.main(["evaluate", run]) == 0
    (accuracy,) = re.findall(r"^test accuracy +(\S+) %$", capsys.readouterr().out, re.MULTILINE)
    assert float(accuracy) == pytest.approx(float(closing[1]), abs=0.01)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_sigterm_saves_and_ends_with_a_status_of_its_own(tmp_path):
    command = "-m keras_bam fit digits --epochs 50 --batch-size 8 --run-dir run --model {}"
    command = [sys.executable, *command.format("CifarResNetSmall").split(), "--log-steps"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        checkpoints = tmp_path / "run/checkpoints"
        waited = time.monotonic()
        while not any(checkpoints.glob("*")):
            assert process.poll() is None and time.monotonic() < waited + 300
            time.sleep(0.1)
        time.sleep(5)  # into the first epoch
        process.terminate()
        assert process.wait(120) == 75
    finally:
        process.kill()
    assert json.loads((tmp_path / "run/summary.json").read_text())["status"] == "preempted"
