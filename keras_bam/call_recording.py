"""The calls of a model's layers, recorded while its code runs on tensors without values."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras import layers as kl

from keras_bam import ops


class _Trace(keras.Operation):
    """Its `compute_output_spec` runs the model's `call`, even if the model overrides
    `compute_output_shape`, and leaves weights and seeds as they were."""

    def __init__(self, model):
        super().__init__(name=model.name)
        self.model = model

    def call(self, inputs):
        return self.model(inputs)


def symbolic_inputs(shapes, batch):
    return keras.tree.map_shape_structure(lambda s: keras.KerasTensor((batch, *s)), shapes)


def trace(model, shapes):
    _Trace(model).compute_output_spec(symbolic_inputs(shapes, batch=1))


@dataclasses.dataclass(frozen=True)
class Call:
    layer: Any
    name: str
    input_shape: Any
    output_shape: Any
    calls_others: bool


def recorded_calls(model, shapes) -> list[Call]:
    """The calls of all layers in one trace, in the order in which they end."""
    calls: list[Call] = []
    running: list[kl.Layer] = []

    def recorder(layer, method):
        def call(*args, **kwargs):
            if not running:
                calls.clear()  # PyTorch may trace a second time, off its "meta" device.
            if any(outer is layer or counted_whole(outer) for outer in running):
                return method(*args, **kwargs)
            before = len(calls)
            running.append(layer)
            try:
                outputs = method(*args, **kwargs)
            finally:
                running.pop()
            name = "/".join(outer.name for outer in (*running[1:], layer))
            first = args[0] if args else next(iter(kwargs.values()), None)
            calls.append(Call(layer, name, _shape(first), _shape(outputs), len(calls) > before))
            return outputs

        return call

    with contextlib.ExitStack() as stack:
        for layer in model._flatten_layers():
            for method in ("call", "quantized_call"):
                function = recorder(layer, getattr(layer, method))
                stack.enter_context(replaced_method(layer, method, function))
        stack.enter_context(ops.portable())  # some fast paths go past `call`
        trace(model, shapes)
    return calls


@contextlib.contextmanager
def replaced_method(layer, method: str, function: Callable) -> Iterator[None]:
    """Past Keras's `__setattr__`, which may keep track of what is set."""
    attributes = vars(layer)
    own = {method: attributes[method]} if method in attributes else {}
    attributes[method] = function
    try:
        yield
    finally:
        del attributes[method]
        attributes.update(own)


def _shape(tensors):
    return keras.tree.map_structure(lambda x: tuple(getattr(x, "shape", ())), tensors)


def declares_count(layer) -> bool:
    return callable(getattr(layer, "multiply_adds", None))


def counted_whole(layer) -> bool:
    """A recurrent layer's calls are a loop that some backends unroll and others trace once."""
    return declares_count(layer) or isinstance(layer, kl.RNN)
