import numpy as np
import pytest

from keras_bam.explain import plot_hierarchy

pytestmark = pytest.mark.once  # NumPy and matplotlib alone


def test_rows_and_columns(maps, drawn, tmp_path):
    images = np.random.default_rng(0).random((2, 8, 8, 3))
    pair = [maps("first", count=2), maps("second", count=2)]
    last = np.arange(2 * 2 * 2 * 5.0).reshape(2, 2, 2, 5)
    plot_hierarchy(pair, images, tmp_path / "a.png", last, titles=["cat", "dog"])
    grid = np.reshape(drawn[0].axes[:16], (2, 8))
    titles = [axes.get_title() for axes in grid[0]]
    assert titles == ["input", "F1  4 x 4", "M1", "F1'", "F2  4 x 4", "M2", "F2'", "last stage"]
    assert [axes.get_title() for axes in grid[1]] == [""] * 8
    assert [axes.get_xlabel() for axes in grid[:, 0]] == ["cat", "dog"]
    assert [axes.get_xlabel() for axes in grid[:, 2]] == ["min 0.50  mean 0.50  max 0.50"] * 2
    assert {axes.images[0].get_clim() for axes in grid[:, [2, 5]].flat} == {(0, 1)}
    assert grid[0, 1].images[0].get_clim() == grid[0, 3].images[0].get_clim()
    np.testing.assert_allclose(grid[1, 7].images[0].get_array(), last[1].mean(axis=-1))


def test_without_the_last_stage(maps, images, drawn, tmp_path):
    plot_hierarchy([maps()], images, tmp_path / "a.png")
    assert [axes.get_title() for axes in drawn[0].axes[:4]] == ["input", "F1  4 x 4", "M1", "F1'"]


def test_random_weights_are_marked(maps, images, drawn, texts, tmp_path):
    plot_hierarchy([maps("a"), maps("b", random_weights=True)], images, tmp_path / "a.png")
    assert "RANDOM WEIGHTS: b was never trained" in texts(drawn[0])
