"""Batches for `model.fit` that any run, on any backend, gets in the same order."""

from collections.abc import Sequence

import numpy as np

from keras_bam.data.augmentation import (
    PaddingMode,
    crop_and_flip,
    cut_out,
    draw_crops_and_flips,
    draw_cutouts,
)
from keras_bam.data.dataset import LabelledImages
from keras_bam.data.normalization import normalize
from keras_bam.data.ordered_batches import OrderedBatches
from keras_bam.data.randaugment import RandAugment


class Batches(OrderedBatches):
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
        randaugment: a `RandAugment` for each image, after the crop.
        cutout: side of a square set to zero in each normalised image, in pixels; 0 is none.
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
        randaugment: RandAugment | None = None,
        cutout: int = 0,
        drop_remainder: bool = False,
        data_format: str = "channels_last",
    ):
        super().__init__(
            images,
            batch_size,
            seed=seed,
            shuffle=shuffle,
            drop_remainder=drop_remainder,
            data_format=data_format,
        )
        self.mean = mean
        self.std = std
        self.augment = augment
        self.padding = padding
        self.padding_mode = padding_mode
        self.flip = flip
        self.randaugment = randaugment
        self.cutout = cutout
        self.epoch = 0
        self.__getitem__(0)  # a wrong mean, std or padding_mode shows here, not in fit
        if shuffle or augment:
            self.warn_of_a_single_image()

    def draw(self, epoch: int):
        """Offsets, flips and centres of the squares for every image."""
        count = len(self.images)
        offsets, flips = draw_crops_and_flips(self.seed, epoch, count, self.padding)
        height, width = self.images.images.shape[1:3]
        centres = draw_cutouts(self.seed, epoch, count, height, width) if self.cutout else None
        return offsets, flips & self.flip, centres

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """float32 images, (batch, H, W, C) or (batch, C, H, W), and int32 labels, (batch,)."""
        epoch, chosen, (offsets, flips, centres) = self.chosen(index)
        images = self.images.images[chosen]
        if self.augment:
            images = crop_and_flip(
                images, offsets[chosen], flips[chosen], self.padding, self.padding_mode
            )
        if self.randaugment:
            images = self.randaugment.on_arrays(images, self.seed, epoch, chosen)
        features = normalize(images, self.mean, self.std)
        if self.cutout:
            features = cut_out(features, centres[chosen], self.cutout)
        if self.data_format == "channels_first":
            features = np.ascontiguousarray(features.transpose(0, 3, 1, 2))
        return features, self.images.labels[chosen].astype(np.int32)
