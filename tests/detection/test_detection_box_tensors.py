import draws
import numpy as np
import two_stage_by_loops as loops
from keras import ops

from keras_bam import detection
from keras_bam.detection.box_tensors import clip_boxes, decode_boxes, pairwise_overlaps


def drawn(*shape, seed=0):
    rng = np.random.default_rng(seed)
    low = rng.uniform(-0.1, 0.7, (*shape, 2))
    return np.concatenate([low, low + rng.uniform(0.01, 0.5, (*shape, 2))], -1).astype("float32")


def tensors(*arrays):
    return [ops.convert_to_tensor(np.asarray(array, "float32")) for array in arrays]


def test_overlaps():
    first, second = drawn(2, 5), drawn(2, 4, seed=1)
    second[1, 2] = 0  # a row that is no object
    second[0, 0, 2:] = second[0, 0, :2] + 1e-3  # and a small one
    first[0, 0] = second[0, 0]
    found = draws.array(pairwise_overlaps(*tensors(first, second)))
    expected = [
        [[loops.overlap(a, b) for b in bs] for a in as_]
        for as_, bs in zip(first.astype("float64"), second.astype("float64"), strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found[0, 0, 0], 1, rtol=1e-5)
    assert not found[1, :, 2].any()


def test_decoding_undoes_encoding():
    boxes, targets = drawn(20), drawn(20, seed=1)
    centres = detection.corners_to_centres(boxes)
    for variances in ((1, 1, 1, 1), detection.VARIANCES):
        offsets = detection.encode(targets, centres, variances)
        found = draws.array(decode_boxes(*tensors(offsets, boxes), variances))
        np.testing.assert_allclose(found, targets, atol=1e-5)


def test_no_offset_is_too_large():
    offsets, box = np.full((1, 4), 1e4, "float32"), drawn(1)
    found = draws.array(decode_boxes(*tensors(offsets, box), (1, 1, 1, 1)))
    sides = (found[:, 2:] - found[:, :2]) / (box[:, 2:] - box[:, :2])
    np.testing.assert_allclose(sides, 1000 / 16, rtol=0.05)


def test_clipping():
    boxes, limits = drawn(2, 6), [(1, 0.5), (0.25, 1)]
    found = draws.array(clip_boxes(*tensors(boxes, limits)))
    for image, limit in enumerate(limits):
        expected = [loops.clipped(box, limit) for box in boxes[image]]
        np.testing.assert_allclose(found[image], expected, rtol=1e-6)
