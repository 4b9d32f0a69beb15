import numpy as np
import pytest

from keras_bam.export.runtime import Runtime, output_names

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "batch, sizes", [(None, [3, 3, 1]), (1, [1] * 7), (5, [5, 5])], ids=["open", "one", "five"]
)
def test_predict_in_batches_that_the_file_takes(batch, sizes):
    seen = []

    def run(images):
        seen.append(len(images))
        return [2 * images, images.sum(axis=1)]

    images = np.arange(14.0).reshape(7, 2)
    doubled, sums = Runtime(run, (batch, 2), {}).predict(images, batch_size=3)
    assert seen == sizes
    np.testing.assert_array_equal(doubled, 2 * images)
    np.testing.assert_array_equal(sums, images.sum(axis=1))


def test_output_names():
    assert output_names(3) == ["output_0", "output_1", "output_2"]
