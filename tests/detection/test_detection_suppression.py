"""Suppression against the greedy loop over pairs."""

import keras
import numpy as np
import pytest

from keras_bam import detection


def greedy(boxes, scores, most, iou_threshold, score_threshold):
    """Indices of one row, best first."""
    order = [i for i in np.argsort(-scores, kind="stable") if scores[i] > score_threshold]
    kept: list[int] = []
    for index in order:
        overlaps = (detection.overlaps(boxes[[index]], boxes[[other]])[0, 0] for other in kept)
        if all(overlap <= iou_threshold for overlap in overlaps):
            kept.append(int(index))
    return kept[:most]


def drawn(rows, count, seed=0, tied=False):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.7, (rows, count, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.05, 0.3, (rows, count, 2))], axis=-1)
    scores = rng.uniform(size=(rows, count))
    if tied:
        scores = np.round(scores * 4) / 4
    return boxes.astype("float32"), scores.astype("float32")


def suppressed(boxes, scores, *arguments):
    """Lists of the indices kept in each row; checks what fills up the rows."""
    tensors = keras.ops.convert_to_tensor(boxes), keras.ops.convert_to_tensor(scores)
    indices, kept = detection.non_max_suppression(*tensors, *arguments)
    indices, kept = (keras.ops.convert_to_numpy(x) for x in (indices, kept))
    assert indices.shape == kept.shape == (len(boxes), arguments[0])
    assert indices.dtype == np.int32 and kept.dtype == bool
    assert not indices[~kept].any()
    assert (np.diff(kept.astype(int), axis=1) <= 0).all()  # those kept come first
    return [row[there].tolist() for row, there in zip(indices, kept, strict=True)]


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(
    "most, iou_threshold, score_threshold", [(60, 0.45, 0.3), (7, 0.3, -1.0), (80, 0.0, -1.0)]
)
def test_equals_the_greedy_loop(tied, most, iou_threshold, score_threshold):
    boxes, scores = drawn(3, 60, tied=tied)
    expected = [
        greedy(*row, most, iou_threshold, score_threshold)
        for row in zip(boxes, scores, strict=True)
    ]
    assert suppressed(boxes, scores, most, iou_threshold, score_threshold) == expected


def test_of_identical_boxes_the_first_best_remains():
    boxes = np.tile(np.array([0.1, 0.1, 0.4, 0.4], "float32"), (2, 5, 1))
    scores = np.array([[0.5] * 5, [0.1, 0.2, 0.9, 0.9, 0.3]], "float32")
    assert suppressed(boxes, scores, 3, 0.5) == [[0], [2]]


def test_an_overlap_of_just_the_threshold_is_kept():
    boxes = np.array([[[0, 0, 2, 1], [1, 0, 2, 1]]], "float32")  # a half
    scores = np.array([[0.9, 0.8]], "float32")
    assert suppressed(boxes, scores, 2, 0.5) == [[0, 1]]
    assert suppressed(boxes, scores, 2, 0.49) == [[0]]


def test_boxes_without_area_overlap_nothing():
    boxes = np.zeros((1, 3, 4), "float32")
    assert suppressed(boxes, np.array([[0.1, 0.3, 0.2]], "float32"), 3, 0.5) == [[1, 2, 0]]


@pytest.mark.parametrize("count", [0, 4])
def test_nothing_to_keep(count):
    boxes, scores = drawn(2, count)
    assert suppressed(boxes, scores, 3, 0.5, 1.0) == [[], []]


def test_negative_scores_count_without_a_threshold():
    boxes, scores = drawn(1, 5)
    assert len(suppressed(boxes, scores - 5, 5, 1.0)[0]) == 5


@pytest.mark.parametrize(
    "box_shape, score_shape, most, iou_threshold, message",
    [
        ((5, 4), (5,), 3, 0.5, r"boxes must have shape \(batch, n, 4\) and scores \(batch, n\)"),
        ((1, 5, 4), (1, 4), 3, 0.5, r"received \(1, 5, 4\) and \(1, 4\)"),
        ((1, 5, 4), (1, 5), 0, 0.5, "max_detections must be a positive integer, received 0"),
        ((1, 5, 4), (1, 5), 3, 1.5, "iou_threshold must lie between 0 and 1, received 1.5"),
    ],
)
def test_wrong_arguments(box_shape, score_shape, most, iou_threshold, message):
    with pytest.raises(ValueError, match=message):
        detection.non_max_suppression(
            np.zeros(box_shape, "f4"), np.zeros(score_shape, "f4"), most, iou_threshold
        )
