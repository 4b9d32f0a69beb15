import numpy as np
import pytest

from keras_bam.data import normalize


@pytest.mark.parametrize("mean, std", [((0.1, 0.5, 0.9), (0.2, 1.0, 0.01)), ((0.3,), (0.4,))])
def test_equals_the_formula(mean, std):
    images = np.random.default_rng(0).integers(0, 256, (3, 5, 4, len(mean)), np.uint8)
    result = normalize(images, mean, std)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, (images / 255 - mean) / std, rtol=1e-5, atol=1e-5)


def test_into_an_array_that_is_there():
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 3), np.uint8)
    scale, filled = ((0.1, 0.5, 0.9), (0.2, 1.0, 0.01)), np.empty((2, 5, 4, 3), np.float32)
    assert normalize(images, *scale, out=filled) is filled
    np.testing.assert_array_equal(filled, normalize(images, *scale))


@pytest.mark.parametrize(
    "mean, std, message",
    [
        ((0.5, 0.5), (1, 1, 1), "mean must hold 3 values, one a channel"),
        ((0.5, 0.5, 0.5), (1,), "std must hold 3 values, one a channel"),
        ((0.5, 0.5, 0.5), (1, 0, 1), "std must be positive"),
    ],
)
def test_wrong_statistics_are_refused(mean, std, message):
    with pytest.raises(ValueError, match=message):
        normalize(np.zeros((1, 2, 2, 3), np.uint8), mean, std)
