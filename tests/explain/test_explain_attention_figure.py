import matplotlib
import numpy as np
import pytest
from PIL import Image

from keras_bam.explain import plot_attention

pytestmark = pytest.mark.once  # NumPy and matplotlib alone


@pytest.mark.parametrize("bams", [1, 4])
def test_a_png_and_nothing_else_of_matplotlib(maps, images, bams, tmp_path):
    backend = matplotlib.get_backend()
    plot_attention([maps(f"bam_{i}") for i in range(bams)], images, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert image.format == "PNG" and image.width > 1000
    assert matplotlib.get_backend() == backend


def panels(figure):
    """The axes by column, of a figure with one BAM."""
    left, right = figure.subfigs
    return left.axes[0], right.axes[:5]


def test_each_panel_has_its_scale(maps, images, drawn, tmp_path):
    spatial = np.linspace(-0.5, 3, 16).reshape(1, 4, 4, 1)
    plot_attention([maps(spatial=spatial)], images, tmp_path / "a.png", title="cat")
    image, (before, channel, where, attention, after) = panels(drawn[0])
    assert image.get_xlabel() == "cat"
    assert attention.images[0].get_clim() == (0, 1)  # so that a flat map looks flat
    assert attention.get_xlabel() == "min 0.50  mean 0.50  max 0.50"
    assert where.images[0].get_clim() == (-3, 3)
    assert where.get_xlabel() == "min -0.50  max 3.00"
    assert before.images[0].get_clim() == after.images[0].get_clim()
    assert before.images[0].get_clim()[1] == pytest.approx(after.images[0].get_array().max())
    assert after.get_xlabel() == "mean F'/F 1.50"
    assert before.get_ylabel() == "bam\n4 x 4 x 3"
    bars = np.sum([stairs.get_data().values for stairs in channel.patches], axis=0)
    np.testing.assert_array_equal(bars, [1.0, 0.5, -2.0])


def test_small_logits_look_small(maps, images, drawn, tmp_path):
    quiet = maps(channel=np.full((1, 1, 1, 3), 0.01), spatial=np.full((1, 4, 4, 1), 0.01))
    plot_attention([quiet], images, tmp_path / "a.png")
    _, (_, channel, where, _, _) = panels(drawn[0])
    assert where.images[0].get_clim() == (-1, 1)
    assert channel.get_ylim()[1] >= 1


def test_a_missing_branch_is_said(maps, images, drawn, texts, tmp_path):
    plot_attention([maps(channel=None), maps(spatial=None)], images, tmp_path / "a.png")
    assert {"no channel branch", "no spatial branch"} <= set(texts(drawn[0]))


@pytest.mark.parametrize(
    "random, mark",
    [
        ((False, False), None),
        ((True, True), "RANDOM WEIGHTS: these BAMs were never trained"),
        ((False, True), "RANDOM WEIGHTS: second was never trained"),
    ],
)
def test_random_weights_are_marked(maps, images, drawn, texts, random, mark, tmp_path):
    pair = [
        maps(name, random_weights=is_random)
        for name, is_random in zip(("first", "second"), random, strict=True)
    ]
    plot_attention(pair, images, tmp_path / "a.png")
    marks = [text for text in texts(drawn[0]) if "RANDOM" in text]
    assert marks == ([] if mark is None else [mark])
    rows = drawn[0].subfigs[1].axes[0:10:5]
    assert [axes.yaxis.label.get_color() != "black" for axes in rows] == list(random)


def test_an_image_of_the_batch(maps, drawn, tmp_path):
    images = np.random.default_rng(0).random((3, 8, 8, 1))
    plot_attention([maps(count=3)], images, tmp_path / "a.png", index=2)
    shown, (before, *_) = panels(drawn[0])
    np.testing.assert_array_equal(shown.images[0].get_array(), images[2, ..., 0])
    with pytest.raises(ValueError, match="index=3 is none of 3 images, 0 to 2"):
        plot_attention([maps(count=3)], images, tmp_path / "a.png", index=3)
