"""Batches for `model.fit` that any run, on any backend, gets in the same order."""

import warnings
from collections.abc import Sequence

import keras
import numpy as np

from keras_bam.data.augmentation import PaddingMode, crop_and_flip, draw_crops_and_flips
from keras_bam.data.dataset import LabelledImages
from keras_bam.data.normalization import normalize

_ORDER = 1  # tells the stream of the order from that of the crops


class Batches(keras.utils.PyDataset):
    """Normalised batches of images and labels, a pure function of (seed, epoch, index).

    Set `epoch` at the beginning of each epoch, from a callback's `on_epoch_begin`, and pass
    `shuffle=False` to `fit`: its own shuffling knows no seed. There are no `workers` to set, since
    Keras fills the queues for them before the epoch is known.

    Args:
        images: what to draw from.
        batch_size: images a batch; the last one holds the rest.
        mean, std: one value a channel, on the scale 0..1.
        seed: of order and augmentation, 0 or more.
        shuffle: a new order each epoch.
        augment: a random crop each epoch, of the image padded by `padding` as `padding_mode` says,
            and, unless `flip` is False, a mirroring of every other one.
        drop_remainder: leave out a last batch that is not full.
        data_format: "channels_last" or "channels_first", of the batches.

    Raises:
        ValueError: `batch_size` above the number of images, or another wrong value.
    """

    def __init__(
        self,
        images: LabelledImages,
        batch_size: int,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        seed: int = 0,
        shuffle: bool = False,
        augment: bool = False,
        padding: int = 4,
        padding_mode: PaddingMode = "constant",
        flip: bool = True,
        drop_remainder: bool = False,
        data_format: str = "channels_last",
    ):
        super().__init__()
        _check_arguments(len(images), batch_size, seed, data_format)
        normalize(
            images.images[:1], mean, std
        )  # mean and std are checked now, not in the first step
        self.images = images
        self.batch_size = batch_size
        self.mean = mean
        self.std = std
        self.seed = seed
        self.shuffle = shuffle
        self.augment = augment
        self.padding = padding
        self.padding_mode = padding_mode
        self.flip = flip
        self.drop_remainder = drop_remainder
        self.data_format = data_format
        self.epoch = 0
        self.__getitem__(0)  # a wrong mean, std or padding_mode shows here, not in fit
        if (shuffle or augment) and not drop_remainder:
            _warn_of_a_single_image(len(images), batch_size)

    @property
    def epoch(self) -> int:
        """Whose order and augmentation the batches have; counts from 0."""
        return self._plan[0]

    @epoch.setter
    def epoch(self, epoch: int):
        if not _is_count(epoch, 0):
            raise ValueError(f"epoch must be an integer of 0 or more, got {epoch!r}")
        count = len(self.images)
        order = np.arange(count)
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch, _ORDER]).permutation(count)
        offsets, flips = draw_crops_and_flips(self.seed, epoch, count, self.padding)
        # One assignment: a thread that prefetches never sees half of two epochs.
        self._plan = epoch, order, offsets, flips & self.flip

    def __len__(self):
        full, rest = divmod(len(self.images), self.batch_size)
        return full + bool(rest and not self.drop_remainder)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """float32 images, (batch, H, W, C) or (batch, C, H, W), and int32 labels, (batch,)."""
        if not 0 <= index < len(self):
            raise IndexError(f"index must lie in 0..{len(self) - 1}, got {index}")
        _, order, offsets, flips = self._plan
        chosen = order[index * self.batch_size : (index + 1) * self.batch_size]
        images = self.images.images[chosen]
        if self.augment:
            images = crop_and_flip(
                images, offsets[chosen], flips[chosen], self.padding, self.padding_mode
            )
        features = normalize(images, self.mean, self.std)
        if self.data_format == "channels_first":
            features = np.ascontiguousarray(features.transpose(0, 3, 1, 2))
        return features, self.images.labels[chosen].astype(np.int32)


def _is_count(value, least: int) -> bool:
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_integer and value >= least


def _check_arguments(count: int, batch_size, seed, data_format):
    if not _is_count(batch_size, 1):
        raise ValueError(f"batch_size must be a positive integer, got {batch_size!r}")
    if batch_size > count:
        raise ValueError(
            f"batch_size must be at most the number of images, got {batch_size} for {count} "
            f"images; pass {count} or less"
        )
    if not _is_count(seed, 0):
        raise ValueError(f"seed must be an integer of 0 or more, got {seed!r}")
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            f"data_format must be 'channels_last' or 'channels_first', got {data_format!r}"
        )


def _warn_of_a_single_image(count: int, batch_size: int):
    if count % batch_size == 1:
        warnings.warn(
            f"{count} images in batches of {batch_size} leave a last batch of one: batch norm then "
            "takes mean and variance from a single image, and after global pooling turns it into "
            "zeros; pass drop_remainder=True or another batch_size",
            stacklevel=3,
        )
