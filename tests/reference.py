"""BAM (arXiv:1807.06514) and squeeze-and-excitation read off the papers in float64 NumPy.

Feature maps are channels last, with any number of spatial dimensions. Weights come as a dictionary
whose keys are the layers' own paths, such as "spatial/dilated_1/kernel". Nothing here knows Keras.
"""

import itertools
from dataclasses import dataclass, field

import numpy as np


def relu(x):
    return np.maximum(x, 0)


def identity(x):
    return x


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


COMBINATIONS = {"add": np.add, "multiply": np.multiply, "maximum": np.maximum}


def global_average(features):
    return features.mean(axis=tuple(range(1, features.ndim - 1)))


def over_space(vector, like):
    """(batch, channels) as (batch, 1, 1, channels), for the rank of `like`."""
    return vector.reshape(len(vector), *[1] * (like.ndim - 2), vector.shape[-1])


def convolution(x, kernel, bias, dilation_rate=1):
    """Stride 1, odd kernel, zeros around the map so that the output has its size."""
    reach = [dilation_rate * (size // 2) for size in kernel.shape[:-2]]
    padded = np.pad(x, [(0, 0), *((r, r) for r in reach), (0, 0)])
    total = bias
    for position in itertools.product(*map(range, kernel.shape[:-2])):
        starts = [dilation_rate * p for p in position]
        window = (slice(s, s + n) for s, n in zip(starts, x.shape[1:-1], strict=True))
        total = total + padded[(slice(None), *window)] @ kernel[position]
    return total


@dataclass
class Bam:
    """Equations 1 to 4 by default; `normalization="hidden", combine="multiply"` is the official
    form. Branches and layer scale are there when their weights are."""

    weights: dict
    dilation_rate: int = 4
    normalization: str = "end"
    combine: str = "add"
    activation: callable = relu
    training: bool = False
    momentum: float = 0.9
    epsilon: float = 1e-5
    moved: dict = field(default_factory=dict)  # moving statistics after this step of training

    def __call__(self, features):
        """Equation 1."""
        attention, _, _ = self.attention(features)
        return features + self.weights.get("layer_scale", 1.0) * features * attention

    def attention(self, features):
        """Equation 2: M(F), Mc(F) and Ms(F)."""
        channel = spatial = None
        if "channel/reduce/kernel" in self.weights:
            channel = self.channel(features)
        if "spatial/reduce/kernel" in self.weights:
            spatial = self.spatial(features)
        if channel is None or spatial is None:
            return sigmoid(spatial if channel is None else channel), channel, spatial
        return sigmoid(COMBINATIONS[self.combine](channel, spatial)), channel, spatial

    def channel(self, features):
        """Equation 3."""
        x = self._dense("channel/reduce", global_average(features))
        x = self._dense("channel/expand", self._hidden("channel/reduce_norm", x))
        return over_space(self._end("channel/norm", x), features)

    def spatial(self, features):
        """Equation 4."""
        x = self._convolution("spatial/reduce", features)
        x = self._hidden("spatial/reduce_norm", x)
        for name in ("spatial/dilated_1", "spatial/dilated_2"):
            x = self._hidden(f"{name}_norm", self._convolution(name, x, self.dilation_rate))
        return self._end("spatial/norm", self._convolution("spatial/project", x))

    def _dense(self, name, x):
        return x @ self.weights[f"{name}/kernel"] + self.weights[f"{name}/bias"]

    def _convolution(self, name, x, dilation_rate=1):
        kernel, bias = self.weights[f"{name}/kernel"], self.weights[f"{name}/bias"]
        return convolution(x, kernel, bias, dilation_rate)

    def _hidden(self, name, x):
        return self.activation(self._batch_norm(name, x) if self.normalization != "end" else x)

    def _end(self, name, x):
        return self._batch_norm(name, x) if self.normalization != "hidden" else x

    def _batch_norm(self, name, x):
        """Over the batch for the channel vector, over batch and space for a map."""
        mean = self.weights[f"{name}/moving_mean"]
        variance = self.weights[f"{name}/moving_variance"]
        if self.training:
            axes = tuple(range(x.ndim - 1))
            old, (mean, variance) = (mean, variance), (x.mean(axes), x.var(axes))
            keep, take = self.momentum, 1 - self.momentum
            self.moved[f"{name}/moving_mean"] = keep * old[0] + take * mean
            self.moved[f"{name}/moving_variance"] = keep * old[1] + take * variance
        x = (x - mean) / np.sqrt(variance + self.epsilon)
        return self.weights[f"{name}/gamma"] * x + self.weights[f"{name}/beta"]


def squeeze_excite(features, weights, activation=relu):
    """Equations 2 to 4 of arXiv:1709.01507."""
    hidden = global_average(features) @ weights["reduce/kernel"] + weights["reduce/bias"]
    gate = sigmoid(activation(hidden) @ weights["expand/kernel"] + weights["expand/bias"])
    return features * over_space(gate, features)
