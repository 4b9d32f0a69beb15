import numpy as np
import pytest
import two_stage_by_loops as loops

from keras_bam import detection

pytestmark = pytest.mark.once
ANCHORS = detection.Anchors(
    canvas=(96, 128), grid=(6, 8), stride=16, sizes=(16, 32), ratios=(0.5, 1, 2)
)


def drawn(count, seed=0):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.6, (count, 2))
    return np.concatenate([low, low + rng.uniform(0.1, 0.4, (count, 2))], axis=1).astype("float32")


def by_loops(boxes, size):
    labels, offsets = [], []
    inside = ANCHORS.inside(size)
    table = [[loops.overlap(a, b) for b in boxes] for a in ANCHORS.corners.astype("float64")]
    most = [
        max(row[b] for row, ok in zip(table, inside, strict=True) if ok) for b in range(len(boxes))
    ]
    for row, ok, anchor in zip(table, inside, ANCHORS.corners.astype("float64"), strict=True):
        best = max(row)
        own = any(value > 0 and abs(value - m) < 1e-6 for value, m in zip(row, most, strict=True))
        positive = ok and (best >= 0.7 or own)
        labels.append(1 if positive else 0 if ok and best < 0.3 else -1)
        target = boxes[row.index(best)]
        offsets.append(loops.offsets_to(anchor, target, (1, 1, 1, 1)) if positive else 4 * [0])
    return labels, offsets


@pytest.mark.parametrize("size", [(96, 128), (80, 100)])
@pytest.mark.parametrize("count", [1, 5])
def test_equal_the_loop(count, size):
    boxes = drawn(count)
    labels, offsets = detection.match_anchors(boxes, ANCHORS, size)
    expected = by_loops(boxes.astype("float64"), size)
    np.testing.assert_array_equal(labels, expected[0])
    np.testing.assert_allclose(offsets, expected[1], atol=1e-4)
    assert {-1, 0, 1} == set(labels) and (labels.dtype, offsets.dtype) == ("int8", "float32")


def test_without_objects_all_inside_is_background():
    labels, offsets = detection.match_anchors(np.zeros((0, 4)), ANCHORS, (80, 100))
    np.testing.assert_array_equal(labels, np.where(ANCHORS.inside((80, 100)), 0, -1))
    assert not offsets.any()


def test_an_image_that_holds_no_anchor_says_nothing():
    labels, offsets = detection.match_anchors(drawn(2), ANCHORS, (8, 8))
    assert (labels == -1).all() and not offsets.any()


def test_targets_of_an_image():
    boxes = drawn(3)
    targets = detection.AnchorTargets(ANCHORS, max_boxes=5)(boxes, np.array([2, 0, 1]), (96, 128))
    np.testing.assert_array_equal(targets["boxes"][:3], boxes)
    assert targets["labels"].tolist() == [2, 0, 1, -1, -1] and not targets["boxes"][3:].any()
    labels, offsets = detection.match_anchors(boxes, ANCHORS)
    np.testing.assert_array_equal(targets["anchor_labels"], labels)
    np.testing.assert_array_equal(targets["anchor_offsets"], offsets)


def test_more_objects_than_rows():
    with pytest.raises(ValueError, match="max_boxes=2 is too few for an image of 3 objects"):
        detection.AnchorTargets(ANCHORS, max_boxes=2)(drawn(3), np.zeros(3, int))
