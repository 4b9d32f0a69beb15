import keras
import numpy as np
import pytest

from keras_bam.export.signature import signature_of


def model(shape, batch_size=None, dtype="float32"):
    image = keras.Input(shape, batch_size=batch_size, dtype=dtype)
    return keras.Model(image, keras.layers.Flatten()(image), name="m")


FIXED, OPEN = (8, 6, 3), (None, None, 3)


@pytest.mark.parametrize(
    "shape, arguments, expected, proven",
    [
        (FIXED, {}, (None, 8, 6, 3), [FIXED]),
        (FIXED, {"dynamic_batch": False}, (1, 8, 6, 3), [FIXED]),
        (FIXED, {"input_shape": [8, 6, 3]}, (None, 8, 6, 3), [FIXED]),
        (OPEN, {"input_shape": (4, 5, 3)}, (None, 4, 5, 3), [(4, 5, 3)]),
        (OPEN, {"dynamic_size": True}, (None, *OPEN), [(64, 64, 3), (96, 96, 3)]),
        (
            (3, None, None),
            {"dynamic_size": True, "input_shape": (3, 32, 40)},
            (None, 3, None, None),
            [(3, 32, 40), (3, 64, 72)],
        ),
        ((None, 7, 3), {"dynamic_size": True}, (None, None, 7, 3), [(64, 7, 3), (96, 7, 3)]),
    ],
)
def test_shapes(shape, arguments, expected, proven):
    arguments = {"input_shape": None, "dynamic_batch": True, "dynamic_size": False, **arguments}
    signature = signature_of(model(shape), **arguments)
    assert signature.shape == expected
    assert list(signature.proven_shapes) == proven
    assert signature.batches == ((1, 3) if arguments["dynamic_batch"] else (1,))
    assert signature.dtype == "float32"


def test_a_fixed_batch_and_integers():
    fixed = signature_of(model(FIXED, 4, "uint8"), None, False, False)
    assert (fixed.shape, fixed.batches, fixed.dtype) == ((4, 8, 6, 3), (4,), "uint8")
    with pytest.raises(ValueError, match="dynamic_batch=True, but 'm' was built for batches of 4"):
        signature_of(model(FIXED, 4), None, True, False)


@pytest.mark.parametrize(
    "shape, input_shape, dynamic_size, message",
    [
        (
            OPEN,
            None,
            False,
            r"takes images of shape \(None, None, 3\), and .* input_shape.*dynamic",
        ),
        (FIXED, (8, 3), False, r"input_shape must be 3 positive integers.*received \(8, 3\)"),
        (
            FIXED,
            (8, 6, None),
            False,
            r"input_shape must be 3 positive integers.*received \(8, 6, N",
        ),
        (FIXED, (8, 6, 0), False, "input_shape must be 3 positive integers"),
        (FIXED, (9, 6, 3), False, r"input_shape=\(9, 6, 3\), but 'm' takes .* \(8, 6, 3\); leave"),
        (FIXED, None, True, r"dynamic_size=True, but 'm' was built for .*\(None, None, 3\)"),
    ],
)
def test_mistakes(shape, input_shape, dynamic_size, message):
    with pytest.raises(ValueError, match=message):
        signature_of(model(shape), input_shape, True, dynamic_size)


def test_unknown_channels():
    image = keras.Input((None, None, None))
    pooled = keras.Model(image, keras.layers.GlobalAveragePooling2D()(image), name="p")
    with pytest.raises(ValueError, match="'p' has an unknown channel count.*input_shape=\\(height"):
        signature_of(pooled, None, True, True)
    with pytest.raises(ValueError, match="'p' takes images of shape.* pass them all as input_shap"):
        signature_of(pooled, None, True, False)
    assert signature_of(pooled, (8, 8, 2), True, False).shape == (None, 8, 8, 2)


def test_another_precision():
    image = keras.Input(FIXED)
    half = keras.Model(image, keras.layers.Conv2D(2, 1, dtype="mixed_bfloat16", name="c")(image))
    with pytest.raises(ValueError, match="'c' of .* computes in bfloat16, and files are made from"):
        signature_of(half, None, True, False)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(2)

    def call(self, features):
        return self.dense(features)


def test_models_that_do_not_say_what_they_take():
    for wrong in ("model.keras", Subclassed()):
        with pytest.raises(ValueError, match="model must be a built keras.Model, received"):
            signature_of(wrong, None, True, False)
    subclassed = Subclassed()
    subclassed(np.ones((1, 5)))
    with pytest.raises(ValueError, match="does not say what shape it takes: pass input_shape"):
        signature_of(subclassed, None, True, False)
    assert signature_of(subclassed, (5,), True, False).shape == (None, 5)
    images = [keras.Input((4,)), keras.Input((4,))]
    two = keras.Model(images, keras.layers.Add()(images), name="two")
    with pytest.raises(ValueError, match="model must have one input, but 'two' has 2"):
        signature_of(two, None, True, False)
