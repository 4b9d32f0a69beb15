"""Which part of an image a network sees: at random in training, the centre in tests."""

import math

import numpy as np

from keras_bam.data.decoding import SHRINKS, EncodedImage
from keras_bam.extra import from_extra

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels

TRIES = 10
_RESIZED = 256 / 224  # the shorter side, in sides of the centre crop


def draw_crop(
    draws: np.ndarray,
    height: int,
    width: int,
    scale: tuple[float, float] = (0.08, 1.0),
    ratio: tuple[float, float] = (3 / 4, 4 / 3),
) -> Box:
    """The random crop of Inception (arXiv:1409.4842, section 6), as torchvision draws it.

    Area uniform in `scale` times that of the image, width to height log-uniform in `ratio`, at a
    uniform place. After `TRIES` that did not fit: the largest centred crop within `ratio`.

    Args:
        draws: uniform in 0..1, shape (tries, 4).
    """
    log_ratio = math.log(ratio[0]), math.log(ratio[1])
    for area, shape, down, right in draws.tolist():
        area = height * width * (scale[0] + area * (scale[1] - scale[0]))
        shape = math.exp(log_ratio[0] + shape * (log_ratio[1] - log_ratio[0]))
        wide, high = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if 0 < wide <= width and 0 < high <= height:
            left, top = int(right * (width - wide + 1)), int(down * (height - high + 1))
            return left, top, left + wide, top + high
    wide = max(1, min(width, round(height * ratio[1])))
    high = max(1, min(height, round(width / ratio[0])))
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high


def centre_crop(height: int, width: int, size: int) -> Box:
    """What is left after resizing the shorter side to 256/224 of `size` and cropping the centre.

    Rounded as torchvision rounds it: the longer side down, the crop's corner to the nearest pixel.
    """
    shorter = round(size * _RESIZED)
    resized = [shorter * side // min(height, width) for side in (height, width)]
    top, left = (round((side - size) / 2) for side in resized)
    down, right = height / resized[0], width / resized[1]
    return left * right, top * down, (left + size) * right, (top + size) * down


def read_crop(image: EncodedImage, box: Box, size: int):
    """The crop as a `PIL.Image.Image` of `size` x `size` pixels, antialiased bilinear.

    A JPEG file is decoded at the smallest of 1/8, 1/4, 1/2 and 1 of its size at which the crop is
    still as large as `size`. Below 1 that changes pixels: by 1.6 of 255 in the mean, on COCO's
    photographs and crops of 112 pixels.
    """
    part, box = decoded_part(image, box, size, size)
    Image = from_extra("PIL.Image")
    return Image.fromarray(part).resize((size, size), Image.Resampling.BILINEAR, box=box)


def decoded_part(image, box: Box, height: int, width: int) -> tuple[np.ndarray, Box]:
    """The pixels that count when the crop is resized to `height` x `width`, and the crop in them.

    Args:
        image: an `EncodedImage`, or anything with its `height`, `width` and `decode`.
        box: inside the image.

    Returns:
        uint8 pixels of shape (rows, columns, 3), decoded as small as `read_crop` says.
    """
    left, top, right, bottom = box
    fitting = (
        shrink
        for shrink in SHRINKS
        if right - left >= shrink * width and bottom - top >= shrink * height
    )
    pixels = image.decode(next(fitting, 1))
    down, across = pixels.shape[0] / image.height, pixels.shape[1] / image.width
    box = left * across, top * down, right * across, bottom * down
    # What bilinear weights can reach, two pixels more for rounding, and no more is copied.
    reach = math.ceil(max((box[2] - box[0]) / width, (box[3] - box[1]) / height)) + 2
    column, row = max(int(box[0]) - reach, 0), max(int(box[1]) - reach, 0)
    part = pixels[row : math.ceil(box[3]) + reach, column : math.ceil(box[2]) + reach]
    return part, (box[0] - column, box[1] - row, box[2] - column, box[3] - row)
