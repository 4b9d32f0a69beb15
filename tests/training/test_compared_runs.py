import numpy as np
import pytest

from keras_bam.training.compared_runs import curves_of_log, curves_of_runs


@pytest.fixture
def make_run(tmp_path):
    """-> the folder of a run with these test accuracies."""

    def make(name, accuracies, config="seed = 0\n", summary=None):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(config)
        lines = [f"{epoch + 1},0.5,{value}\n" for epoch, value in enumerate(accuracies)]
        (folder / "log.csv").write_text("epoch,accuracy,val_accuracy\n" + "".join(lines))
        if summary is not None:
            (folder / "summary.json").write_text(summary)
        return folder

    return make


def test_errors_in_percent_and_the_first_best_epoch(make_run):
    curves = curves_of_log(make_run("a", [0.25, "nan", 0.75, 0.75]) / "log.csv", "a", "validation")
    assert (curves.name, curves.measured_on, curves.best) == ("a", "validation", 2)
    np.testing.assert_allclose(curves.log["val_top1_error"], [75, np.nan, 25, 25])
    np.testing.assert_allclose(curves.log["top1_error"], 50)


def test_no_best_epoch_where_none_was_measured(make_run):
    assert curves_of_log(make_run("a", ["nan", ""]) / "log.csv").best is None


def test_names_and_what_was_measured_on(make_run):
    summary = '{"best_chosen_on": "validation"}'
    runs = [make_run("x/a", [0.5], summary=summary), make_run("b", [0.5])]
    found = [(curves.name, curves.measured_on) for curves in curves_of_runs(runs)]
    assert found == [("a", "validation"), ("b", "test")]
    runs.append(make_run("y/a", [0.5]))
    assert [curves.name for curves in curves_of_runs(runs)] == [str(run) for run in runs]


def test_mean_of_the_runs_that_differ_in_nothing_but_the_seed(make_run):
    config = "[recipe]\nseed = {}\nepochs = {}\n"
    runs = [
        make_run("net-bam-0", [0.2, 0.5], config.format(0, 3)),
        make_run("other", [0.9], config.format(0, 4)),
        make_run("net-bam-1", [0.4, 0.7, 0.9], config.format(1, 3)),
    ]
    mean, other = curves_of_runs(runs, mean_of_seeds=True)
    assert mean.name == "net-bam, mean of 2 seeds"
    np.testing.assert_allclose(mean.log["val_top1_error"], [70, 40])
    np.testing.assert_allclose(mean.spread["val_top1_error"], 10 * 2**0.5)
    np.testing.assert_allclose(mean.log["epoch"], [1, 2])
    assert (other.name, other.spread) == ("other", None)


def test_nothing_to_take_the_mean_of(make_run):
    runs = [make_run("a", [0.5], "seed = 0"), make_run("b", [0.5], "seed = 1\nepochs = 2")]
    with pytest.raises(ValueError, match="no two of the runs differ in nothing but the seed"):
        curves_of_runs(runs, mean_of_seeds=True)


def test_no_run_at_all_and_the_same_twice(make_run):
    with pytest.raises(ValueError, match="there is no run to plot; name at least one folder"):
        curves_of_runs([])
    run = make_run("a", [0.5])
    with pytest.raises(ValueError, match="comes twice; name each run once"):
        curves_of_runs([run, run.parent / "." / "a"])
