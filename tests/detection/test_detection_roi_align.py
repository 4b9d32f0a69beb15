import draws
import gradients
import keras
import numpy as np
import pytest
import two_stage_by_loops as loops
from keras import ops

from keras_bam import detection

# Within, reaching out, wholly outside, thinner than a cell, without area.
BOXES = [
    [(1.3, 0.6, 5.2, 3.9), (-3, -2, 4, 3), (5, 3, 9, 8), (20, 20, 30, 30), (2, 1, 2.1, 4)],
    [(0, 0, 7, 5), (2, 2, 2, 2), (-1.4, 0, 0.2, 5), (6.2, 4.1, 8, 5.9), (0.5, 0.5, 1.5, 1.5)],
]
CELLS = 7, 5


def drawn(channels=3):
    boxes = np.array(BOXES) / (*CELLS, *CELLS)
    return draws.features(2, 5, 7, channels), boxes.astype("float32")


def aligned(features, boxes, size):
    return detection.roi_align(features, ops.convert_to_tensor(boxes), size, CELLS)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_equals_the_loop(size):
    features, boxes = drawn()
    found = draws.array(aligned(ops.convert_to_tensor(features), boxes, size))
    assert found.shape == (2, 5, size, size, 3)
    for image in range(2):
        for place, box in enumerate(boxes[image].astype("float64")):
            expected = loops.pooled(features[image].astype("float64"), box, size, CELLS)
            np.testing.assert_allclose(found[image, place], expected, atol=3e-6 * 7)


def test_gradient_of_the_features():
    features, boxes = drawn(channels=1)
    projection = np.random.default_rng(1).normal(size=(2, 5, 2, 2, 1)).astype("float32")
    layer = keras.layers.Lambda(lambda x: aligned(x, boxes, 2), output_shape=(5, 2, 2, 1))
    found = gradients.of_layer(layer, features, projection, training=True)["features"]
    values = {"x": features.astype("float64")}

    def total():
        return sum(
            (loops.pooled(values["x"][n], box, 2, CELLS) * projection[n, place]).sum()
            for n in range(2)
            for place, box in enumerate(boxes[n].astype("float64"))
        )

    np.testing.assert_allclose(found, gradients.by_differences(total, values)["x"], atol=1e-4)


def test_keeps_the_precision_of_the_features():
    features, boxes = drawn()
    found = aligned(ops.cast(ops.convert_to_tensor(features), "bfloat16"), boxes, 2)
    assert keras.backend.standardize_dtype(found.dtype) == "bfloat16"
