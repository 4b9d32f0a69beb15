import numpy as np
import pytest

from keras_bam.explain import plot_grad_cam
from keras_bam.explain.grad_cam_figure import probabilities

pytestmark = pytest.mark.once  # NumPy and matplotlib alone


def test_rows_and_columns(cam, images, drawn, tmp_path):
    names = ["a_cat", "dog", "bird"]
    plot_grad_cam(
        [cam("first"), cam("second", class_index=np.array([0]))], images, tmp_path / "a.png", names
    )
    image, first, second = drawn[0].axes
    assert [image.get_title(), first.get_title()] == ["input", "first\n4 x 4"]
    assert image.get_xlabel() == "taken for dog, 67 %"  # e^2 / (1 + e + e^2)
    assert [first.get_xlabel(), second.get_xlabel()] == ["for dog", "for a cat"]
    _, heat = first.images
    colors = heat.get_array()
    assert colors.shape == (8, 8, 4)
    assert colors[0, 0, 3] == 0 and colors[-1, -1, 3] == pytest.approx(0.8)
    assert (np.diff(colors[..., 3], axis=1) >= 0).all()


def test_without_names_and_with_nothing_to_see(cam, images, drawn, tmp_path):
    plot_grad_cam([cam(maps=np.zeros((1, 4, 4)))], images, tmp_path / "a.png")
    image, shown = drawn[0].axes
    assert image.get_xlabel() == "taken for class 1, 67 %"
    assert shown.get_xlabel() == "nothing for class 1"


def test_random_weights_are_marked(cam, images, drawn, texts, tmp_path):
    plot_grad_cam([cam(random_weights=True)], images, tmp_path / "a.png")
    mark = "RANDOM WEIGHTS: this network was never trained"
    assert mark in texts(drawn[0])


def test_maps_that_are_no_pictures(cam, images, tmp_path):
    with pytest.raises(
        ValueError, match=r"map of layer='map' has shape \(1, 5\), which is no pict"
    ):
        plot_grad_cam([cam(maps=np.zeros((1, 5)))], images, tmp_path / "a.png")


def test_probabilities_of_large_logits():
    np.testing.assert_allclose(probabilities(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])
