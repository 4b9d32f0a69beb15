"""Batches of images that are read from their files by several threads."""

from collections.abc import Sequence

import numpy as np

from keras_bam.data.augmentation import cut_out, draw_cutouts
from keras_bam.data.crops import TRIES, centre_crop, draw_crop, read_crop
from keras_bam.data.decoding import EncodedImage
from keras_bam.data.drawing import draw_rows
from keras_bam.data.image_files import ImageFiles
from keras_bam.data.normalization import check_statistics, normalize
from keras_bam.data.randaugment import RandAugment
from keras_bam.data.threaded_batches import OnError, ThreadedBatches, check_positive
from keras_bam.extra import from_extra

_CROP = 4  # tells its stream from those of whole batches: order 1, cutout 2, randaugment 3


class FileBatches(ThreadedBatches):
    """Normalised batches of square images, a pure function of (seed, epoch, index).

    As `Batches`, for `ImageFiles`: set `epoch` from a callback's `on_epoch_begin`, pass
    `shuffle=False` to `fit`, and wrap it in `Prefetch` to have batches made while the model trains.
    What an image becomes is free of `threads`, the batch and the order. In memory are a batch and,
    for each thread, one decoded image.

    Args:
        images: what to draw from.
        batch_size: images a batch; the last one holds the rest.
        size: height and width of the images in the batch, in pixels.
        mean, std: one value a channel of RGB, on the scale 0..1.
        seed: of order and augmentation, 0 or more.
        shuffle: a new order each epoch.
        augment: each epoch a random crop of 8 to 100 % of the area, resized, and, unless `flip` is
            False, a mirroring of every other one. Otherwise the image is resized so that its
            shorter side is 256/224 of `size`, and its centre cropped.
        randaugment: a `RandAugment` for each image, after the crop.
        cutout: side of a square set to zero in each normalised image, in pixels; 0 is none.
        threads: how many decode the images of a batch; by default one for each processor, and one
            in all up to a `size` of 64, where most of the work is Python's, and several threads
            would be slower than one.
        on_error: "raise", or "skip" to leave damaged images out of their batches, which then are
            smaller, with one warning for each.
        drop_remainder: leave out a last batch that is not full.
        data_format: "channels_last" or "channels_first", of the batches.

    Raises:
        ValueError: `batch_size` above the number of images, or another wrong value; from a batch:
            naming the path of a damaged image, or that nothing is left.
        ModuleNotFoundError: Pillow is not installed.
    """

    def __init__(
        self,
        images: ImageFiles,
        batch_size: int,
        *,
        size: int = 224,
        mean: Sequence[float],
        std: Sequence[float],
        seed: int = 0,
        shuffle: bool = False,
        augment: bool = False,
        flip: bool = True,
        randaugment: RandAugment | None = None,
        cutout: int = 0,
        threads: int | None = None,
        on_error: OnError = "raise",
        drop_remainder: bool = False,
        data_format: str = "channels_last",
    ):
        check_positive("size", size)
        super().__init__(
            images,
            batch_size,
            side=size,
            threads=threads,
            on_error=on_error,
            seed=seed,
            shuffle=shuffle,
            drop_remainder=drop_remainder,
            data_format=data_format,
        )
        if cutout != 0:
            check_positive("cutout", cutout)
        check_statistics(mean, std, channels=3)
        from_extra("PIL.Image")
        self.size = size
        self.mean = mean
        self.std = std
        self.augment = augment
        self.flip = flip
        self.randaugment = randaugment
        self.cutout = cutout
        self.epoch = 0
        if shuffle or augment:
            self.warn_of_a_single_image()

    def draw(self, epoch: int):
        """Centres of the squares for every image."""
        if not self.cutout:
            return None
        return draw_cutouts(self.seed, epoch, len(self.images), self.size, self.size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """float32 images, (batch, H, W, 3) or (batch, 3, H, W), and int32 labels, (batch,)."""
        epoch, chosen, centres = self.chosen(index)
        channels_first = self.data_format == "channels_first"
        shape = (3, self.size, self.size) if channels_first else (self.size, self.size, 3)
        features = np.empty((len(chosen), *shape), np.float32)
        labels = self.images.labels[chosen].astype(np.int32)
        draws = draw_rows([self.seed, epoch, _CROP], chosen, 1 + 4 * TRIES)

        def write(place, number):
            self._write(features[place], epoch, number, draws[place])
            if self.cutout:
                self._cut_out(features[place], centres[number])

        whole = self.written(chosen, write)
        if len(whole) == len(chosen):
            return features, labels
        return features[whole], labels[whole]

    def _write(self, target, epoch, number, draws):
        """Fills `target` with image `number`, cropped and mirrored as `draws` say."""
        image = EncodedImage(self.images.paths[number])
        if self.augment:
            mirrored = self.flip and draws[0] < 0.5
            box = draw_crop(draws[1:].reshape(TRIES, 4), image.height, image.width)
        else:
            mirrored, box = False, centre_crop(image.height, image.width, self.size)
        crop = read_crop(image, box, self.size)
        if mirrored:
            crop = crop.transpose(from_extra("PIL.Image").Transpose.FLIP_LEFT_RIGHT)
        if self.randaugment:
            crop = self.randaugment.on_image(crop, self.seed, epoch, number)
        if self.data_format == "channels_first":
            target[...] = normalize(np.asarray(crop), self.mean, self.std).transpose(2, 0, 1)
        else:
            normalize(np.asarray(crop), self.mean, self.std, out=target)

    def _cut_out(self, target, centre):
        """Puts the square around `centre` to zero."""
        image = target.transpose(1, 2, 0) if self.data_format == "channels_first" else target
        (image[...],) = cut_out(image[np.newaxis], centre[np.newaxis], self.cutout)
