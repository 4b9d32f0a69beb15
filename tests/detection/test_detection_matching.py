import numpy as np
import pytest

from keras_bam import detection

pytestmark = pytest.mark.once

# Four cells of a quarter each, with 4 boxes: two squares, one lying, one standing.
BOXES = detection.DefaultBoxes(
    size=100, maps=(2,), steps=(50,), smallest=(50,), largest=(60,), ratios=((2,),)
)


def by_loops(boxes, labels, threshold):
    """The rule of section 2.2, box by box."""
    overlap = detection.overlaps(np.asarray(boxes, np.float32), BOXES.corners)
    owner = [-1] * BOXES.count
    for default in range(BOXES.count):
        best = max(range(len(boxes)), key=lambda i: overlap[i, default])
        if overlap[best, default] >= threshold:
            owner[default] = best
    for one in range(len(boxes)):
        owner[int(np.argmax(overlap[one]))] = one
    expected = np.zeros((BOXES.count, 5), np.float32)
    for default, one in enumerate(owner):
        if one >= 0:
            box = np.asarray(boxes[one], np.float32)
            expected[default, :4] = detection.encode(box, BOXES.centres[default])
            expected[default, 4] = labels[one] + 1
    return expected


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.9])
def test_equals_the_loop(seed, threshold):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.6, (4, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.1, 0.4, (4, 2))], axis=1)
    labels = rng.integers(0, 20, 4)
    targets = detection.match(boxes, labels, BOXES, threshold)
    np.testing.assert_allclose(targets, by_loops(boxes, labels, threshold), atol=1e-6)
    assert targets.dtype == np.float32


def test_every_object_has_a_box_however_small():
    targets = detection.match([[0.6, 0.6, 0.61, 0.61]], [7], BOXES)
    (positive,) = np.nonzero(targets[:, 4])
    assert len(positive) == 1 and targets[positive[0], 4] == 8
    back = detection.decode(targets[positive, :4], BOXES.centres[positive])
    np.testing.assert_allclose(back, [[0.6, 0.6, 0.61, 0.61]], atol=1e-6)


def test_the_later_of_two_objects_has_the_box():
    box = BOXES.corners[0]
    targets = detection.match([box, box], [1, 2], BOXES, threshold=0.99)
    assert targets[:, 4].tolist() == [3] + 15 * [0]


def test_an_image_without_objects_is_background():
    targets = detection.match(np.zeros((0, 4)), np.zeros(0, int), BOXES)
    assert targets.shape == (16, 5) and not targets.any()


@pytest.mark.parametrize(
    "boxes, labels, message",
    [
        ([0.1, 0.1, 0.2, 0.2], [1], r"boxes must have shape \(n, 4\) and labels \(n,\), received"),
        ([[0.1, 0.1, 0.2, 0.2]], [1, 2], r"received \(1, 4\) and \(2,\)"),
        ([], [], r"without objects they are \(0, 4\) and \(0,\)"),
        ([[0, 0, 1, 1], [0.2, 0, 0.1, 1]], [1, 1], r"boxes\[1\] is .*needs finite corners x1 < x2"),
        ([[0, 0, 1, 0]], [1], r"boxes\[0\] is \[0.0, 0.0, 1.0, 0.0\]"),
        ([[0, 0, np.nan, 1]], [1], r"boxes\[0\] is .*nan"),
        ([[0, 0, np.inf, 1]], [1], r"boxes\[0\] is .*inf"),
        ([[0, 0, 1, 1]], [-1], "labels count from 0 and have no background, received -1"),
    ],
)
def test_wrong_objects(boxes, labels, message):
    with pytest.raises(ValueError, match=message):
        detection.match(boxes, labels, BOXES)
