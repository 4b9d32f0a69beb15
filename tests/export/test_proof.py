import types

import numpy as np
import pytest

from keras_bam.export import proof
from keras_bam.export.signature import Signature

pytestmark = pytest.mark.once


def model(function):
    """Stands for a Keras model."""
    return types.SimpleNamespace(
        name="m", predict=lambda images, verbose, batch_size: function(images)
    )


class Runtime:
    def __init__(self, function):
        self.function, self.shapes = function, []

    def run(self, images):
        self.shapes.append(images.shape)
        return [self.function(images)]


def sums(images):
    return images.sum(axis=(1, 2))


OPEN = Signature((None, None, 4), "float32", ((2, 4), (3, 4)))


def test_every_batch_and_size_is_run():
    runtime = Runtime(sums)
    difference, scale = proof.largest_difference(model(sums), runtime, OPEN, None)
    assert difference == 0 and scale > 1
    expected = [(1, 2, 4)] * 3 + [(3, 2, 4)] + [(1, 3, 4)] * 3 + [(3, 3, 4)]
    assert runtime.shapes == expected


@pytest.mark.parametrize("shape, batch", [((3, 2, 4), 3), ((1, 3, 4), 1)])
def test_a_difference_at_one_size_or_batch_is_found(shape, batch):
    def off(images):
        return sums(images) + np.float32(0.25 if images.shape == shape else 0)

    difference, _ = proof.largest_difference(model(sums), Runtime(off), OPEN, None)
    assert difference == pytest.approx(0.25, rel=1e-5)


def test_a_difference_on_the_calibration_images_is_found():
    def off(images):
        return sums(images) + np.float32(images.max() > 50)

    calibration = np.full((4, 2, 4), 60, "float32")
    difference, scale = proof.largest_difference(model(sums), Runtime(off), OPEN, calibration)
    assert (difference, scale) == (1.0, 480.0)
    assert proof.largest_difference(model(sums), Runtime(off), OPEN, None)[0] == 0


def test_nan():
    def broken(images):
        return np.full(len(images), np.nan, "float32")

    with pytest.raises(ValueError, match="'m' gives NaN or infinity, which no file can be"):
        proof.largest_difference(model(broken), Runtime(sums), OPEN, None)
    assert proof.largest_difference(model(sums), Runtime(broken), OPEN, None)[0] == np.inf


def test_integers_are_those_of_pictures():
    signature = Signature((1, 200), "uint8", ((200,),))
    seen = []
    runtime = Runtime(lambda images: seen.append(images) or images.sum(axis=1))
    proof.largest_difference(model(lambda images: images.sum(axis=1)), runtime, signature, None)
    assert seen[0].dtype == "uint8" and seen[0].max() > 200


def test_latency_is_of_one_image():
    runtime = Runtime(sums)
    assert 0 < proof.latency(runtime, OPEN) < 0.1
    assert set(runtime.shapes) == {(1, 2, 4)}
