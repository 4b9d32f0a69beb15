"""The detection data set that needs no download: circles, squares and triangles on noise."""

import numpy as np

from keras_bam.data.objects.detection_dataset import DetectionDataset
from keras_bam.data.objects.detection_images import DetectionImages
from keras_bam.data.objects.image_objects import FoundObject, ImageObjects, collect
from keras_bam.data.threaded_batches import check_positive

CLASSES = ("circle", "square", "triangle")
_TRIES = 30  # for a place where nothing is yet
_SIDES = 1 / 6, 0.4  # of a shape, in sides of the image
_SMALLEST = 24  # side of an image in which shapes can still be told apart


def load_shapes(
    train: int = 400, test: int = 150, image_size: int = 96, seed: int = 0
) -> DetectionDataset:
    """Square images in memory, each with one to three shapes that do not overlap.

    An image depends on its split, its place in it, `image_size` and `seed` alone. Boxes are exact:
    the pixels of a shape reach all four edges. Background and shape are uniform noise around a
    colour each, the two at least 80 of 255 apart in some channel.

    Args:
        train, test: how many images.
        image_size: height and width in pixels, at least 24.
        seed: 0 or more.

    Raises:
        ValueError: a number out of range.
    """
    for name, value in (("train", train), ("test", test), ("image_size", image_size)):
        check_positive(name, value)
    if image_size < _SMALLEST:
        raise ValueError(f"image_size must be at least {_SMALLEST}, got {image_size}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed must be an integer of 0 or more, got {seed!r}")
    parts = []
    for part, count in enumerate((train, test)):
        drawn = [_draw(np.random.default_rng([seed, part, i]), i, image_size) for i in range(count)]
        pixels = np.stack([image for image, _ in drawn])
        parts.append(DetectionImages(pixels, tuple(objects for _, objects in drawn), CLASSES))
    middle, spread = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
    return DetectionDataset("shapes", parts[0], parts[1], image_size, mean=middle, std=spread)


def _draw(
    generator: np.random.Generator, number: int, size: int
) -> tuple[np.ndarray, ImageObjects]:
    """One image, uint8 of shape (size, size, 3), and what is in it."""
    background = generator.uniform(60, 195, 3)
    image = background + generator.uniform(-40, 40, (size, size, 3))
    found: list[FoundObject] = []
    for _ in range(int(generator.integers(1, 4))):
        for _ in range(_TRIES):
            label = int(generator.integers(len(CLASSES)))
            mask = _shape(generator, CLASSES[label], size)
            rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
            left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
            box = float(left), float(top), float(right), float(bottom)
            if all(_apart(box, other.box) for other in found):
                colour = _colour_unlike(generator, background)
                image[mask] = colour + generator.uniform(-20, 20, (int(mask.sum()), 3))
                found.append(FoundObject(box, label))
                break
    return image.clip(0, 255).round().astype(np.uint8), collect(number, size, size, found)


def _shape(generator, name: str, size: int) -> np.ndarray:
    """A mask of one shape somewhere in the image."""
    side = generator.uniform(_SIDES[0] * size, _SIDES[1] * size)
    left, top = generator.uniform(0, size - side, 2)
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    down, across = (rows - top) / side, (columns - left) / side
    if name == "circle":
        return (down - 0.5) ** 2 + (across - 0.5) ** 2 <= 0.25
    inside = (0 <= down) & (down <= 1)
    if name == "square":
        return inside & (0 <= across) & (across <= 1)
    return inside & (abs(across - 0.5) <= down / 2)


def _apart(box, other) -> bool:
    return box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1]


def _colour_unlike(generator, background) -> np.ndarray:
    while True:
        colour = generator.uniform(0, 255, 3)
        if abs(colour - background).max() > 80:
            return colour
