import numpy as np
import photographs
import pytest

from keras_bam.data import Batches, Dataset, FileBatches, LabelledImages, batches_of, load_imagenet


def test_images_in_memory():
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1), np.uint8)
    part = LabelledImages(pixels, np.arange(6), tuple("abcdef"))
    data = Dataset("any", part, part, flip=False)
    batches = batches_of(data, data.train.take([4, 2]), 2, seed=3, augment=True)
    assert isinstance(batches, Batches)
    assert (batches.seed, batches.augment, batches.flip) == (3, True, False)
    np.testing.assert_array_equal(batches[0][1], [4, 2])
    assert batches.mean == pytest.approx((pixels.mean() / 255,))


def test_images_in_files(tmp_path):
    data = load_imagenet(photographs.tree(tmp_path), image_size=16)
    batches = batches_of(data, data.test, 3, threads=1, data_format="channels_first")
    assert isinstance(batches, FileBatches)
    assert [images.shape for images, _ in batches] == [(3, 3, 16, 16), (1, 3, 16, 16)]
    assert (batches.threads, batches.mean, batches.flip) == (1, data.mean, True)
