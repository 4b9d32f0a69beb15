"""How a weight of ours lies in memory elsewhere."""

import dataclasses
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True)
class Layout:
    """Functions from an array to a view of it."""

    to_ours: Callable[[np.ndarray], np.ndarray]
    to_theirs: Callable[[np.ndarray], np.ndarray]

    def their_shape(self, shape):
        """The shape there of a weight that has `shape` here."""
        return self.to_theirs(np.broadcast_to(np.float32(0), shape)).shape


def _torch_to_ours(array):
    # (out, in, height, width) -> (height, width, in, out), and (out, in) -> (in, out).
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T


def _ours_to_torch(array):
    return array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T


IN_TORCH = Layout(_torch_to_ours, _ours_to_torch)
IN_KERAS = Layout(lambda array: array, lambda array: array)
