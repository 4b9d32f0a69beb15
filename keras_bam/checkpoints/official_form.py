"""Whether a model of ours is the authors' network, layer by layer."""

import json

import keras

from keras_bam.checkpoints import resnets
from keras_bam.checkpoints.naming import variables
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
    difference = _first_difference(calls, expected)
    if difference is not None:
        raise ValueError(
            f"model={model.name!r} can't be written as the authors' {network.name}: {difference}"
        )
    ours = variables(layer for layer, _ in calls.values())
    return {path: ours[path] for path in variables(layer for layer, _ in expected.values())}


def _network_like(model, calls):
    """The authors' network that the model comes nearest to, of ours."""
    row = resnets.nearest(variables(layer for layer, _ in calls.values()).get)
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


def _first_difference(calls, expected):
    """What is said of the first layer that is another one, or nothing."""
    for name, (layer, _) in expected.items():
        if name not in calls:
            return f"it has no layer {name!r}"
        facts, expected_facts = _facts(calls[name][0]), _facts(layer)
        for fact in expected_facts | facts:
            one, other = facts.get(fact), expected_facts.get(fact)
            if one != other:
                return f"layer {name!r} has {fact}={one!r}, there it is {other!r}"
    for name in calls:
        if name not in expected:
            return f"layer {name!r} is not in it"
    for name, (_, inputs) in expected.items():
        if calls[name][1] != inputs:
            return f"layer {name!r} is fed by {calls[name][1]}, there by {inputs}"
    return None


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
        config["activation"] = " or ".join(_ENDS)
    config["weights"] = [tuple(weight.shape) for weight in layer.weights]
    # Tuples and lists are alike in a loaded model.
    return {"class": type(layer).__name__, **json.loads(json.dumps(config, default=str))}
