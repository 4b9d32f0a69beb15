"""RandAugment (arXiv:1909.13719): some operations drawn from fourteen, all of one strength."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keras_bam.extra import from_extra

STRONGEST = 10
_RANDAUGMENT = 3  # tells its stream from those of crops, order, 1, and cutout, 2
_GREY = 128  # what comes into view at the border, as in the authors' code


@dataclass(frozen=True)
class RandAugment:
    """`layers` operations on each image, each drawn anew from fourteen, equally likely.

    The fourteen of the paper, section 3: identity, autocontrast, equalize, rotate, solarize, color,
    posterize, contrast, brightness, sharpness, shear and translate in x and y. The magnitude is on
    the paper's scale, where 10 is the end of AutoAugment's ranges (arXiv:1805.09501): 30 degrees,
    shear by 0.3, translation by 150/331 of the side, enhancement by 1 +- 0.9, all of either sign;
    posterize to 4 bits, solarize from 0. Each grows with the magnitude, as in torchvision, whose
    30 is this 10. Pixels are moved by nearest neighbour.

    Args:
        layers: N, operations an image.
        magnitude: M, 0..10.

    Raises:
        ValueError: `layers` is not a positive integer, or `magnitude` out of range.
    """

    layers: int = 2
    magnitude: float = 9

    def __post_init__(self):
        if isinstance(self.layers, bool) or not isinstance(self.layers, int) or self.layers < 1:
            raise ValueError(f"layers must be a positive integer, got {self.layers!r}")
        if not 0 <= self.magnitude <= STRONGEST:
            raise ValueError(f"magnitude must lie in 0..{STRONGEST}, got {self.magnitude!r}")

    def __call__(self, image, generator: np.random.Generator):
        """A new `PIL.Image.Image` of the same size; `image` is one too, of mode "RGB" or "L"."""
        operations = list(OPERATIONS.values())
        for choice, sign in generator.random((self.layers, 2)).tolist():
            operation = operations[int(choice * len(operations))]
            image = operation(image, self.magnitude / STRONGEST, 1 if sign < 0.5 else -1)
        return image

    def on_image(self, image, seed: int, epoch: int, index: int):
        """What a generator of (seed, epoch, index) makes of it."""
        return self(image, np.random.default_rng([seed, epoch, _RANDAUGMENT, index]))

    def on_arrays(self, images: np.ndarray, seed: int, epoch: int, indices) -> np.ndarray:
        """Of each image i what `on_image` makes of it, with (seed, epoch, indices[i]).

        Args:
            images: uint8, shape (batch, H, W, 3) or (batch, H, W, 1).

        Raises:
            ValueError: another number of channels.
        """
        if images.shape[-1] not in (1, 3):
            raise ValueError(
                f"randaugment takes images of 3 channels or 1, got {images.shape[-1]}; leave it out"
            )
        Image = from_extra("PIL.Image")
        changed = np.empty_like(images)
        for index, pixels, result in zip(indices, images, changed, strict=True):
            image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
            image = self.on_image(image, seed, epoch, index)
            result[...] = np.asarray(image).reshape(result.shape)
        return changed


def _affine(coefficients: Callable) -> Callable:
    """An operation that shows at (x, y) what was at (a x + b y + c, d x + e y + f)."""

    def operation(image, strength, sign):
        Image = from_extra("PIL.Image")
        fill = (_GREY,) * len(image.getbands())
        return image.transform(
            image.size,
            Image.Transform.AFFINE,
            coefficients(sign * strength, *image.size),
            Image.Resampling.NEAREST,
            fillcolor=fill if len(fill) > 1 else _GREY,
        )

    return operation


def _rotate(image, strength, sign):
    fill = (_GREY,) * len(image.getbands())
    return image.rotate(30 * sign * strength, fillcolor=fill if len(fill) > 1 else _GREY)


def _enhance(kind: str) -> Callable:
    def operation(image, strength, sign):
        enhancer = getattr(from_extra("PIL.ImageEnhance"), kind)(image)
        return enhancer.enhance(1 + 0.9 * sign * strength)

    return operation


def _posterize(image, strength, sign):
    return from_extra("PIL.ImageOps").posterize(image, 8 - round(4 * strength))


def _solarize(image, strength, sign):
    return from_extra("PIL.ImageOps").solarize(image, 256 - round(256 * strength))


OPERATIONS = {
    "identity": lambda image, strength, sign: image,
    "autocontrast": lambda image, strength, sign: from_extra("PIL.ImageOps").autocontrast(image),
    "equalize": lambda image, strength, sign: from_extra("PIL.ImageOps").equalize(image),
    "rotate": _rotate,
    "solarize": _solarize,
    "color": _enhance("Color"),
    "posterize": _posterize,
    "contrast": _enhance("Contrast"),
    "brightness": _enhance("Brightness"),
    "sharpness": _enhance("Sharpness"),
    # Shear keeps the upper left corner in place.
    "shear_x": _affine(lambda strength, width, height: (1, 0.3 * strength, 0, 0, 1, 0)),
    "shear_y": _affine(lambda strength, width, height: (1, 0, 0, 0.3 * strength, 1, 0)),
    "translate_x": _affine(
        lambda strength, width, height: (1, 0, 150 / 331 * width * strength, 0, 1, 0)
    ),
    "translate_y": _affine(
        lambda strength, width, height: (1, 0, 0, 0, 1, 150 / 331 * height * strength)
    ),
}
