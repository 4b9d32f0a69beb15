"""SSD's photometric distortion (arXiv:1512.02325, section 2.2, and its released code)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Colours:
    """What happens to the colours of one image, in this order.

    After each step values are cut off at 0 and 255, as the bytes of the released code are, and
    rounded once, at the end.

    Args:
        brightness: added to every value, on the scale 0..255.
        contrast: factor on every value.
        contrast_first: before saturation and hue are changed, not after.
        saturation: factor, at unchanged value of HSV.
        hue: turned by so many degrees, at unchanged saturation and value of HSV.
        order: the channel that each channel is taken from, last of all.
    """

    brightness: float = 0.0
    contrast: float = 1.0
    contrast_first: bool = True
    saturation: float = 1.0
    hue: float = 0.0
    order: tuple[int, ...] = (0, 1, 2)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Of uint8 pixels of shape (H, W, 3) such pixels."""
        if self == Colours():
            return pixels
        values = pixels.astype(np.float32)
        if self.brightness:
            values = (values + np.float32(self.brightness)).clip(0, 255)
        if self.contrast_first:
            values = self._contrasted(values)
        if self.saturation != 1 or self.hue:
            values = _saturate_and_turn(values, self.saturation, self.hue)
        if not self.contrast_first:
            values = self._contrasted(values)
        return values[..., list(self.order)].round().astype(np.uint8)

    def _contrasted(self, values):
        if self.contrast == 1:
            return values
        return (values * np.float32(self.contrast)).clip(0, 255)


def draw_colours(generator: np.random.Generator) -> Colours:
    """Each with probability 1/2: brightness +-32, contrast 0.5..1.5, saturation 0.5..1.5, hue +-18
    degrees, and another order of the channels; contrast as often before the middle two as after.

    The generator is asked for the same number of values whatever comes out.
    """
    happens = generator.random(6) < 0.5
    brightness, contrast, saturation, hue = generator.uniform(-1, 1, 4)
    order = generator.permutation(3)
    return Colours(
        brightness=32 * brightness if happens[0] else 0.0,
        contrast=1 + contrast / 2 if happens[1] else 1.0,
        contrast_first=bool(happens[2]),
        saturation=1 + saturation / 2 if happens[3] else 1.0,
        hue=18 * hue if happens[4] else 0.0,
        order=tuple(map(int, order)) if happens[5] else (0, 1, 2),
    )


def _saturate_and_turn(values: np.ndarray, saturation: float, hue: float) -> np.ndarray:
    """In HSV: chroma, the largest value less the smallest, is value times saturation; at most 1."""
    largest = values.max(-1)
    chroma = largest - values.min(-1)
    most = largest / np.maximum(chroma, 1e-6)
    factor = np.minimum(np.float32(saturation), most)
    if not hue:
        largest, factor = largest[..., np.newaxis], factor[..., np.newaxis]
        return largest - (largest - values) * factor
    red, green, blue = (values[..., channel] for channel in range(3))
    divisor = np.where(chroma > 0, chroma, 1)
    of_green = (blue - red) / divisor + 2
    of_blue = (red - green) / divisor + 4
    sixth = np.where(green == largest, of_green, of_blue)
    sixth = np.where(red == largest, (green - blue) / divisor, sixth)
    sixth += np.float32(hue / 60)
    chroma *= factor
    turned = np.empty_like(values)
    for channel, start in enumerate((5, 3, 1)):
        place = (sixth + start) % 6
        less = np.minimum(place, 4 - place).clip(0, 1) * chroma
        np.subtract(largest, less, out=turned[..., channel])
    return turned
