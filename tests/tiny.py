"""A data set and classifiers small enough to fit within a test."""

import keras
import numpy as np

from keras_bam import applications
from keras_bam.data import Dataset, LabelledImages, load_shapes
from keras_bam.layers import BAM

CLASSES = ("a", "b", "c")


def dataset(train=20, test=9):
    """8x8 images whose brightness tells the class, in noise."""
    return Dataset("tiny", _part(train, seed=0), _part(test, seed=1))


def _part(count, seed):
    labels = np.arange(count) % len(CLASSES)
    noise = np.random.default_rng(seed).integers(0, 150, (count, 8, 8, 1))
    images = noise + 50 * labels[:, None, None, None]
    return LabelledImages(images.astype(np.uint8), labels.astype(np.int64), CLASSES)


def linear(classes=3, input_shape=(8, 8, 1)):
    image = keras.Input(input_shape)
    features = keras.layers.Flatten()(image)
    return keras.Model(image, _classifier(features, classes), name="linear")


def with_bam():
    image = keras.Input((8, 8, 1))
    features = keras.layers.Conv2D(8, 3, padding="same")(image)
    features = BAM(reduction_ratio=4)(features)
    features = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(image, _classifier(features, len(CLASSES)), name="with_bam")


def _classifier(features, classes):
    return keras.layers.Dense(classes, activation="softmax")(features)


def shapes(train=8, test=3):
    """Images of 32x32 with shapes in them."""
    return load_shapes(train, test, image_size=32)


def detector(classes=3, attention=None):
    """For those images; 84 default boxes."""
    return applications.SSD96Small(
        input_shape=(32, 32, 3), classes=classes, attention=attention, name="detector"
    )
