"""Batches of images with objects, for detectors."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_bam.data.normalization import check_statistics, normalize
from keras_bam.data.objects.detection_augment import DetectionAugment
from keras_bam.data.objects.detection_images import DetectionImages
from keras_bam.data.objects.image_objects import ImageObjects
from keras_bam.data.objects.padding import Padding
from keras_bam.data.objects.placing import Mode, Placing
from keras_bam.data.objects.regions import mirrored, read_region, shown
from keras_bam.data.threaded_batches import ThreadedBatches
from keras_bam.extra import from_extra

_AUGMENT = 6  # tells its stream from those of other batches: 1 to 5


class DetectionBatches(ThreadedBatches):
    """Normalised images and targets made of their objects, a pure function of (seed, epoch, index).

    As `FileBatches`, for `DetectionImages`: set `epoch` from a callback's `on_epoch_begin`, pass
    `shuffle=False` to `fit`, and wrap it in `Prefetch`. What an image becomes is free of `threads`,
    the batch and the order.

    Args:
        images: what to draw from.
        batch_size: images a batch; the last one holds the rest.
        size: height and width of the images in the batch, in pixels: one number or two.
        mode, short_side, long_side: how an image is brought to that size; see `Placing`.
        mean, std: one value a channel of RGB, on the scale 0..1.
        encode: makes the targets of an image from float32 boxes of shape (n, 4), (left, top,
            right, bottom) on the scale 0..1 of the network's input, and int64 labels of shape (n,)
            that count from 0; n may be 0; and, with `with_sizes`, the image's height and width on
            its canvas, two ints. It returns an array or a nest of arrays of the same
            shapes for every image, which are stacked. It is called on several threads. None gives
            `{"boxes": (batch, max_boxes, 4), "labels": (batch, max_boxes)}` with boxes as above;
            rows that are no object have label -1 and box 0.
        max_boxes: rows of such targets.
        augment: True for SSD's augmentation, or a `DetectionAugment`; with either, unless `flip` is
            False, every other image is mirrored. False shows each image whole.
        keep_difficult, keep_crowd: let objects that are marked so into the targets.
        with_sizes: batches hold `{"images": ..., "sizes": int32 (batch, 2)}` in place of the images
            alone: height and width of each without what a letterbox adds.
        order: `seed` of order and augmentation, `shuffle`, `threads`, `on_error`, `drop_remainder`
            and `data_format`, as those of `FileBatches`.

    Raises:
        ValueError: a wrong value, or an image with more than `max_boxes` objects, by its name; from
            a batch: naming the path of a damaged image.
        ModuleNotFoundError: Pillow is not installed.
    """

    def __init__(
        self,
        images: DetectionImages,
        batch_size: int,
        *,
        size: int | tuple[int, int] = 300,
        mode: Mode = "resize",
        short_side: int | None = None,
        long_side: int | None = None,
        mean: Sequence[float],
        std: Sequence[float],
        encode: Callable[..., Any] | None = None,
        max_boxes: int = 100,
        augment: bool | DetectionAugment = False,
        flip: bool = True,
        keep_difficult: bool = False,
        keep_crowd: bool = False,
        with_sizes: bool = False,
        **order,
    ):
        canvas = size if isinstance(size, tuple) else (size, size)
        self.placing = Placing(canvas, mode, short_side, long_side)
        super().__init__(images, batch_size, side=max(canvas), **order)
        check_statistics(mean, std, channels=3)
        from_extra("PIL.Image")
        self.mean = mean
        self.std = std
        self.augment = DetectionAugment() if augment is True else augment or None
        self.flip = flip
        self.keep_difficult = keep_difficult
        self.keep_crowd = keep_crowd
        self.with_sizes = with_sizes
        padding = Padding(max_boxes)
        self.encode = encode or padding
        if encode is None:
            padding.check(images, [self._wanted(found).sum() for found in images.objects])
        self._fill = np.rint(np.multiply(mean, 255)).clip(0, 255).astype(np.uint8)
        self.epoch = 0
        if self.shuffle or augment:
            self.warn_of_a_single_image()

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Images, float32 (batch, H, W, 3) or (batch, 3, H, W), maybe with sizes, and targets."""
        epoch, chosen, _ = self.chosen(index)
        features = np.zeros((len(chosen), *self.placing.canvas, 3), np.float32)
        sizes = np.zeros((len(chosen), 2), np.int32)
        found: list[Any] = [None] * len(chosen)

        def write(place, number):
            sizes[place], *found[place] = self._write(features[place], epoch, number)

        whole = self.written(chosen, write)

        def encode(place):
            size = [tuple(sizes[place].tolist())] if self.with_sizes else []
            return self.encode(*found[place], *size)

        encoded = self._pool.map(encode, whole)
        targets = keras.tree.map_structure(lambda *parts: np.stack(parts), *encoded)
        if len(whole) < len(chosen):
            features, sizes = features[whole], sizes[whole]
        if self.data_format == "channels_first":
            features = np.ascontiguousarray(features.transpose(0, 3, 1, 2))
        return {"images": features, "sizes": sizes} if self.with_sizes else features, targets

    def _wanted(self, found: ImageObjects) -> np.ndarray:
        """A mask of the objects that become targets."""
        return (self.keep_difficult | ~found.difficult) & (self.keep_crowd | ~found.crowd)

    def _write(self, target, epoch, number):
        """Fills `target` with image `number`; returns its size on it, boxes and labels.

        Each image has a generator of its own.
        """
        generator = np.random.default_rng([self.seed, epoch, _AUGMENT, number])
        found = self.images.objects[number]
        image = self.images.opened(number)
        found = found.take(self._wanted(found))
        colours, region, flipped = None, (0, 0, found.width, found.height), False
        if self.augment:
            colours, region = self.augment.draw(generator, found.height, found.width, found.boxes)
            flipped = self.flip and generator.random() < 0.5
        size = self.placing.size_of(region[3] - region[1], region[2] - region[0])
        pixels = read_region(image, region, *size, self._fill, colours)
        boxes, seen = shown(found.boxes, region)
        if flipped:
            pixels, boxes = pixels[:, ::-1], mirrored(boxes)
        target[: size[0], : size[1]] = normalize(pixels, self.mean, self.std)
        return size, self.placing.on_canvas(boxes, size), found.labels[seen]

    def truth(self, index: int) -> list[ImageObjects]:
        """What is in the images of batch `index`, in their pixels: all objects, marked ones too.

        Images that were left out as damaged when the batch was made are left out here too.
        """
        _, chosen, _ = self.chosen(index)
        return [self.images.objects[n] for n in chosen if n not in self._skipped]

    def to_pixels(self, index: int, boxes: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes that were predicted for batch `index`, in the pixels of its images.

        Args:
            boxes: for each image an array of shape (n, 4) on the scale 0..1 of the network's input.

        Raises:
            ValueError: the batches are augmented, or `boxes` are of another number of images.
        """
        if self.augment:
            raise ValueError(
                "boxes of augmented images have no place in the files; use augment=False"
            )
        truth = self.truth(index)
        if len(boxes) != len(truth):
            raise ValueError(
                f"boxes must be one array for each of the {len(truth)} images of batch {index}, "
                f"got {len(boxes)}"
            )
        pairs = zip(boxes, truth, strict=True)
        return [self.placing.to_pixels(one, found.height, found.width) for one, found in pairs]
