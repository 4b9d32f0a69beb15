"""What the three figures refuse."""

import numpy as np
import pytest
from PIL import Image

from keras_bam.explain import plot_attention, plot_grad_cam, plot_hierarchy

pytestmark = pytest.mark.once  # NumPy and matplotlib alone


@pytest.fixture(params=["attention", "hierarchy", "grad_cam"])
def plot(request, maps, cam):
    """-> the figure on one image, drawn for images and a path."""
    if request.param == "grad_cam":
        return lambda images, path: plot_grad_cam([cam()], images, path)
    function = {"attention": plot_attention, "hierarchy": plot_hierarchy}[request.param]
    return lambda images, path: function([maps()], images, path)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((8, 8, 3)),
        np.zeros((2, 8, 8, 3)),
        np.zeros((1, 3, 8, 8)),
        np.full((1, 8, 8, 3), 2.0),
        np.zeros((1, 8, 8, 3), "int64"),
    ],
)
def test_images_that_can_t_be_shown(plot, wrong, tmp_path):
    with pytest.raises(ValueError, match=r"images must be the 1 images of the maps as people see"):
        plot(wrong, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_paths(plot, images, tmp_path):
    with pytest.raises(ValueError, match=r"a.bmp' must end in one of .pdf, .png, .svg"):
        plot(images, tmp_path / "a.bmp")
    with pytest.raises(FileNotFoundError, match="there is no folder .* for 'a.png'"):
        plot(images, tmp_path / "none" / "a.png")


@pytest.mark.parametrize("function", [plot_attention, plot_hierarchy])
def test_maps_that_are_no_pictures(function, images, maps, tmp_path):
    with pytest.raises(ValueError, match="maps is empty"):
        function([], images, tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"maps of 'bam' have shape \(1, 5, 2\), which is no pict"):
        function([maps(before=np.ones((1, 5, 2)))], images, tmp_path / "a.png")


def test_the_banner_covers_and_loses_nothing(images, cam, maps, tmp_path):
    plot_grad_cam([cam(random_weights=True)], images, tmp_path / "narrow.png")
    name = "a_long_name_of_a_layer_in_a_model/in_a_model/" * 3
    pair = [maps(name, random_weights=True), maps("other")]
    plot_hierarchy(pair, images, tmp_path / "long.png")
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB")).astype(int)
        red = (abs(pixels - (178, 24, 43)) < 3).all(axis=-1)
        rows, columns = np.nonzero(red)
        below = pixels[rows.max() + 2 : rows.max() + 5]  # its edge is antialiased
        assert columns.min() > 0 and columns.max() < red.shape[1] - 1 and rows.min() > 0
        assert (below == 255).all()  # no title touches it
