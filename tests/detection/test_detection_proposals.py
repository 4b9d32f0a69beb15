import draws
import numpy as np
import pytest
import two_stage_by_loops as loops
from keras import ops

from keras_bam import detection

ANCHORS = detection.Anchors(
    canvas=(48, 64), grid=(3, 4), stride=16, sizes=(16, 32), ratios=(0.5, 1)
)
LIMITS = ((1.0, 1.0), (0.7, 0.5))


def drawn(seed=0):
    rng = np.random.default_rng(seed)
    scores = (1 + rng.permutation(2 * ANCHORS.count).reshape(2, -1)) / (2 * ANCHORS.count)
    offsets = 0.4 * rng.normal(size=(2, ANCHORS.count, 4))
    return scores.astype("float32"), offsets.astype("float32")


def propose(scores, offsets, **settings):
    tensors = (ops.convert_to_tensor(array) for array in (scores, offsets))
    limits = ops.convert_to_tensor(np.array(LIMITS, "float32"))
    found = detection.propose(*tensors, ANCHORS, limits, **settings)
    return [draws.array(one) for one in found]


@pytest.mark.parametrize("candidates, count, iou", [(1000, 40, 0.7), (20, 5, 0.7), (30, 30, 0.2)])
def test_equal_the_loop(candidates, count, iou):
    scores, offsets = drawn()
    settings = {"candidates": candidates, "count": count, "iou_threshold": iou}
    boxes, there = propose(scores, offsets, **settings)
    assert (boxes.shape, there.shape) == ((2, count, 4), (2, count))
    corners = ANCHORS.corners.astype("float64")
    for image, limit in enumerate(LIMITS):
        doubles = scores[image].astype("float64"), offsets[image].astype("float64")
        expected = loops.proposals(*doubles, corners, limit, candidates, count, iou)
        assert there[image].sum() == len(expected) and there[image, : len(expected)].all()
        np.testing.assert_allclose(boxes[image, : len(expected)], expected, atol=1e-5)
        assert not boxes[image, len(expected) :].any()


def test_outside_of_its_image_is_nothing():
    """All anchors moved to the right end of the canvas, behind the second image."""
    scores, offsets = drawn()
    offsets[:] = 0
    offsets[..., 0] = (1 - ANCHORS.centres[:, 0]) / ANCHORS.centres[:, 2]
    offsets[..., 2:] = -2
    boxes, there = propose(scores, offsets, candidates=50, count=10)
    assert there[0].all() and not there[1].any() and not boxes[1].any()
