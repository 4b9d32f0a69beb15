"""Whether a model of ours is the authors' network, layer by layer."""

import json

import keras

from keras_bam.checkpoints import resnets
from keras_bam.insertion.graph import functional, nodes
from keras_bam.layers import BAM
from keras_bam.layers.bam import FORMS

# What weights in a file do not depend on: they are for training, or told by shapes.
_IGNORED = (
    "name",
    "trainable",
    "dtype",
    "momentum",
    "axis",
    "synchronized",
    "form",
    "shared_object_id",
)
_IGNORED_ENDINGS = ("initializer", "regularizer", "constraint")
_ENDS = ("softmax", "linear")  # of the classifier; the released network gives logits


def official_weights(model):
    """Path of a weight in our network -> variable of `model`, in the network's order.

    Raises:
        ValueError: if the model is not the authors' ResNet18 to 152, with BAM(form="official") at
            the three bottlenecks or without attention; the layer that differs is named.
    """
    if functional(model) is None or len(model.outputs) != 1:
        raise ValueError(
            f"model={getattr(model, 'name', model)!r} must be a functional keras.Model with one "
            "output, whose layers can be compared with those of the authors' network"
        )
    calls = _calls(model)
    network = _network_like(model, calls)
    expected = _calls(network)
    for name, (layer, inputs) in expected.items():
        if name not in calls:
            raise ValueError(f"{_cannot(model, network)} it has no layer {name!r}")
        _check_same(calls[name], (layer, inputs), f"{_cannot(model, network)} layer {name!r}")
    for name in calls:
        if name not in expected:
            raise ValueError(f"{_cannot(model, network)} layer {name!r} is not in it")
    layers = {name: layer for name, (layer, _) in calls.items()}
    return {
        weight.path: variable
        for name, (layer, _) in expected.items()
        for weight, variable in zip(layer.weights, layers[name].weights, strict=True)
    }


def _cannot(model, network):
    return f"model={model.name!r} can't be written as the authors' {network.name}:"


def _network_like(model, calls):
    """The authors' network that the model comes nearest to, of ours."""
    weights = {
        weight.path: weight
        for layer, _ in calls.values()
        for weight in getattr(layer, "weights", ())
    }
    row = resnets.nearest(weights.get)
    bams = any(isinstance(layer, BAM) for layer, _ in calls.values())
    arguments = {} if row.stride_in_1x1 is None else {"stride_in_1x1": False}
    formats = {layer.data_format for layer, _ in calls.values() if hasattr(layer, "data_format")}
    channels_first = formats == {"channels_first"}
    return row(
        attention="bam:form=official" if bams else None,
        classes=model.output_shape[-1],
        data_format="channels_first" if channels_first else "channels_last",
        input_shape=(3, None, None) if channels_first else (None, None, 3),
        kernel_initializer="zeros",
        **arguments,
    )


def _calls(model):
    """Name of each layer but the input -> (layer, names of the layers that feed it)."""
    calls: dict = {}
    for node in nodes(functional(model)):
        name = node.operation.name
        if name in calls:
            raise ValueError(
                f"model={model.name!r} calls layer {name!r} twice, and the authors' network none"
            )
        feeding = [tensor._keras_history.operation for tensor in node.input_tensors]
        names = ["" if isinstance(x, keras.layers.InputLayer) else x.name for x in feeding]
        calls[name] = node.operation, names
    return calls


def _check_same(ours, theirs, what):
    (layer, inputs), (expected, expected_inputs) = ours, theirs
    if type(layer) is not type(expected):
        raise ValueError(f"{what} is {type(layer).__name__}, there it is {type(expected).__name__}")
    facts, expected_facts = _facts(layer), _facts(expected)
    for fact in expected_facts:
        if facts.get(fact) != expected_facts[fact]:
            raise ValueError(
                f"{what} has {fact}={facts.get(fact)!r}, there it is {expected_facts[fact]!r}"
            )
    if inputs != expected_inputs:
        raise ValueError(f"{what} is fed by {inputs}, there by {expected_inputs}")


def _facts(layer):
    config = {
        key: value
        for key, value in layer.get_config().items()
        if key not in _IGNORED and not key.endswith(_IGNORED_ENDINGS)
    }
    if isinstance(layer, BAM):
        normalization, combine = FORMS[layer.form]
        config["normalization"] = layer.normalization or normalization
        config["combine"] = layer.combine or combine
        config["branches"] = sorted(layer.branches)
    if isinstance(layer, keras.layers.Dense) and config["activation"] in _ENDS:
        del config["activation"]
    config["weights"] = [tuple(weight.shape) for weight in layer.weights]
    return json.loads(json.dumps(config, default=str))
