import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_bam.explain import panels

pytestmark = pytest.mark.once  # NumPy and matplotlib alone


@pytest.fixture
def axes():
    return Figure().subplots()


def test_a_map_is_put_over_the_image_centre_on_centre(axes):
    heat = np.array([[0.0, 1.0]])
    panels.draw_heat(axes, np.full((1, 8, 3), 255, "uint8"), heat)
    grey, shaded = axes.images
    assert (grey.get_array() == 1).all()
    # Cell centres are at pixels 1.5 and 5.5; beyond them the map is level.
    expected = np.array([0, 0, 1 / 8, 3 / 8, 5 / 8, 7 / 8, 1, 1])
    np.testing.assert_allclose(shaded.get_array()[0, :, 3], 0.8 * expected)


def test_grey_images(axes):
    panels.draw_image(axes, np.zeros((4, 4, 1)))
    assert axes.images[0].get_array().shape == (4, 4)


def test_no_rainbow():
    from matplotlib import colormaps

    for name in (panels.FEATURES, panels.ATTENTION, panels.HEAT):
        red, green, blue, _ = colormaps[name](np.linspace(0, 1, 64)).T
        lightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert (np.diff(lightness) > 0).all(), name
