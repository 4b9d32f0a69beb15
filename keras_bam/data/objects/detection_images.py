"""Images with the objects in them."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from keras_bam.data.decoding import EncodedImage
from keras_bam.data.image_tree import shortened
from keras_bam.data.objects.image_objects import ImageObjects, collect


@dataclass(frozen=True)
class DecodedImage:
    """Pixels in memory, in the form of an `EncodedImage`."""

    pixels: np.ndarray

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    def decode(self, shrink: int = 1) -> np.ndarray:
        """The pixels, never shrunk."""
        return self.pixels


@dataclass(frozen=True, eq=False)
class DetectionImages:
    """Images, in their files or in memory, the objects in each, and what the classes are called.

    Args:
        images: their paths, or uint8 of shape (n, H, W, 3); n at least 1.
        objects: those of each image.
        class_names: one name a class; there is none for the background.
        category_ids: the number of each class in COCO's files, which have gaps; by default 1, 2
            and so on.
        bad_boxes: a line for each box that was left out or cut off on reading.

    Raises:
        ValueError: lengths differ, a label has no name, or two images have the same id.
    """

    images: tuple[str, ...] | np.ndarray
    objects: tuple[ImageObjects, ...]
    class_names: tuple[str, ...]
    category_ids: tuple[int, ...] = ()
    bad_boxes: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.category_ids:
            numbers = tuple(range(1, len(self.class_names) + 1))
            object.__setattr__(self, "category_ids", numbers)
        if len(self.category_ids) != len(self.class_names):
            raise ValueError(
                f"category_ids must be one for each of the {len(self.class_names)} class_names, "
                f"got {len(self.category_ids)}"
            )
        if len(self.images) != len(self.objects) or not len(self.objects):
            raise ValueError(
                f"images and objects must be equally many and at least one, got {len(self.images)} "
                f"and {len(self.objects)}"
            )
        if isinstance(self.images, np.ndarray) and (
            self.images.dtype != np.uint8 or self.images.ndim != 4 or self.images.shape[3] != 3
        ):
            raise ValueError(
                "images in memory must be uint8 of shape (n, H, W, 3), got "
                f"{self.images.dtype} of shape {self.images.shape}"
            )
        self._check_objects()

    def _check_objects(self):
        classes = len(self.class_names)
        for number, found in enumerate(self.objects):
            if len(found) and not 0 <= found.labels.min() <= found.labels.max() < classes:
                raise ValueError(
                    f"labels of {self.name_of(number)} must lie in 0..{classes - 1}, one for each "
                    f"of the class_names, got {found.labels.min()}..{found.labels.max()}"
                )
        ids = Counter(found.image_id for found in self.objects)
        twice = [image_id for image_id, count in ids.items() if count > 1]
        if twice:
            raise ValueError(
                f"each image must have an image_id of its own; of several are {shortened(twice)}"
            )

    def __len__(self):
        return len(self.objects)

    def name_of(self, number: int) -> str:
        """The path of an image, or its id if it is in memory."""
        if isinstance(self.images, np.ndarray):
            return f"image {self.objects[number].image_id!r}"
        return self.images[number]

    def opened(self, number: int) -> EncodedImage | DecodedImage:
        """An image whose pixels are not decoded yet.

        Raises:
            OSError: its file can't be read.
            ValueError: naming the path: it is no image, or not of the size that the objects were
                found in.
        """
        if isinstance(self.images, np.ndarray):
            image: EncodedImage | DecodedImage = DecodedImage(self.images[number])
        else:
            image = EncodedImage(self.images[number])
        found = self.objects[number]
        if (image.height, image.width) != (found.height, found.width):
            raise ValueError(
                f"{self.name_of(number)} has {image.height} x {image.width} pixels, and its "
                f"objects were found in {found.height} x {found.width}: get image and annotation "
                "of the same version"
            )
        return image

    def take(self, indices) -> "DetectionImages":
        """Those at `indices`, in that order."""
        indices = [int(index) for index in indices]
        images = self.images
        chosen = (
            images[indices]
            if isinstance(images, np.ndarray)
            else tuple(images[index] for index in indices)
        )
        objects = tuple(self.objects[index] for index in indices)
        return DetectionImages(chosen, objects, self.class_names, self.category_ids, self.bad_boxes)

    def with_objects(self) -> "DetectionImages":
        """Those with at least one object that is neither difficult nor a crowd."""
        return self.take(
            number
            for number, found in enumerate(self.objects)
            if not (found.difficult | found.crowd).all()
        )


def unlabelled(paths, class_names: tuple[str, ...]) -> DetectionImages:
    """Image files in which nothing is known yet, to be predicted on; the path is the id.

    Raises:
        OSError, ValueError: as `EncodedImage`, naming the path.
    """
    paths = tuple(map(str, paths))
    sizes = [(image.height, image.width) for image in map(EncodedImage, paths)]
    objects = tuple(collect(path, *size, ()) for path, size in zip(paths, sizes, strict=True))
    return DetectionImages(paths, objects, class_names)
