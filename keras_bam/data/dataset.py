"""What loaders return: a training and a test set of labelled images, here held in memory."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from keras_bam.data.labels import check_labels, describe

_IMAGES_AT_ONCE = (
    1000  # bincount widens bytes to int64: a whole data set would take 8 times its size
)


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images, the class of each, and what the classes are called.

    Args:
        images: uint8, shape (n, H, W, C), n at least 1.
        labels: int64, shape (n,), each an index into `class_names`.
        class_names: one name a class.

    Raises:
        ValueError: a shape or dtype is another, lengths differ, or a label has no name.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self):
        is_array = isinstance(self.images, np.ndarray) and self.images.dtype == np.uint8
        if not is_array or self.images.ndim != 4 or not self.images.size:
            raise ValueError(
                "images must be a uint8 array of shape (n, H, W, C) with n >= 1, got "
                f"{describe(self.images)}; convert it, say with np.rint(images).astype('uint8')"
            )
        check_labels(self.labels, len(self.images), self.class_names)

    def __len__(self):
        return len(self.labels)

    def take(self, indices) -> "LabelledImages":
        """Those at `indices`, in that order."""
        return LabelledImages(self.images[indices], self.labels[indices], self.class_names)


class ShapedImages(ABC):
    """A training and a test set of images of one shape.

    Subclasses hold `name`, `train` and `test`.
    """

    name: str
    train: Any
    test: Any

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, ...]:
        """(H, W, C)."""

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.train.class_names

    def data_format_of(self, input_shape) -> str:
        """ "channels_last" or "channels_first": how a model of that shape takes these images.

        Args:
            input_shape: without batch; None where any size will do.

        Raises:
            ValueError: if they do not fit it either way.
        """
        height, width, channels = self.input_shape
        shapes = {
            "channels_last": (height, width, channels),
            "channels_first": (channels, height, width),
        }
        for data_format, shape in shapes.items():
            pairs = zip(input_shape, shape, strict=False)
            if len(input_shape) == 3 and all(size in (None, actual) for size, actual in pairs):
                return data_format
        raise ValueError(
            f"images of {self.name} have shape {self.input_shape}, and the model takes "
            f"{tuple(input_shape)}"
        )


@dataclass(frozen=True, eq=False)
class Dataset(ShapedImages):
    """A data set with its own normalisation.

    `mean` and `std` hold one value a channel, of the training images on the scale 0..1 and exact up
    to the last rounding. A channel that never varies has `std` 1, so that normalising makes it 0.
    `flip` says whether a mirrored image still is of its class.

    Raises:
        ValueError: train and test differ in image shape or class names.
    """

    name: str
    train: LabelledImages
    test: LabelledImages
    flip: bool = True

    def __post_init__(self):
        facts = [(part.images.shape[1:], part.class_names) for part in (self.train, self.test)]
        if facts[0] != facts[1]:
            raise ValueError(
                "train and test must agree in image shape and class_names, got "
                f"{facts[0]} and {facts[1]}; load both from the same source"
            )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(H, W, C)."""
        return self.train.images.shape[1:]

    @property
    def mean(self) -> tuple[float, ...]:
        return self._statistics[0]

    @property
    def std(self) -> tuple[float, ...]:
        return self._statistics[1]

    @cached_property
    def _statistics(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        moments = [_mean_and_std(counts) for counts in _value_counts(self.train.images)]
        return tuple(mean for mean, _ in moments), tuple(std for _, std in moments)


def _value_counts(images: np.ndarray) -> np.ndarray:
    """How often each channel takes each value, shape (C, 256)."""
    counts = np.zeros((images.shape[-1], 256), np.int64)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        part = images[start : start + _IMAGES_AT_ONCE]
        for channel in range(images.shape[-1]):
            counts[channel] += np.bincount(part[..., channel].ravel(), minlength=256)
    return counts


def _mean_and_std(counts: np.ndarray) -> tuple[float, float]:
    values = np.arange(256)
    # Python's integers: the products below pass 2**63 on ImageNet.
    n, total, squares = (int(counts @ powers) for powers in (values**0, values, values**2))
    variance = n * squares - total**2
    return total / n / 255, variance**0.5 / n / 255 if variance else 1.0
