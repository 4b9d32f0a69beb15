"""How to train: what a run is repeated from."""

import dataclasses

from keras_bam.layers.arguments import positive_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """SGD with Nesterov momentum, a linear warm-up, then a cosine down to zero.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step.
        learning_rate: at its peak, in Keras's terms.
        warmup: share of all steps in which the rate rises from zero.
        momentum: of the gradients.
        weight_decay: decoupled, times the learning rate, as in `keras.optimizers.SGD`; kernels
            only. PyTorch's coupled w at momentum 0.9 acts like 10 w here.
        augment: random crops, and flips where the data set allows them.
        validation_fraction: share of the training images held out to choose the best epoch by;
            with 0 every epoch is measured on the test images, as in the papers.
        seed: of initial weights, order and augmentation.

    Raises:
        ValueError: for a value out of range.
    """

    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 0.1
    warmup: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-3
    augment: bool = True
    validation_fraction: float = 0.0
    seed: int = 0

    def __post_init__(self):
        positive_integer("epochs", self.epochs)
        positive_integer("batch_size", self.batch_size)
        _in_range("learning_rate", self.learning_rate, low=0.0, strictly=True)
        for name in ("warmup", "momentum", "validation_fraction"):
            _in_range(name, getattr(self, name), low=0.0, high=1.0)
        _in_range("weight_decay", self.weight_decay, low=0.0)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed must be an integer of 0 or more, received {self.seed!r}")


def _in_range(name, value, low, high=float("inf"), strictly=False):
    if not low <= value < high or (strictly and value == low):
        span = f"above {low}" if strictly else f"at least {low}"
        below = "" if high == float("inf") else f" and below {high}"
        raise ValueError(f"{name} must be {span}{below}, received {value!r}")
