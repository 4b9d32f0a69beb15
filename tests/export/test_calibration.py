import numpy as np
import photographs
import pytest
import tiny

from keras_bam.data import load_imagenet, normalize
from keras_bam.export.calibration import checked_calibration, draw_calibration
from keras_bam.export.signature import Signature

pytestmark = pytest.mark.once

SIGNATURE = Signature((None, 4, 6, 3), "float32", ((4, 6, 3),))
GOOD = np.random.default_rng(0).normal(size=(2, 4, 6, 3)).astype("float32")


def changed(value):
    images = GOOD.copy()
    images[1, 2, 3, 0] = value
    return images


def test_what_passes():
    assert checked_calibration(None, "float32", SIGNATURE) is None
    np.testing.assert_array_equal(checked_calibration(list(GOOD), "int8", SIGNATURE), GOOD)


@pytest.mark.parametrize(
    "calibration, message",
    [
        (None, "precision='int8' needs calibration: pass some hundred images, prepared as the mod"),
        (GOOD[0], r"calibration must hold images of shape \('n', 4, 6, 3\), received \(4, 6, 3\)"),
        (GOOD[:, :3], r"of shape \('n', 4, 6, 3\), received \(2, 3, 6, 3\)"),
        (GOOD[:0], r"of shape \('n', 4, 6, 3\), received \(0, 4, 6, 3\)"),
        (GOOD.astype("float64"), "calibration must be of dtype float32, .*received float64"),
        ((255 * GOOD).astype("uint8"), "of dtype float32, .*received uint8; prepare the images"),
        (changed(np.nan), "calibration holds NaN or infinite values; leave such images out"),
        (changed(-np.inf), "calibration holds NaN or infinite values"),
        (np.zeros_like(GOOD), "calibration holds nothing but 0.0, which says nothing of the range"),
    ],
)
def test_mistakes(calibration, message):
    with pytest.raises(ValueError, match=message):
        checked_calibration(calibration, "int8", SIGNATURE)


def test_draw_calibration():
    dataset = tiny.dataset(train=20)
    drawn = draw_calibration(dataset, (None, 8, 8, 1), 7)
    every = normalize(dataset.train.images, dataset.mean, dataset.std)
    places = [np.flatnonzero((every == one).all(axis=(1, 2, 3))).item() for one in drawn]
    assert len(set(places)) == 7 and places != sorted(places)
    np.testing.assert_array_equal(drawn, draw_calibration(dataset, (None, 8, 8, 1), 7))
    first = draw_calibration(dataset, (None, 1, 8, 8), 7)
    np.testing.assert_array_equal(first, drawn.transpose(0, 3, 1, 2))
    with pytest.raises(ValueError, match="calibration_images=21, but tiny has 20 training images"):
        draw_calibration(dataset, (None, 8, 8, 1), 21)
    with pytest.raises(ValueError, match="calibration_images must be a positive integer, receiv"):
        draw_calibration(dataset, (None, 8, 8, 1), 0)


def test_calibration_images_from_files(tmp_path):
    dataset = load_imagenet(photographs.tree(tmp_path), image_size=16)
    drawn = draw_calibration(dataset, (None, 3, 16, 16), 5)
    assert drawn.shape == (5, 3, 16, 16) and drawn.std() > 0.1
    np.testing.assert_array_equal(drawn, draw_calibration(dataset, (None, 3, 16, 16), 5))
