"""A forward pass with values, seen layer by layer; what a layer returns can be replaced."""

import collections
import contextlib
import dataclasses
from typing import Any

import keras
from keras import ops

from keras_bam.call_recording import replaced_method
from keras_bam.naming import unknown


@dataclasses.dataclass(frozen=True)
class LayerCall:
    """One call of one layer.

    Attributes:
        name: names of the layers around it and its own, joined by "/"; for the second call of a
            layer with "#2" behind, and so on.
        layer: what was called.
        features: its first argument.
        outputs: what it returned.
    """

    name: str
    layer: Any
    features: Any
    outputs: Any


@contextlib.contextmanager
def watched(model, watch):
    """Within the block `watch` sees each call of a layer inside `model` when it ends.

    Args:
        model: any Keras model; code of its own in `call` is run as it is.
        watch: takes a `LayerCall`, and returns the outputs that the model goes on with.
    """
    running: list[str] = []
    numbers: collections.Counter[str] = collections.Counter()

    def wrapped(layer, method):
        def call(*args, **kwargs):
            running.append(layer.name)
            try:
                outputs = method(*args, **kwargs)
            finally:
                running.pop()
            path = "/".join((*running, layer.name))
            numbers[path] += 1
            name = path if numbers[path] == 1 else f"{path}#{numbers[path]}"
            first = args[0] if args else next(iter(kwargs.values()), None)
            return watch(LayerCall(name, layer, first, outputs))

        return call

    with contextlib.ExitStack() as stack:
        for layer in _inside(model):
            stack.enter_context(replaced_method(layer, "call", wrapped(layer, layer.call)))
        yield


def _inside(model):
    """The layers in `model`, without the graph that a Sequential keeps for itself."""
    own = {id(model), id(getattr(model, "_functional", None))}
    return [layer for layer in model._flatten_layers() if id(layer) not in own]


def forward(model, images, watch):
    """The outputs of `model` for a batch of images, in inference, with `watch` as in `watched`."""
    with watched(model, watch):
        return model(images, training=False)


def recorded_calls(model, images):
    """The outputs of `model`, and all calls of its layers in the order in which they end."""
    if not all(layer.built for layer in model._flatten_layers()):
        model(images, training=False)  # what builds layers may run them without values
    calls = []

    def note(call):
        calls.append(call)
        return call.outputs

    return forward(model, images, note), calls


def call_named(calls, name):
    """The call of that name, or of None the last one that returns a feature map: one of as many
    axes as any has, since a detector goes on with lists of boxes.

    Raises:
        ValueError: if there is none; the nearest names are offered.
    """
    if name is None:
        maps = [call for call in calls if is_feature_map(call.outputs)]
        if not maps:
            raise ValueError("the model has no feature map: no layer returns one of rank 3 to 5")
        rank = max(len(call.outputs.shape) for call in maps)
        return [call for call in maps if len(call.outputs.shape) == rank][-1]
    for call in calls:
        if call.name == name:
            return call
    # Whole layers before what is inside them, of which a BAM holds a lot.
    names = sorted((call.name for call in calls), key=lambda path: path.count("/"))
    raise unknown("layer", name, names)


def is_feature_map(outputs):
    """Whether it is one map of more than one place."""
    shape = getattr(outputs, "shape", ())
    places = [size for size in shape[1:] if size != 1]
    return 3 <= len(shape) <= 5 and len(places) > 1


def as_array(tensor):
    """float32, on the host."""
    return keras.ops.convert_to_numpy(ops.cast(tensor, "float32"))
