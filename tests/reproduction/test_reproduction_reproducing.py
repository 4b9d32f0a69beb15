import json

import pytest
import tiny

from keras_bam import data, training
from keras_bam.reproduction import reproducing
from keras_bam.training import DamagedCheckpoint, RunFolder

pytestmark = pytest.mark.once

PLAIN, BAM = "CifarResNetSmall-plain-", "CifarResNetSmall-bam_combine_add-"
ALL = [PLAIN + "0", BAM + "0", PLAIN + "1", BAM + "1"]


def names(fits):
    return [name for name, _, _ in fits.seen]


def test_seed_after_seed_and_then_nothing_more(fits, small, tmp_path):
    first = small()
    assert names(fits) == ALL
    assert small() == first and len(fits.seen) == 4
    small(seeds=3)
    assert names(fits)[4:] == [PLAIN + "2", BAM + "2"]
    small(rows=[2])
    assert names(fits)[6:] == [f"CifarResNetSmall-bam_branches_channel-{seed}" for seed in (0, 1)]
    assert not list(tmp_path.glob("runs/*/checkpoints"))


def test_what_is_measured(fits, small):
    fits.errors = {PLAIN + "0": 0.2, PLAIN + "1": 0.4, BAM + "0": 0.1, BAM + "1": 0.2}
    baseline, bam = small().rows
    assert baseline.errors == pytest.approx({0: 20.0, 1: 40.0})
    assert bam.errors == pytest.approx({0: 10.0, 1: 20.0})
    assert (bam.counts, bam.seconds) == ((10, 20), 5.0)


def test_rows_of_the_same_network_share_their_runs(fits, small):
    found = small("1a", rows=["BAM d=4 r=16"])
    assert len(found.rows) == 3 and len(fits.seen) == 4
    assert found.rows[1].outcomes == found.rows[2].outcomes


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), training.Preempted("SIGTERM")])
def test_an_interruption_leaves_what_is_finished(fits, small, stop, capsys, tmp_path):
    fits.fail = {PLAIN + "1": stop}
    with pytest.raises(type(stop)):
        small()
    folder = tmp_path / "runs"
    said = f"2 of 4 runs are finished in {folder}; the same command keeps them and goes on\n"
    assert capsys.readouterr().err == said
    rows = json.loads((tmp_path / "runs" / "table-1b.json").read_text())["rows"]
    assert [list(row["errors"]) for row in rows] == [["0"], ["0"]]
    small()
    assert fits.seen[3:] == [(PLAIN + "1", True, False), (BAM + "1", False, True)]


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_again(fits, small, tmp_path):
    small()
    (tmp_path / "runs" / ALL[0] / "summary.json").unlink()
    small()
    assert fits.seen[4:] == [(ALL[0], False, True)]


@pytest.mark.parametrize(
    "file, text",
    [("summary.json", "{"), ("summary.json", "{}"), ("log.csv", ""), ("versions.json", "")],
)
def test_a_damaged_run_is_named_and_done_again(file, text, fits, small, capsys, tmp_path):
    first = small()
    (tmp_path / "runs" / ALL[1] / file).write_text(text)
    capsys.readouterr()
    assert small() == first
    assert fits.seen[4:] == [(ALL[1], False, True)]
    assert f"{ALL[1]} is damaged (" in capsys.readouterr().err


def test_damaged_checkpoints_are_named_and_the_run_begins_again(fits, small, capsys):
    fits.fail = {ALL[0]: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        small()
    fits.fail = {ALL[0]: DamagedCheckpoint("every checkpoint is damaged")}
    small()
    assert fits.seen[1:3] == [(ALL[0], True, False), (ALL[0], False, True)]
    assert f"every checkpoint is damaged: {ALL[0]} is done again" in capsys.readouterr().err


def test_a_run_made_otherwise_is_refused_before_anything_is_trained(fits, small):
    small(seeds=1)
    with pytest.raises(ValueError, match="recipe.epochs: 2 then, 3 now"):
        small(epochs=3)
    with pytest.raises(ValueError, match="training_images: 20 then, 10 now"):
        small(images=10)
    assert len(fits.seen) == 2


def test_a_run_that_nobody_knows_is_refused(fits, small, tmp_path):
    small()
    (tmp_path / "runs" / ALL[0] / "config.toml").write_text("=")
    with pytest.raises(ValueError, match="config.toml can't be read .* delete the folder to do it"):
        small()


def test_a_run_that_diverges_is_an_outcome(fits, small, tmp_path, capsys):
    def diverge(model, dataset, recipe, run_dir, **arguments):
        fits(model, dataset, recipe, run_dir, **arguments)
        run = RunFolder(run_dir)
        run["log.csv"].unlink()
        run.write_json(
            "summary.json",
            {"status": "diverged", "seconds": 1, "parameters": 10, "multiply_adds": 20},
        )
        raise FloatingPointError("the loss is nan at step 3")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "fit", diverge)
        baseline, _ = small(seeds=1).rows
    assert (baseline.errors, baseline.diverged, baseline.seconds) == ({}, [0], 1.0)
    assert "the loss is nan at step 3" in capsys.readouterr().out
    small(seeds=1)
    assert len(fits.seen) == 2


def test_a_data_set_of_objects_is_refused(fits, tmp_path):
    shapes = data.load("shapes", train=1, test=1)
    with pytest.raises(ValueError, match="dataset 'shapes' has objects in its images, and the tab"):
        reproducing.reproduce("1b", shapes, tmp_path)


def test_fewer_images_are_spread_over_all():
    dataset = tiny.dataset()
    fewer = reproducing._fewer_images(dataset, 5)
    assert (fewer.train.images == dataset.train.images[[0, 4, 8, 12, 16]]).all()
    assert fewer.test is dataset.test


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"seeds": 0}, "seeds must be a positive integer, received 0"),
        ({"seed": 3}, "seed is set for each run; say with seeds how many there are"),
        ({"images": 21}, "images=21 is more than the 20 training images of tiny; leave it out"),
        ({"images": 0}, "images must be a positive integer, received 0"),
        ({"table": "9"}, "there is no table '9' to reproduce"),
        ({"rows": ["none"]}, "table 1b has no row 'none'; its rows"),
        ({"recipe": "fast"}, "unknown recipe 'fast'"),
        (
            {"recipe": "paper"},
            "recipe 'paper' knows cifar10, cifar100, imagenet, voc, coco, and not",
        ),
        ({"epoch": 3}, "unknown key of a recipe 'epoch'; did you mean 'epochs'"),
    ],
)
def test_mistakes(arguments, message, fits, small, tmp_path):
    with pytest.raises(ValueError, match=message):
        small(**arguments)
    assert not list(tmp_path.iterdir())
