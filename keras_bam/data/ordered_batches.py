"""What all batches share: their order, a pure function of (seed, epoch)."""

import warnings

import keras
import numpy as np

from keras_bam.data.sharing import Share

_ORDER = 1  # tells the stream of the order from that of the crops


class OrderedBatches(keras.utils.PyDataset):
    """Which images are in which batch of which epoch; subclasses make the batch of them.

    Args:
        images: what to draw from, with a length and `labels`.
        batch_size: images a batch; the last one holds the rest.
        seed: of the order, 0 or more.
        shuffle: a new order each epoch.
        drop_remainder: leave out a last batch that is not full.
        data_format: "channels_last" or "channels_first", of the batches.

    Raises:
        ValueError: `batch_size` above the number of images, or another wrong value.
    """

    def __init__(self, images, batch_size, *, seed, shuffle, drop_remainder, data_format):
        super().__init__()
        _check_arguments(len(images), batch_size, seed, data_format)
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.drop_remainder = drop_remainder
        self.data_format = data_format
        self.share = Share()  # all of each batch; see SharedBatches

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
        # One assignment: a thread that prefetches never sees half of two epochs.
        self._plan = epoch, order, self.draw(epoch)

    def draw(self, epoch: int):
        """What a subclass draws for all images at the beginning of an epoch."""

    def chosen(self, index: int):
        """(epoch, which images are in this share of the batch, what `draw` gave)."""
        if not 0 <= index < len(self):
            raise IndexError(f"index must lie in 0..{len(self) - 1}, got {index}")
        epoch, order, drawn = self._plan
        batch = order[index * self.batch_size : (index + 1) * self.batch_size]
        return epoch, batch[self.share.rows(len(batch))], drawn

    def images_in(self, index: int) -> int:
        """How many are in batch `index`, all shares of it together."""
        return min(self.batch_size, len(self.images) - index * self.batch_size)

    def __len__(self):
        full, rest = divmod(len(self.images), self.batch_size)
        return full + bool(rest and not self.drop_remainder)

    def warn_of_a_single_image(self):
        """For batches to train on: batch norm makes nothing of one image."""
        count = len(self.images)
        if not self.drop_remainder and count % self.batch_size == 1:
            warnings.warn(
                f"{count} images in batches of {self.batch_size} leave a last batch of one: batch "
                "norm then takes mean and variance from a single image, and after global pooling "
                "turns it into zeros; pass drop_remainder=True or another batch_size",
                stacklevel=3,
            )


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
