"""Where a class is seen: Grad-CAM (arXiv:1610.02391) at any layer."""

import dataclasses

import keras
import numpy as np
from keras import ops

from keras_bam.explain.gradients import gradient
from keras_bam.explain.images import as_batch, channels_last
from keras_bam.explain.logits import before_softmax
from keras_bam.explain.random_weights import never_trained
from keras_bam.explain.recording import (
    as_array,
    call_named,
    forward,
    is_feature_map,
    recorded_calls,
)
from keras_bam.insertion.graph import recorded
from keras_bam.insertion.maps import data_format, data_formats


@dataclasses.dataclass(frozen=True, eq=False)
class GradCAM:
    """Grad-CAM of a batch at one layer.

    Attributes:
        layer: name of the layer's call.
        maps: ReLU(sum over channels of weight * feature), divided by its largest value: 0 to 1,
            shape (batch, H, W); all 0 where nothing there speaks for the class.
        class_index: explained class of each image, shape (batch,).
        logits: of all classes, before the softmax, shape (batch, classes).
        random_weights: whether the model was never trained (see `never_trained`).
    """

    layer: str
    maps: np.ndarray
    class_index: np.ndarray
    logits: np.ndarray
    random_weights: bool


def grad_cam(model, images, layer=None, class_index=None, *, random_weights=None):
    """How much each place of a feature map speaks for a class.

    The weight of a channel is the mean over all places of the derivative of the class's logit,
    taken before the softmax, with respect to the map that `layer` returns. The model is run in
    inference, in float32 or its own precision, the same way on every backend.

    Args:
        model: a functional or Sequential classifier, with BAM or without.
        images: a batch as the model takes it, or a list of such images.
        layer: name of a layer, such as a BAM's ("outer/inner" in a nested model, "name#2" for the
            second call of one); None is the last layer that returns a feature map.
        class_index: one for all images, or one for each; None is the predicted class.
        random_weights: as for `attention_maps`.

    Returns:
        A `GradCAM`.

    Raises:
        ValueError: for an unknown layer (the nearest names are offered), one that returns no
            feature map or that the classes do not depend on, a class index out of range, a model
            that is no classifier, and images as for `attention_maps`.
    """
    batch = ops.convert_to_tensor(as_batch(model, images))
    with before_softmax(model):
        logits, calls = recorded_calls(model, batch)
        call = call_named(calls, layer)
        if not is_feature_map(call.outputs):
            raise ValueError(
                f"layer={call.name!r} returns no feature map, but {_shape(call.outputs)}: choose "
                "one before the pooling"
            )
        logits = as_array(logits)
        chosen = _classes(class_index, logits)
        slope = gradient(_score(model, batch, call.name, chosen), call.outputs)
    features, slope = as_array(call.outputs), as_array(slope)
    if not slope.any():
        raise ValueError(
            f"the classes of {model.name!r} do not depend on what layer={call.name!r} returns: "
            "choose a layer before the logits"
        )
    form = _data_format(model, call)
    maps = _weighted(channels_last(features, form), channels_last(slope, form))
    if random_weights is None:
        random_weights = never_trained(model)
    return GradCAM(call.name, maps, chosen, logits, bool(random_weights))


def _score(model, batch, name, chosen):
    """The function from the map at `name` to the sum of the images' logits of their classes."""

    def score(features):
        def head(call):
            return features if call.name == name else call.outputs

        logits = forward(model, batch, head)
        wanted = ops.one_hot(ops.convert_to_tensor(chosen), logits.shape[-1], dtype=logits.dtype)
        return ops.sum(ops.multiply(logits, wanted))

    return score


def _classes(class_index, logits):
    batch, classes = logits.shape
    if class_index is None:
        return logits.argmax(axis=1)
    chosen = np.asarray(class_index)
    if chosen.dtype.kind not in "iu" or chosen.shape not in ((), (batch,)):
        raise ValueError(
            f"class_index must be an integer, or one for each of {batch} images, received "
            f"{class_index!r}"
        )
    if (chosen < 0).any() or (chosen >= classes).any():
        raise ValueError(
            f"class_index={class_index!r} is out of range: the model has {classes} classes, 0 to "
            f"{classes - 1}"
        )
    return np.broadcast_to(chosen, (batch,)).astype("int64")


def _weighted(features, slope):
    places = tuple(range(1, features.ndim - 1))
    weights = slope.mean(axis=places, keepdims=True)
    maps = np.maximum((weights * features).sum(axis=-1), 0)
    largest = maps.max(axis=places, keepdims=True)
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)


def _data_format(model, call):
    """Of the map that a call returns."""
    recording = recorded(model)
    path = call.name.partition("#")[0]
    return data_formats(recording).get(path) or data_format(recording)


def _shape(outputs):
    return keras.tree.map_structure(lambda x: tuple(getattr(x, "shape", ())), outputs)


def feature_map(model, images, layer=None):
    """What a layer returns for a batch, channels last.

    Args:
        model: a functional or Sequential model.
        images: as for `grad_cam`.
        layer: as for `grad_cam`.

    Returns:
        float32, shape (batch, H, W, C).

    Raises:
        ValueError: for an unknown layer, or one that returns no feature map.
    """
    _, calls = recorded_calls(model, ops.convert_to_tensor(as_batch(model, images)))
    call = call_named(calls, layer)
    if not is_feature_map(call.outputs):
        raise ValueError(f"layer={call.name!r} returns no feature map, but {_shape(call.outputs)}")
    return channels_last(as_array(call.outputs), _data_format(model, call))
