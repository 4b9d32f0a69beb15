"""The data set that needs no download: scikit-learn's 1,797 handwritten digits."""

import numpy as np

from keras_bam.data.dataset import Dataset, LabelledImages
from keras_bam.extra import from_extra

_SCALE = 4  # 8x8 to 32x32
_TEST_SHARE = 5  # one image in five


def load_digits() -> Dataset:
    """1,438 training and 359 test images, uint8 of shape (32, 32, 1), in ten classes.

    The 8x8 images of values 0..16 are stretched to 0..255 and each pixel to 4x4. The split is
    fixed: of each class every fifth image is a test image.

    Raises:
        ModuleNotFoundError: scikit-learn, which carries the images, is not installed.
    """
    source = from_extra("sklearn.datasets").load_digits()
    images = np.rint(source.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    images = images.repeat(_SCALE, axis=1).repeat(_SCALE, axis=2)
    labels = source.target.astype(np.int64)
    class_names = tuple(str(digit) for digit in source.target_names)

    by_class = np.argsort(labels, kind="stable")
    is_test = np.zeros(len(labels), bool)
    is_test[by_class[_TEST_SHARE - 1 :: _TEST_SHARE]] = True
    return Dataset(
        "digits",
        train=LabelledImages(images[~is_test], labels[~is_test], class_names),
        test=LabelledImages(images[is_test], labels[is_test], class_names),
        flip=False,
    )
