import keras
import numpy as np
import pytest
from test_detection_default_boxes import boxes

from keras_bam import detection


def some(count=50):
    """Boxes, and as many default boxes as centres."""
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 0.7, (count, 2))
    corners = np.concatenate([low, low + rng.uniform(0.02, 0.3, (count, 2))], axis=1)
    chosen = rng.integers(0, 8732, count)
    return corners.astype("float32"), boxes((4, 6, 6, 6, 4, 4)).centres[chosen]


@pytest.mark.once
def test_encode_is_the_equation():
    corners, centres = some()
    for (x1, y1, x2, y2), (cx, cy, w, h), offsets in zip(
        corners.tolist(), centres.tolist(), detection.encode(corners, centres), strict=True
    ):
        expected = [
            ((x1 + x2) / 2 - cx) / w / 0.1,
            ((y1 + y2) / 2 - cy) / h / 0.1,
            np.log((x2 - x1) / w) / 0.2,
            np.log((y2 - y1) / h) / 0.2,
        ]
        np.testing.assert_allclose(offsets, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.once
def test_there_and_back_within_a_ten_thousandth_of_a_pixel():
    corners, centres = some()
    back = detection.decode(detection.encode(corners, centres), centres)
    assert back.dtype == np.float32
    np.testing.assert_allclose(300 * back, 300 * corners, atol=1e-4)


def test_decode_is_that_of_keras():
    corners, centres = some()
    offsets = detection.encode(corners, centres)
    theirs = keras.utils.bounding_boxes.decode_deltas_to_boxes(
        keras.ops.convert_to_tensor(centres),
        keras.ops.convert_to_tensor(offsets),
        anchor_format="center_xywh",
        box_format="xyxy",
        encoded_format="center_xywh",
        variance=detection.VARIANCES,
    )
    ours = detection.decode(offsets, centres)
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(theirs), atol=1e-6)
