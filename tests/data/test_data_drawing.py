import numpy as np
import pytest

from keras_bam.data.drawing import draw_rows

pytestmark = pytest.mark.once


@pytest.mark.parametrize("width", [1, 41])
def test_rows_are_those_of_the_whole(width):
    whole = np.random.default_rng([7, 0, 4]).random((1000, width))
    rows = np.array([3, 999, 0, 500, 501, 500])
    np.testing.assert_array_equal(draw_rows([7, 0, 4], rows, width), whole[rows])
    assert draw_rows([7, 0, 4], [], width).shape == (0, width)


def test_a_row_of_a_million():
    (found,) = draw_rows([1], [10**6], 41)
    generator = np.random.default_rng([1])
    generator.bit_generator.advance(41 * 10**6)
    np.testing.assert_array_equal(found, generator.random(41))
