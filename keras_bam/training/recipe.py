"""How to train: what a run is repeated from."""

import dataclasses
import typing
from typing import Literal

from keras_bam.data.augmentation import PaddingMode
from keras_bam.naming import unknown

Schedule = Literal["constant", "step", "cosine", "linear"]
WarmUp = Literal["linear", "constant"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """SGD with PyTorch's arithmetic (`keras_bam.training.SGD`), a schedule, and augmentation.

    Points of time are shares of the run, so that a recipe keeps its shape with other `epochs`.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step of the optimizer.
        gradient_accumulation_steps: parts a batch goes through the network in; batch norm sees one
            part at a time.
        learning_rate: at its peak.
        schedule: of the rate behind the warm-up. "step" multiplies it by `decay_factor` at each of
            the `milestones`; "cosine" and "linear" go to zero at the end.
        milestones: of "step", shares of the run, ascending.
        decay_factor: of "step".
        warmup: share of the run in which the rate rises from `warmup_factor` times its peak, in a
            line or, "constant", in one step at the end of the warm-up.
        warmup_factor: see `warmup`.
        warmup_shape: see `warmup`.
        momentum: of the gradients.
        nesterov: whether the momentum is Nesterov's.
        weight_decay: as PyTorch's SGD has it, added to the gradient.
        decay_all: whether batch norms and biases decay too, or kernels alone.
        label_smoothing: share of the label that is spread over all classes (arXiv:1512.00567).
        mixup: alpha of arXiv:1710.09412; 0 is off.
        cutmix: alpha of arXiv:1905.04899; 0 is off.
        augment: random crops, and flips where the data set allows them; for detectors SSD's order
            of colours, expansion, crop and flip.
        expand: of a detector's augmentation, how many times as high and wide an image may become
            before it is cropped; 1 is never.
        padding_mode: around an image in memory before its crop: "constant" (zeros), "reflect" or
            "edge".
        cutout: side of the square put to the mean colour, in pixels (arXiv:1708.04552); 0 is off.
        randaugment: magnitude 0 to 10 of two operations of arXiv:1909.13719 on each image; 0 is
            off.
        precision: dtype policy that the network is to be built with.
        ema_momentum: of the average of the weights over the steps, which is what is measured and
            saved; 0 is off. Batch norm's statistics are those of the weights themselves.
        validation_fraction: share of the training images held out to choose the best epoch by;
            with 0 every epoch is measured on the test images, as in the papers.
        seed: of initial weights, order and augmentation.

    Raises:
        ValueError: for a value of the wrong type or out of range.
    """

    epochs: int = 10
    batch_size: int = 64
    gradient_accumulation_steps: int = 1
    learning_rate: float = 0.1
    schedule: Schedule = "cosine"
    milestones: tuple[float, ...] = ()
    decay_factor: float = 0.1
    warmup: float = 0.2
    warmup_factor: float = 0.0
    warmup_shape: WarmUp = "linear"
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    decay_all: bool = False
    label_smoothing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    augment: bool = True
    expand: float = 4.0
    padding_mode: PaddingMode = "constant"
    cutout: int = 0
    randaugment: float = 0.0
    precision: Precision = "float32"
    ema_momentum: float = 0.0
    validation_fraction: float = 0.0
    seed: int = 0

    def __post_init__(self):
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _typed(field, getattr(self, field.name)))
        for name in ("epochs", "batch_size", "gradient_accumulation_steps"):
            _in_range(name, getattr(self, name), low=1)
        for name in ("learning_rate", "decay_factor"):
            _in_range(name, getattr(self, name), low=0, strictly=True)
        for name in ("warmup", "momentum", "label_smoothing", "ema_momentum"):
            _in_range(name, getattr(self, name), low=0, below=1)
        _in_range("validation_fraction", self.validation_fraction, low=0, below=1)
        for name in ("warmup_factor", "weight_decay", "mixup", "cutmix", "cutout", "seed"):
            _in_range(name, getattr(self, name), low=0)
        _in_range("expand", self.expand, low=1)
        _in_range("randaugment", self.randaugment, low=0, below=10, or_equal=True)
        self._check_milestones()
        if self.batch_size % self.gradient_accumulation_steps:
            raise ValueError(
                f"gradient_accumulation_steps must divide batch_size={self.batch_size}, received "
                f"{self.gradient_accumulation_steps}"
            )

    def _check_milestones(self):
        shares = (0.0, *self.milestones, 1.0)
        ascending = all(a < b for a, b in zip(shares, shares[1:], strict=False))
        if not ascending or bool(self.milestones) != (self.schedule == "step"):
            raise ValueError(
                "milestones must be ascending shares of the run between 0 and 1 for "
                f"schedule='step', and none for another, received {list(self.milestones)} for "
                f"schedule={self.schedule!r}"
            )

    @property
    def forward_batch_size(self):
        """Images that go through the network at once."""
        return self.batch_size // self.gradient_accumulation_steps


FIELDS = {field.name: field for field in dataclasses.fields(Recipe)}


def check_names(values):
    """Raises ValueError, offering the nearest, for a name that no field of a recipe has."""
    for name in values:
        if name not in FIELDS:
            raise unknown("key of a recipe", name, FIELDS)


def _typed(field, value):
    """`value` as its field has it: TOML knows lists for tuples, and whole numbers for floats."""
    choices = typing.get_args(field.type)
    if typing.get_origin(field.type) is Literal:
        if value not in choices:
            raise ValueError(f"{field.name} must be one of {list(choices)}, received {value!r}")
        return value
    if field.name == "milestones":
        if isinstance(value, (list, tuple)) and all(map(_is_number, value)):
            return tuple(map(float, value))
        raise ValueError(f"milestones must be a list of numbers, received {value!r}")
    if field.type is float and _is_number(value):
        return float(value)
    if type(value) is not field.type:
        kinds = {int: "an integer", float: "a number", bool: "True or False"}
        raise ValueError(f"{field.name} must be {kinds[field.type]}, received {value!r}")
    return value


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _in_range(name, value, low, below=float("inf"), strictly=False, or_equal=False):
    if low <= value < below or (or_equal and value == below):
        if not (strictly and value == low):
            return
    bound = f"above {low}" if strictly else f"at least {low}"
    limit = "" if below == float("inf") else f" and {'at most' if or_equal else 'below'} {below}"
    raise ValueError(f"{name} must be {bound}{limit}, received {value!r}")
