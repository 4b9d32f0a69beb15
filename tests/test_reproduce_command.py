import argparse

import keras
import pytest
import tiny

from keras_bam import cli, data, reproduce_command
from keras_bam.reproduction import Reproduction, report


@pytest.fixture
def asked(monkeypatch):
    """-> what `keras-bam reproduce` with these arguments asks `reproduce` for."""

    def run(*arguments):
        seen = []

        def reproduce(table, dataset, folder, **options):
            seen.append((table, dataset.name, str(folder), options))
            return Reproduction(table, dataset.name, (1, 1), {}, (0,), ())

        monkeypatch.setattr(data, "load", lambda name, folder=None: tiny.dataset())
        monkeypatch.setattr(reproduce_command, "reproduce", reproduce)
        monkeypatch.setattr(report, "as_markdown", lambda found: "the table")
        parser = argparse.ArgumentParser()
        reproduce_command.add_parser(parser.add_subparsers())
        options = parser.parse_args(["reproduce", *arguments])
        options.command(options)
        return seen[0]

    return run


def test_without_options(asked, capsys):
    backend = keras.backend.backend()
    folder = f"runs/reproduce-1b-digits-{backend}"
    options = {"rows": (), "models": (), "form": "paper", "recipe": "quick", "seeds": 5}
    assert asked("1b", "--dataset", "digits") == ("1b", "tiny", folder, {**options, "images": None})
    assert capsys.readouterr().out == f"\nthe table\n{folder}/table-1b.md\n"


def test_every_option(asked):
    *_, folder, options = asked(
        *"2 --dataset digits --images 7 --seeds 3 --form official --out here".split(),
        *"--recipe short --epochs 2 --learning-rate .2 --rows 1 ResNet50".split(),
        *"--model ResNet50=CifarResNetSmall --model PreResNet110=CifarResNet18".split(),
    )
    assert (folder, options) == (
        "here",
        {
            "rows": ["1", "ResNet50"],
            "models": ["ResNet50=CifarResNetSmall", "PreResNet110=CifarResNet18"],
            "form": "official",
            "recipe": "short",
            "seeds": 3,
            "images": 7,
            "epochs": 2,
            "learning_rate": 0.2,
        },
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("4 --dataset digits", "there is no table '4' to reproduce; those that can be are 1a, 1b"),
        (
            "1b --dataset digits --rows SUM",
            "table 1b has no row 'SUM'; its rows, by number or name",
        ),
        ("1b --dataset digit", "unknown data set 'digit'; did you mean 'digits'?"),
        ("1b --dataset digits --seeds 0", "seeds must be a positive integer, received 0"),
    ],
)
def test_mistakes(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["reproduce", *arguments.split()]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("1b", "the following arguments are required: --dataset"),
        ("1b --dataset digits --form mine", "argument --form: invalid choice: 'mine'"),
        ("1b --dataset digits --seed 3", "unrecognized arguments: --seed 3"),
    ],
)
def test_mistakes_that_argparse_finds(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["reproduce", *arguments.split()])
    assert message in capsys.readouterr().err
