"""A classifier without the softmax at its end."""

import contextlib

import keras

from keras_bam.call_recording import replaced_method
from keras_bam.insertion.graph import functional

_SQUASHING = tuple(
    getattr(keras.activations, name) for name in ("softmax", "sigmoid", "log_softmax")
)
_KEPT = (keras.layers.Flatten, keras.layers.Identity, keras.layers.Reshape)  # move values at most


@contextlib.contextmanager
def before_softmax(model):
    """Within the block `model` returns logits: the softmax (or sigmoid) that ends it is left out.

    Found by its place in the graph: in the last layer, or a layer or operation of its own, with
    nothing behind it but a reshaping. A model that ends in none is left as it is.

    Raises:
        ValueError: if the model does not give one tensor (batch, classes), or its graph isn't
            known.
    """
    graph = functional(model)
    if graph is None:
        raise ValueError(
            f"the graph of model={model.name!r} isn't known, and so not where its logits are: pass "
            "a functional or a built Sequential model"
        )
    outputs = keras.tree.flatten(graph.outputs)
    if len(outputs) != 1 or len(outputs[0].shape) != 2:
        raise ValueError(
            f"{model.name!r} gives outputs of shape {[tuple(x.shape) for x in outputs]}; Grad-CAM "
            "explains a classifier, with one output (batch, classes)"
        )
    operation = _last(outputs[0])
    with contextlib.ExitStack() as stack:
        if getattr(operation, "activation", None) in _SQUASHING:
            linear = keras.activations.linear
            stack.enter_context(replaced_method(operation, "activation", linear))
        elif type(operation).__name__ in ("Softmax", "LogSoftmax", "Sigmoid"):
            stack.enter_context(replaced_method(operation, "call", _identity))
        yield


def _last(tensor):
    """The operation that made `tensor`, not counting reshaping, in nested models too."""
    while True:
        history = tensor._keras_history
        operation = history.operation
        inner = functional(operation)
        if inner is not None:
            tensor = keras.tree.flatten(inner.outputs)[history.tensor_index]
        elif isinstance(operation, _KEPT) or type(operation).__name__ == "Reshape":
            (tensor,) = operation._inbound_nodes[history.node_index].input_tensors
        else:
            return operation


def _identity(inputs, *args, **kwargs):
    return inputs
