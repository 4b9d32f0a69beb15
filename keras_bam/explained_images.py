"""The image files that `explain` is given, brought to a model's size, and boxes in them."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from keras_bam.data.decoding import EncodedImage
from keras_bam.extra import from_extra


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """The largest part of an image, from its centre, that has the model's shape.

    Attributes:
        path: of the file.
        pixels: uint8, shape (H, W, channels).
        crop: what is left of the image: left, top, right, bottom in its pixels.
    """

    path: str
    pixels: np.ndarray
    crop: tuple[float, float, float, float]

    def relative(self, boxes):
        """Boxes in pixels of the file as shares of what is left of it; what lies outside is cut."""
        left, top, right, bottom = self.crop
        boxes = np.asarray(boxes, "float64").reshape(-1, 4)
        moved = (boxes - (left, top, left, top)) / np.tile((right - left, bottom - top), 2)
        moved = moved.clip(0, 1)
        return moved[(moved[:, :2] < moved[:, 2:]).all(axis=1)]


def read(path, size):
    """The `Picture` in an image file, antialiased.

    Args:
        path: of a JPEG, PNG, BMP, WebP or TIFF file.
        size: (height, width, channels) to bring it to; 1 channel is grey.

    Raises:
        OSError, ValueError: naming the path; it can't be read, or is damaged or no image.
    """
    Image = from_extra("PIL.Image")
    image = EncodedImage(path)
    height, width, channels = size
    scale = min(image.height / height, image.width / width)
    left, top = (image.width - scale * width) / 2, (image.height - scale * height) / 2
    crop = left, top, left + scale * width, top + scale * height
    shown = Image.fromarray(np.ascontiguousarray(image.decode()))
    shown = shown.resize((width, height), Image.Resampling.LANCZOS, box=crop)
    pixels = np.asarray(shown.convert("L" if channels == 1 else "RGB"))
    return Picture(str(path), pixels.reshape(height, width, channels), crop)


def read_boxes(path, pictures):
    """For each picture its boxes, as `box_share` takes them.

    Args:
        path: of a JSON file {"cat.jpg": [[left, top, right, bottom], ...]}, in pixels of the image
            files, which go by their names.
        pictures: of the files.

    Raises:
        ValueError: if it is no such file, or names none of the images.
    """
    try:
        boxes = json.loads(Path(path).read_text(encoding="utf-8"))
        found = [np.array(boxes.get(Path(p.path).name, []), "float64") for p in pictures]
        wrong = any(b.size and (b.ndim != 2 or b.shape[1] != 4) for b in found)
    except (AttributeError, TypeError, ValueError):
        wrong = True
    if wrong:
        raise ValueError(
            f'{path} must be JSON like {{"cat.jpg": [[left, top, right, bottom], ...]}}, in pixels'
        )
    if not any(b.size for b in found):
        raise ValueError(
            f"{path} has no boxes for {', '.join(Path(p.path).name for p in pictures)}; it names "
            f"{', '.join(list(boxes)[:5]) or 'no image'}"
        )
    return [picture.relative(b) for picture, b in zip(pictures, found, strict=True)]
