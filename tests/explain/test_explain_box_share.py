import numpy as np
import pytest

from keras_bam import explain

pytestmark = pytest.mark.once  # NumPy alone


def maps(*attention):
    """Of one BAM with one channel, on one image for each map."""
    array = np.array(attention, "float32")[..., None]
    return [explain.AttentionMaps("bam", array, array, None, None, array, False)]


def shares(attention, *boxes):
    (share,) = explain.box_share(maps(attention), [boxes])
    assert share.name == "bam"
    return share.attention[0], share.stretched[0]


QUARTER = (0, 0, 0.5, 0.5)


def test_a_flat_map_gives_chance_wherever_the_boxes_are():
    for box in (QUARTER, (0.1, 0.3, 0.9, 0.35), (0, 0, 1, 1)):
        assert shares(np.full((2, 4), 0.3), box) == pytest.approx((1, 1))


def test_counted_by_hand():
    # 0.4 of a sum of 1.0 in a quarter of the area; put to 0 at the bottom: 0.2 of 0.2.
    assert shares([[0.4, 0.2], [0.2, 0.2]], QUARTER) == pytest.approx((1.6, 4.0), rel=1e-6)
    # Half of the first cell and half of the second: (0.2 + 0.1) / 1.0 over a quarter.
    half = (0.25, 0, 0.75, 0.5)
    assert shares([[0.4, 0.2], [0.2, 0.2]], half) == pytest.approx((1.2, 2.0), rel=1e-6)


def test_what_boxes_cover_together_counts_once():
    attention = np.random.default_rng(0).random((3, 5))
    left, right = (0.1, 0.2, 0.5, 0.9), (0.3, 0.2, 0.8, 0.9)
    assert shares(attention, left, right) == pytest.approx(shares(attention, (0.1, 0.2, 0.8, 0.9)))
    assert shares(attention, left, left) == pytest.approx(shares(attention, left))


def test_width_goes_with_columns():
    assert shares([[0.5, 0.0, 0.0, 0.0]] * 3, (0, 0, 0.25, 1))[0] == pytest.approx(4)


def test_images_without_boxes():
    (share,) = explain.box_share(maps(np.eye(2), np.eye(2)), [[], [QUARTER]])
    assert np.isnan(share.attention[0]) and np.isnan(share.stretched[0])
    assert share.attention[1] == pytest.approx(2)


def test_channels_are_averaged():
    array = np.stack([np.eye(2), 1 - np.eye(2)], axis=-1)[None].astype("float32")
    of_bam = explain.AttentionMaps("bam", array, array, None, None, array, False)
    (share,) = explain.box_share([of_bam], [[QUARTER]])
    assert share.attention[0] == pytest.approx(1)


@pytest.mark.parametrize(
    "boxes", [(0, 0, 2, 1), (-0.1, 0, 1, 1), (0.5, 0, 0.5, 1), (0, 0.6, 1, 0.5), (0, 0, 1)]
)
def test_boxes_that_are_none(boxes):
    with pytest.raises(ValueError, match="rows of left, top, right, bottom between 0 and 1"):
        explain.box_share(maps(np.eye(2)), [[boxes]])


def test_boxes_of_other_images():
    with pytest.raises(ValueError, match="boxes are given for 2 of 1 images"):
        explain.box_share(maps(np.eye(2)), [[], []])


def test_maps_that_are_no_pictures():
    array = np.ones((1, 5, 2), "float32")
    of_bam = explain.AttentionMaps("long", array, array, None, None, array, False)
    with pytest.raises(ValueError, match=r"maps of 'long' have shape \(1, 5, 2\)"):
        explain.box_share([of_bam], [[]])
