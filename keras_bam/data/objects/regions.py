"""Which part of an image a detector sees, and where its boxes come to lie.

A region is a rectangle in the pixels of the image, which it may reach out of; there it shows one
colour. Expansion and crop only draw regions: pixels are read once, when both are known.
"""

import numpy as np

from keras_bam.data.crops import Box, decoded_part
from keras_bam.data.objects.colours import Colours
from keras_bam.extra import from_extra

# Least IoU of some box with the crop; None keeps the region as it is, 0 takes any crop. The SSD
# paper has 0.5 too.
OVERLAPS = (None, 0.1, 0.3, 0.7, 0.9, 0)
_TRIES = 50
_LEAST_SIDE = 0.3  # of a crop, in sides of the region
_MOST_UNEQUAL = 2  # sides of a crop


def draw_expansion(generator: np.random.Generator, region: Box, largest: float = 4) -> Box:
    """SSD's expansion: every other time a region 1 to `largest` times as high and wide around it.

    The factor and the place of the old region in the new one are uniform.
    """
    happens, factor, across, down = generator.random(4).tolist()
    left, top, right, bottom = region
    factor = 1 + factor * (largest - 1)
    if happens >= 0.5:
        return region
    width, height = right - left, bottom - top
    left -= across * (factor - 1) * width
    top -= down * (factor - 1) * height
    return left, top, left + factor * width, top + factor * height


def draw_constrained_crop(
    generator: np.random.Generator, region: Box, boxes: np.ndarray, overlaps=OVERLAPS
) -> Box:
    """SSD's random crop: part of a region that shows the centre of at least one box.

    One of `overlaps` is drawn, then up to 50 crops: each side uniform in 0.3..1 of the region's,
    height to width in 1/2..2, at a uniform place, with at least one box whose IoU with the crop
    reaches the drawn value, and one whose centre is inside. If none does, all is drawn again. (The
    much-copied PyTorch code refuses a crop only if a box is below and another above its bounds,
    which never happens; this is Caffe's rule.) Without boxes any crop will do.

    Args:
        boxes: shape (n, 4), in the pixels of the image.
        overlaps: as `OVERLAPS`, with None or 0 among them, since with neither it might not end.
    """
    left, top, right, bottom = region
    size = np.array([right - left, bottom - top])
    while True:
        least = overlaps[int(generator.integers(len(overlaps)))]
        if least is None:
            return region
        draws = generator.random((_TRIES, 4))
        sizes = size * (_LEAST_SIDE + (1 - _LEAST_SIDE) * draws[:, :2])
        corners = (left, top) + draws[:, 2:] * (size - sizes)
        crops = np.concatenate([corners, corners + sizes], axis=1)
        ratio = sizes[:, 1] / sizes[:, 0]
        fits = (1 / _MOST_UNEQUAL <= ratio) & (ratio <= _MOST_UNEQUAL)
        if len(boxes):
            fits &= (_overlaps(crops, boxes) >= least).any(1) & _centred(crops, boxes).any(1)
        if fits.any():
            left, top, right, bottom = crops[fits.argmax()].tolist()
            return left, top, right, bottom


def shown(boxes: np.ndarray, region: Box) -> tuple[np.ndarray, np.ndarray]:
    """The boxes in a region: those whose centre is inside, cut off at its edges.

    One so thin that nothing is left of it after rounding is left out too.

    Returns:
        float32 of shape (m, 4), on the scale 0..1 of the region, and a mask of shape (n,).
    """
    left, top, right, bottom = region
    start, size = np.array([left, top] * 2), np.array([right - left, bottom - top] * 2)
    relative = ((boxes - start) / size).clip(0, 1).astype(np.float32)
    seen = _centred(np.array([region]), boxes)[0] & (relative[:, :2] < relative[:, 2:]).all(1)
    return relative[seen], seen


def mirrored(boxes: np.ndarray) -> np.ndarray:
    """Boxes on the scale 0..1 after left and right have changed places."""
    return np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], axis=1)


def read_region(
    image, region: Box, height: int, width: int, fill, colours: Colours | None = None
) -> np.ndarray:
    """A region resized to `height` x `width`, antialiased bilinear; uint8 of shape (H, W, 3).

    JPEG files are decoded as small as `read_crop` says. Where the region reaches out of the image,
    the image's edge is at the nearest whole pixel of the result.

    Args:
        image: an `EncodedImage` or a `DecodedImage`.
        fill: the colour outside of the image, uint8 of shape (3,).
        colours: changes the image's, before it is resized.
    """
    left, top, right, bottom = region
    seen = max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)
    across, down = width / (right - left), height / (bottom - top)
    columns = [round((edge - left) * across) for edge in (seen[0], seen[2])]
    rows = [round((edge - top) * down) for edge in (seen[1], seen[3])]
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[...] = fill
    high, wide = rows[1] - rows[0], columns[1] - columns[0]
    if high < 1 or wide < 1:
        return canvas
    part, box = decoded_part(image, seen, high, wide)
    if colours is not None:
        part = colours(part)
    Image = from_extra("PIL.Image")
    resized = Image.fromarray(part).resize((wide, high), Image.Resampling.BILINEAR, box=box)
    canvas[rows[0] : rows[1], columns[0] : columns[1]] = np.asarray(resized)
    return canvas


def _overlaps(crops: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """IoU of each crop with each box."""
    crops = crops[:, np.newaxis]
    sides = np.minimum(crops[..., 2:], boxes[:, 2:]) - np.maximum(crops[..., :2], boxes[:, :2])
    common = sides.clip(0).prod(-1)
    areas = [(of[..., 2:] - of[..., :2]).prod(-1) for of in (crops, boxes)]
    return common / (areas[0] + areas[1] - common)


def _centred(crops: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Whether the centre of each box is inside of each crop."""
    crops, centres = crops[:, np.newaxis], (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((crops[..., :2] < centres) & (centres < crops[..., 2:])).all(-1)
