"""Parameters and multiply-adds of any Keras model, by the convention of arXiv:1807.06514.

For one image, a convolution costs, per element of its output, kernel volume x input channels /
groups; a transposed one, per position of its input, kernel volume x input channels x filters (each
input meets each tap of the kernel once); a dense layer in x out per position; `EinsumDense` the
product of the sizes of all its indices. A bias adds 1 per element of the output. Norms,
activations, pooling, additions and scalings cost nothing, nor do products that no layer's weights
take part in, such as the scores of an attention layer.

The model's own code runs on tensors without values. A layer called inside `keras.ops.scan`, `map`,
`while_loop` or `vectorized_map` counts as the backend traces it: once, or once per step.
"""

import dataclasses
import math
import warnings
from typing import Any

import keras
from keras import layers as kl

from keras_bam.call_recording import (
    Call,
    counted_whole,
    declares_count,
    recorded_calls,
    symbolic_inputs,
    trace,
)
from keras_bam.counting_rules import nothing, rule_of


@dataclasses.dataclass(frozen=True)
class LayerCount:
    """One call of one layer.

    Attributes:
        name: names of the layers around it and its own, joined by "/".
        layer: name of its class.
        output_shape: with the batch, which is 1; nested where the outputs are.
        parameters: of this layer, without those that a row above already shows.
        multiply_adds: of this call.
    """

    name: str
    layer: str
    output_shape: Any
    parameters: int
    multiply_adds: int


@dataclasses.dataclass(frozen=True)
class Complexity:
    """What `complexity` found; `str()` is a table with one line per row of `layers`.

    Attributes:
        parameters: numbers in weights made trainable, gamma and beta of norms included. Freezing a
            layer changes nothing. All weights of a quantised layer count, its scales too.
        moving_statistics: numbers in weights made not trainable; seed states are in neither.
        multiply_adds: for one image.
        layers: calls in order, of layers that own weights or call no other layer.
        unknown: names of the layers whose multiply-adds are left out.
    """

    parameters: int
    moving_statistics: int
    multiply_adds: int
    layers: tuple[LayerCount, ...]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        total = LayerCount("total", "", "", self.parameters, self.multiply_adds)
        cells = [("layer", "class", "output shape", "parameters", "multiply-adds")]
        for row in (*self.layers, total):
            numbers = f"{row.parameters:,}", f"{row.multiply_adds:,}"
            cells.append((row.name, row.layer, str(row.output_shape), *numbers))
        columns = zip("<<<>>", zip(*cells, strict=True), strict=True)
        line = "  ".join(f"{{:{side}{max(map(len, column))}}}" for side, column in columns)
        notes = [f"moving statistics, not in the total: {self.moving_statistics:,}"]
        if self.unknown:
            notes.append(f"multiply-adds unknown and left out: {', '.join(self.unknown)}")
        return "\n".join([*(line.format(*row) for row in cells), *notes])


_UNKNOWN = (
    "These layers have weights, and their multiply-adds are unknown and left out: {}. "
    "A method `multiply_adds(input_shape)` on a layer's class can tell them."
)


def complexity(model: kl.Layer, input_shape: Any = None) -> Complexity:
    """Count the parameters of a model once, and the multiply-adds of its calls for one image.

    A layer's class may have a method `multiply_adds(input_shape) -> int`: the cost of one call with
    everything inside, given the shape of its first argument at batch 1, nested where that is. With
    `elementwise_weights = True` it says that the weights it owns itself only scale or shift.

    Args:
        model: a Functional, Sequential or subclassed model, or a layer, called with one argument.
            One that is not built yet is built when `input_shape` is given.
        input_shape: shape of the input without the batch, or a list or dict of shapes. Needed where
            the model does not know it or leaves sizes open.

    Raises:
        ValueError: an input size is not known, or `input_shape` is no shape.

    Warns:
        UserWarning: a layer has weights whose use can't be counted. It has no `multiply_adds`, and
            its class is not known or has a `call` of its own, or the layer is recurrent, carries
            LoRA weights, or was never called.
    """
    shapes = _input_shapes(model, input_shape)
    if not model.built:
        model(
            symbolic_inputs(shapes, batch=None)
        )  # Leaves the batch open, where a trace would fix it.
    if not all(layer.built for layer in model._flatten_layers()):
        trace(model, shapes)
    rows, unknown = _count(model, recorded_calls(model, shapes))
    if unknown:
        warnings.warn(_UNKNOWN.format(", ".join(unknown)), stacklevel=2)
    parameters, statistics = _sizes(model._flatten_layers())
    return Complexity(
        parameters=sum(parameters.values()),
        moving_statistics=sum(statistics.values()),
        multiply_adds=sum(row.multiply_adds for row in rows),
        layers=rows,
        unknown=unknown,
    )


def _input_shapes(model, input_shape):
    """Shapes without the batch, nested as the model's input is."""
    if input_shape is None:
        known = _known_input_shapes(model)
        input_shape = known and keras.tree.map_shape_structure(lambda s: tuple(s[1:]), known)

    def checked(shape):
        if not isinstance(shape, list | tuple) or any(not n or n < 0 for n in shape):
            raise ValueError(
                f"The input sizes of '{model.name}' must all be known, received: {input_shape}. "
                "Pass `input_shape=`, a shape without the batch such as (224, 224, 3), or a list "
                "or dict of shapes for several inputs."
            )
        return tuple(shape)

    return keras.tree.map_shape_structure(checked, input_shape)


def _known_input_shapes(model):
    if isinstance(model, keras.Sequential):
        return getattr(model, "input_shape", None)
    tensors = getattr(model, "input", None)
    if tensors is not None:
        return keras.tree.map_structure(lambda tensor: tensor.shape, tensors)
    return (model.get_build_config() or {}).get("input_shape")


def _count(model, calls) -> tuple[tuple[LayerCount, ...], tuple[str, ...]]:
    """Rows, and the names of owners of weights with no count."""
    rows, unknown = [], dict[int, str]()
    called: set[int] = set()
    shown: set[int] = set()
    for call in calls:
        parts = call.layer._flatten_layers() if counted_whole(call.layer) else [call.layer]
        parameters, statistics = _sizes(parts)
        count = _multiply_adds(call)
        if parameters or statistics or not call.calls_others:
            new = sum(size for weight, size in parameters.items() if weight not in shown)
            kind = type(call.layer).__name__
            rows.append(LayerCount(call.name, kind, call.output_shape, new, count or 0))
        if count is None and (parameters or statistics):
            unknown[id(call.layer)] = call.name
        called.update(map(id, parts))
        shown.update(parameters)
    for layer in model._flatten_layers():
        if id(layer) not in called and any(_sizes([layer])) and rule_of(layer) is not nothing:
            unknown[id(layer)] = layer.name
    return tuple(rows), tuple(unknown.values())


def _sizes(layers) -> tuple[dict[int, int], dict[int, int]]:
    """Numbers in parameters and in moving statistics that the layers own, by weight."""
    parameters: dict[int, int] = {}
    statistics: dict[int, int] = {}
    for layer in layers:
        # Keras's lists of weights made trainable and made otherwise, which freezing leaves alone.
        parameters.update({id(w): math.prod(w.shape) for w in layer._trainable_variables})
        others = {id(w): math.prod(w.shape) for w in layer._non_trainable_variables}
        (parameters if layer.quantization_mode else statistics).update(others)
    return parameters, statistics


def _multiply_adds(call: Call) -> int | None:
    """None if unknown."""
    layer, rule = call.layer, rule_of(call.layer)
    if declares_count(layer):
        return int(layer.multiply_adds(call.input_shape))
    if rule is None or None in keras.tree.flatten((call.input_shape, call.output_shape)):
        return None
    biases = math.prod(call.output_shape) if getattr(layer, "bias", None) is not None else 0
    return rule(layer, call.input_shape, call.output_shape) + biases
