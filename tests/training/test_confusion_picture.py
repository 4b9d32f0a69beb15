import matplotlib
import numpy as np
import pytest
from PIL import Image

from keras_bam.training.confusion_picture import plot_confusion, worst_pairs


@pytest.fixture
def drawn(monkeypatch):
    """-> the figures that were saved."""
    figures = []

    def savefig(figure, path, **_):
        path.touch()
        figures.append(figure)

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", savefig)
    return figures


def names(classes):
    return [f"class_{index}" for index in range(classes)]


@pytest.mark.parametrize("classes", [2, 20, 21, 101])
def test_a_png_and_nothing_else_of_matplotlib(classes, tmp_path):
    backend = matplotlib.get_backend()
    plot_confusion(np.eye(classes, dtype=int), names(classes), tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as image:
        image.load()
        assert image.format == "PNG" and image.height > 500
    assert matplotlib.get_backend() == backend


@pytest.mark.parametrize("classes", [10, 30])
def test_no_label_is_cut_off(classes, tmp_path):
    short = list(map(str, range(classes)))
    plot_confusion(np.eye(classes, dtype=int), short, tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as image:
        pixels = np.asarray(image.convert("L"))
    border = [pixels[:, 0], pixels[:, -1], pixels[0], pixels[-1]]
    assert all((line == 255).all() for line in border)


def test_numbers_are_shares_of_the_true_class(drawn, tmp_path):
    plot_confusion([[3, 1, 0], [0, 5, 0], [0, 0, 0]], names(3), tmp_path / "a.png")
    axes = drawn[0].axes[0]
    shown = {
        (int(text.get_position()[1]), int(text.get_position()[0])): text for text in axes.texts
    }
    assert {cell: text.get_text() for cell, text in shown.items()} == {
        (0, 0): "75.0",
        (0, 1): "25.0",
        (1, 1): "100.0",
    }
    assert [shown[cell].get_fontweight() for cell in ((0, 0), (0, 1))] == ["bold", "normal"]
    cells = axes.images[0].get_array()
    assert cells.mask[2].all() and not cells.mask[:2].any()
    assert axes.get_title() == "top-1 accuracy 88.89 %, 9 images"
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "class 0",
        "class 1",
        "class 2",
    ]


def test_many_classes_have_a_list_instead_of_numbers(drawn, tmp_path):
    matrix = 10 * np.eye(30, dtype=int)
    matrix[4, 7], matrix[5, 2] = 10, 5
    plot_confusion(matrix, names(30), tmp_path / "a.png")
    grid, beside = drawn[0].axes[:2]
    assert not grid.texts
    assert beside.texts[0].get_text().splitlines() == [
        "The 2 most frequent mistakes",
        "(true → predicted)",
        "",
        "class 4 → class 7",
        "    50.0 %, 10 of 20 images",
        "class 5 → class 2",
        "    33.3 %, 5 of 15 images",
    ]


def test_more_than_a_hundred_names_are_left_out(drawn, tmp_path):
    for classes in (100, 101):
        plot_confusion(np.eye(classes, dtype=int), names(classes), tmp_path / "a.png")
    hundred, more = (figure.axes[0] for figure in drawn)
    assert len(hundred.get_yticks()) == 100 and len(more.get_yticks()) < 20


def test_worst_pairs_by_share_then_images_then_index():
    matrix = [[6, 2, 0, 0], [0, 4, 4, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    assert worst_pairs(matrix) == [(1, 2), (2, 0), (2, 1), (0, 1)]
    assert worst_pairs(matrix, 1) == [(1, 2)]
    assert worst_pairs(np.eye(3, dtype=int)) == []
