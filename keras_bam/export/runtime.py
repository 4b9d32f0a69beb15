"""What every format's runtime comes down to."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np


@dataclasses.dataclass(frozen=True)
class Runtime:
    """A file opened by the runtime that will read it.

    Attributes:
        run: from images, shape `input_shape`, to the list of the model's outputs.
        input_shape: with batch; None where any size will do.
        operators: how often the file has which.
    """

    run: Callable[[np.ndarray], list[np.ndarray]]
    input_shape: tuple[int | None, ...]
    operators: Mapping[str, int]

    def predict(self, images, batch_size=64):
        """`run` on any number of images, in batches that the file takes."""
        size = self.input_shape[0] or batch_size
        parts = []
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            missing = size - len(batch) if self.input_shape[0] else 0
            filled = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])
            parts.append([output[: len(batch)] for output in self.run(filled)])
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]


INPUT = "images"


def output_names(count):
    """What the outputs are called in every file, in the model's order."""
    return [f"output_{number}" for number in range(count)]
