import matplotlib
import numpy as np
import pytest
from PIL import Image

from keras_bam.training import curves
from keras_bam.training.compared_runs import Curves
from keras_bam.training.curves import plot_curves, plot_runs

HEADER = "epoch,accuracy,loss,val_accuracy,val_loss\n"


@pytest.mark.parametrize(
    "rows", ["1,0.5,1.0,0.25,2.0\n", "1,0.5,1.0,0.25,2.0\n2,0.6,nan,0.5,inf\n"], ids=["one", "nan"]
)
def test_a_png_and_nothing_else_of_matplotlib(rows, tmp_path):
    backend = matplotlib.get_backend()
    (tmp_path / "log.csv").write_text(HEADER + rows)
    plot_curves(tmp_path / "log.csv", tmp_path / "curves.png", "validation")
    with Image.open(tmp_path / "curves.png") as image:
        image.load()
        assert image.format == "PNG" and image.width > image.height > 300
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "log.csv"]
    assert matplotlib.get_backend() == backend


@pytest.fixture
def drawn(monkeypatch):
    """-> the figures that were saved."""
    figures = []

    def savefig(figure, path, **_):
        path.touch()
        figures.append(figure)

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", savefig)
    return figures


def log(epochs=3, **columns):
    measured = {"loss": 2, "val_loss": 3, "top1_error": 40, "val_top1_error": 50}
    values = {"learning_rate": 0.1, **measured, **columns}
    return {"epoch": np.arange(1, epochs + 1.0)} | {
        name: np.broadcast_to(np.asarray(value, float), epochs) for name, value in values.items()
    }


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_what_is_drawn_of_one_run(drawn, tmp_path):
    errors = [60, 48.125, 50]
    curves._draw([Curves("a", log(val_top1_error=errors, val_top5_error=20))], tmp_path / "a.png")
    loss, error, rate = drawn[0].axes
    assert texts(loss.get_legend()) == ["train", "test"]
    assert texts(error.get_legend()) == [
        "train top-1",
        "test top-1",
        "test top-5",
        "best: 48.12 % (epoch 2)",
    ]
    train, test, top5, best = error.lines
    np.testing.assert_array_equal(test.get_ydata(), errors)
    np.testing.assert_array_equal(best.get_xydata(), [[2, 48.125]])
    assert (train.get_linestyle(), test.get_linestyle()) == ("--", "-")
    assert test.get_linewidth() > max(train.get_linewidth(), top5.get_linewidth())
    np.testing.assert_array_equal(rate.lines[0].get_ydata(), [0.1] * 3)


def test_what_is_drawn_of_several_runs(drawn, tmp_path):
    spread = log(val_top1_error=0.5)
    both = [Curves("plain", log()), Curves("bam", log(val_top1_error=49), "validation", spread)]
    curves._draw(both, tmp_path / "a.png")
    (runs,), (loss, error, _) = drawn[0].legends, drawn[0].axes
    assert texts(runs) == ["plain, best 50.00 %", "bam, last 49.00 ± 0.50 %"]
    assert texts(error.get_legend()) == [
        "train",
        "test or validation",
        "best epoch",
        "± 1 standard deviation",
    ]
    colors = [line.get_color() for line in runs.get_lines()]
    assert len(set(colors)) == 2
    assert [line.get_color() for line in loss.lines] == [color for color in colors for _ in "12"]
    low, high = error.collections[0].get_datalim(error.transData).intervaly
    assert (low, high) == (48.5, 49.5)


def test_many_runs_have_as_many_colors(drawn, tmp_path):
    curves._draw([Curves(f"{run}", log()) for run in range(9)], tmp_path / "a.png")
    lines = drawn[0].legends[0].get_lines()
    assert len({matplotlib.colors.to_hex(line.get_color()) for line in lines}) == 9


def test_epochs_without_measurement_leave_no_gap(drawn, tmp_path):
    curves._draw([Curves("a", log(4, val_loss=[1, np.nan, 3, np.nan]))], tmp_path / "a.png")
    np.testing.assert_array_equal(drawn[0].axes[0].lines[1].get_xydata(), [[1, 1], [3, 3]])


def test_a_loss_that_starts_far_above_the_others(drawn, tmp_path):
    for first, scale in ((10, "linear"), (1000, "log")):
        curves._draw([Curves("a", log(loss=[first, 2, 2]))], tmp_path / "a.png")
        assert drawn[-1].axes[0].get_yscale() == scale
    lowest, highest = drawn[-1].axes[0].get_ylim()
    assert 0.2 < lowest < 2 and 1000 < highest < 10_000  # the losses fill the axis


def test_a_log_without_validation(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").touch()
        (tmp_path / name / "log.csv").write_text("epoch,accuracy,loss\n1,0.5,1.0\n")
    plot_runs([tmp_path / "a"], tmp_path / "one.png")
    plot_runs([tmp_path / "a", tmp_path / "b"], tmp_path / "two.pdf")
    assert (tmp_path / "two.pdf").read_bytes().startswith(b"%PDF")


def test_paths_that_can_not_be_written(tmp_path):
    (tmp_path / "log.csv").write_text(HEADER + "1,0.5,1.0,0.25,2.0\n")
    with pytest.raises(ValueError, match=r"path='a.doc' must end in one of \.pdf, \.png, \.svg"):
        plot_curves(tmp_path / "log.csv", "a.doc")
    with pytest.raises(FileNotFoundError, match="there is no folder .*none' for 'a.png'"):
        plot_curves(tmp_path / "log.csv", tmp_path / "none" / "a.png")
