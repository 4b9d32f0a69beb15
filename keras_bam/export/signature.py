"""What a file takes: one tensor, some of whose sizes may be open."""

import dataclasses

import keras
import numpy as np

# Open sizes are proven at these two, or at the given one and one that is larger by the difference.
_PROVEN_SIZES = (64, 96)


@dataclasses.dataclass(frozen=True)
class Signature:
    """Shape and dtype of a file's input.

    Attributes:
        shape: with batch; None where any size will do.
        dtype: its name.
        proven_shapes: what the proof feeds it, without batch.
    """

    shape: tuple[int | None, ...]
    dtype: str
    proven_shapes: tuple[tuple[int, ...], ...]

    @property
    def batches(self):
        """Numbers of images that the proof feeds it at once."""
        return (1, 3) if self.shape[0] is None else (self.shape[0],)


def signature_of(model, input_shape, dynamic_batch, dynamic_size):
    """The `Signature` of `model` for the arguments of `export_model`.

    Raises:
        ValueError: if the model does not take one tensor, the sizes are not known, `input_shape`
            is not one that the model takes, or it computes in another precision than float32.
    """
    own, dtype = _own_input(model, input_shape)
    _check_computes_in_float32(model)
    given = own[1:] if input_shape is None else _checked(model, own[1:], input_shape)
    batch = None if dynamic_batch else own[0] or 1
    if dynamic_batch and own[0] is not None:
        raise ValueError(
            f"dynamic_batch=True, but {model.name!r} was built for batches of {own[0]}; pass "
            "dynamic_batch=False"
        )
    if not dynamic_size:
        if None in given:
            raise ValueError(
                f"{model.name!r} takes images of shape {own[1:]}, and the file's sizes must be "
                "known: pass them all as input_shape, such as input_shape=(224, 224, 3), or leave "
                "height and width open with dynamic_size=True"
            )
        return Signature((batch, *given), dtype, (given,))
    _check_open(model, own[1:])
    first = tuple(size or _PROVEN_SIZES[0] for size in given)
    larger = tuple(np.add(first, _PROVEN_SIZES[1] - _PROVEN_SIZES[0]).tolist())
    second = tuple(size or new for size, new in zip(own[1:], larger, strict=True))
    return Signature((batch, *own[1:]), dtype, (first, second))


def _own_input(model, input_shape):
    """Shape, with batch, and dtype that the model was built with."""
    if not isinstance(model, keras.Model) or not model.built:
        raise ValueError(f"model must be a built keras.Model, received {model!r}")
    inputs = getattr(model, "inputs", None)
    if not inputs and input_shape is None:
        raise ValueError(
            f"{model.name!r} does not say what shape it takes: pass input_shape, such as "
            "input_shape=(224, 224, 3)"
        )
    if not inputs:
        return (None,) * (1 + len(input_shape)), "float32"
    if len(inputs) > 1:
        raise ValueError(f"model must have one input, but {model.name!r} has {len(inputs)}")
    return tuple(inputs[0].shape), keras.backend.standardize_dtype(inputs[0].dtype)


def _check_computes_in_float32(model):
    for layer in model._flatten_layers():
        if layer.compute_dtype in ("float16", "bfloat16", "float64"):
            raise ValueError(
                f"{layer.name!r} of {model.name!r} computes in {layer.compute_dtype}, and files "
                "are made from float32: build the model anew with dtype policy float32, and give "
                "it the weights with set_weights(model.get_weights())"
            )


def _checked(model, own, input_shape):
    given = tuple(input_shape)
    sound = all(isinstance(size, int) and size > 0 for size in given)
    if not sound or len(given) != len(own):
        raise ValueError(
            f"input_shape must be {len(own)} positive integers, without batch, received "
            f"{input_shape!r}"
        )
    if any(mine not in (None, size) for mine, size in zip(own, given, strict=True)):
        raise ValueError(
            f"input_shape={given}, but {model.name!r} takes images of shape {own}; leave it out, "
            "or build the model for that shape"
        )
    return given


def _check_open(model, own):
    if None not in own:
        raise ValueError(
            f"dynamic_size=True, but {model.name!r} was built for images of shape {own}; build it "
            "with unknown sizes, such as input_shape=(None, None, 3)"
        )
    if all(size is None for size in own):
        raise ValueError(
            f"{model.name!r} has an unknown channel count, which no format holds: pass "
            "input_shape=(height, width, channels) and dynamic_size=False"
        )
