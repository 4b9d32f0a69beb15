import numpy as np
import pytest
from matplotlib.text import Text

from keras_bam.explain import AttentionMaps, GradCAM


@pytest.fixture
def drawn(monkeypatch):
    """-> the figures that were saved."""
    figures = []

    def savefig(figure, path, **_):
        path.touch()
        figures.append(figure)

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", savefig)
    return figures


@pytest.fixture
def maps():
    """-> maps of one BAM on images of 8x8, with arrays of choice."""

    def make(name="bam", count=1, **arrays):
        rng = np.random.default_rng(0)
        before = rng.random((count, 4, 4, 3)).astype("float32")
        made = {
            "before": before,
            "attention": np.full_like(before, 0.5),
            "channel": np.array([[[[0.5, -2.0, 1.0]]]] * count),
            "spatial": rng.normal(size=(count, 4, 4, 1)),
            "after": before * 1.5,
            "random_weights": False,
            **arrays,
        }
        return AttentionMaps(name, **made)

    return make


@pytest.fixture
def cam():
    """-> Grad-CAM of one image of 8x8 and 3 classes, taken for the second."""

    def make(layer="map", **values):
        made = {
            "maps": np.linspace(0, 1, 16).reshape(1, 4, 4),
            "class_index": np.array([1]),
            "logits": np.array([[0.0, 2.0, 1.0]]),
            "random_weights": False,
            **values,
        }
        return GradCAM(layer, **made)

    return make


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), "uint8")


@pytest.fixture
def texts():
    """-> all that is written in a figure."""

    def of(figure):
        return [text.get_text() for text in figure.findobj(Text) if text.get_text()]

    return of
