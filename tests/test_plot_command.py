import argparse

import pytest
from PIL import Image

from keras_bam import plot_command

LOG = "epoch,accuracy,loss,val_accuracy,val_loss\n1,0.5,1.0,0.25,2.0\n"


@pytest.fixture
def plot(tmp_path, monkeypatch):
    """-> `keras-bam plot` with these arguments, in a folder with the runs a, b and unfinished."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("a", "b", "unfinished")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(f"seed = {seed}\n")
        if name != "unfinished":
            (tmp_path / name / "log.csv").write_text(LOG)
    parser = argparse.ArgumentParser()
    plot_command.add_parser(parser.add_subparsers())

    def run(arguments):
        options = parser.parse_args(["plot", *arguments.split()])
        options.command(options)

    return run


@pytest.mark.parametrize(
    "arguments, path",
    [
        ("a", "a/curves.png"),
        ("a b", "curves.png"),
        ("a b --out both.png", "both.png"),
        ("a b --mean-of-seeds --out mean.png", "mean.png"),
    ],
)
def test_the_picture_is_where_the_command_says(plot, arguments, path, tmp_path, capsys):
    plot(arguments)
    assert capsys.readouterr().out == f"{path}\n"
    with Image.open(tmp_path / path) as image:
        image.load()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("a nothing", "'nothing' holds no run: there is no config.toml in it"),
        ("a unfinished", "unfinished/log.csv holds no finished epoch; wait for the first"),
        ("a b ../{}/a", "the run '../{}/a' comes twice; name each run once"),
        ("a --mean-of-seeds", "no two of the runs differ in nothing but the seed"),
        ("a --out a.bmp", "path='a.bmp' must end in one of .pdf, .png, .svg"),
    ],
)
def test_mistakes(plot, arguments, message, tmp_path):
    with pytest.raises(ValueError) as caught:
        plot(arguments.format(tmp_path.name))
    assert message.format(tmp_path.name) in str(caught.value)
    assert not list(tmp_path.glob("**/*.png"))


def test_no_folder_for_the_picture(plot):
    with pytest.raises(FileNotFoundError, match="there is no folder 'no' for 'a.png'"):
        plot("a --out no/a.png")


def test_no_run(plot, capsys):
    with pytest.raises(SystemExit, match="2"):
        plot("")
    assert "the following arguments are required: RUN" in capsys.readouterr().err
