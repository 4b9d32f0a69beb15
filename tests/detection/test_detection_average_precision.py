"""Cases worked by hand."""

import numpy as np
import pytest

from keras_bam.detection import Detected, Objects, coco_average_precision, voc_average_precision

pytestmark = pytest.mark.once

A, B, C = [0, 0, 10, 10], [20, 20, 30, 30], [50, 50, 70, 70]
ELSEWHERE = [200, 200, 210, 210]


def found(*boxes_and_scores, label=0):
    boxes = np.array([box for box, _ in boxes_and_scores], np.float32).reshape(-1, 4)
    scores = np.array([score for _, score in boxes_and_scores], np.float32)
    return Detected(boxes, scores, np.full(len(scores), label))


def there(*boxes, label=0, difficult=None):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    return Objects(boxes, np.full(len(boxes), label), difficult)


CASES = {  # detected, objects, AP at eleven points, area
    "perfect": ([found((A, 0.9), (B, 0.8))], [there(A, B)], 1, 1),
    # Precision 0, 1/2, 2/3 at recalls 0, 1/2, 1: the best of them is 2/3 everywhere.
    "a wrong one above": (
        [found((ELSEWHERE, 0.95), (A, 0.9), (B, 0.8))],
        [there(A, B)],
        2 / 3,
        2 / 3,
    ),
    # 1 to recall 1/2, which six points reach, then 2/3.
    "a wrong one between": (
        [found((A, 0.9), (ELSEWHERE, 0.85), (B, 0.8))],
        [there(A, B)],
        (6 + 5 * 2 / 3) / 11,
        (1 + 2 / 3) / 2,
    ),
    # The second hit of A is wrong: 1 to recall 1/2, then 2/3.
    "a duplicate": (
        [found((A, 0.9), (A, 0.85), (B, 0.8))],
        [there(A, B)],
        (6 + 5 * 2 / 3) / 11,
        (1 + 2 / 3) / 2,
    ),
    "half of them": ([found((A, 0.9))], [there(A, B)], 6 / 11, 1 / 2),
    # The detection of B counts for nothing, nor does B.
    "a difficult one": (
        [found((B, 0.95), (B, 0.94), (A, 0.9))],
        [there(A, B, difficult=np.array([False, True]))],
        1,
        1,
    ),
    # Scores order the detections of all images: right, wrong, right.
    "two images": (
        [found((A, 0.7)), found((B, 0.9), (ELSEWHERE, 0.8))],
        [there(A), there(B)],
        (6 + 5 * 2 / 3) / 11,
        (1 + 2 / 3) / 2,
    ),
    "nothing found": ([found()], [there(A)], 0, 0),
    "only wrong ones": ([found((ELSEWHERE, 0.5)), found((A, 0.4))], [there(A), there()], 0, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    detected, objects, eleven, area = CASES[case]
    assert voc_average_precision(detected, objects, 1) == pytest.approx([eleven])
    result = voc_average_precision(detected, objects, 1, eleven_points=False)
    assert result == pytest.approx([area])


def test_recalls_in_tenths_are_reached():
    """Ten objects of which the first three are found."""
    boxes = [[20 * i, 0, 20 * i + 10, 10] for i in range(10)]
    detected = found(*((box, 0.9 - 0.1 * i) for i, box in enumerate(boxes[:3])))
    assert voc_average_precision([detected], [there(*boxes)], 1) == pytest.approx([4 / 11])


def test_a_detection_belongs_to_the_object_it_overlaps_most():
    """The second overlaps both by half or more, mostly A, which is found already."""
    large, near = [0, 0, 10, 10], [0, 0, 10, 15]
    detected = found((large, 0.9), ([0, 0, 10, 12], 0.8))
    assert voc_average_precision([detected], [there(large, near)], 1, eleven_points=False) == 0.5


def test_each_class_by_itself():
    detected = [found((A, 0.9), label=1), found((B, 0.9), label=0)]
    objects = [there(A, label=0), there(B, label=0)]
    result = voc_average_precision(detected, objects, 3, eleven_points=False)
    assert result[0] == 0.5 and np.isnan(result[1:]).all()


def test_the_threshold_itself_is_enough_and_pixels_are_counted_inclusively():
    """Half overlap: 10 of 20 columns; 5 of 10 become 6 of 11 with the last pixel."""
    half = found(([0, 0, 5, 10], 0.9))
    assert voc_average_precision([half], [there(A)], 1) == 1
    assert voc_average_precision([half], [there(A)], 1, iou_threshold=0.51) == 0
    assert voc_average_precision([half], [there(A)], 1, iou_threshold=0.54, inclusive=True) == 1


@pytest.mark.parametrize("measure", [voc_average_precision, coco_average_precision])
@pytest.mark.parametrize(
    "detected, objects, message",
    [
        ([found()], [], "detected has 1 images and objects 0"),
        ([found((A, 0.5), label=1)], [there(A)], r"detected\[0\] has classes 1 to 1, where"),
        ([found()], [there(A, label=-1)], r"objects\[0\] has classes -1 to -1, where classes=1"),
        ([found((A, np.nan))], [there(A)], r"detected\[0\].scores must be finite"),
        ([Detected(np.zeros((1, 4)), np.zeros(2), np.zeros(1))], [there()], r"detected\[0\] must"),
        ([found()], [Objects(np.zeros(4), np.zeros(4))], r"objects\[0\] must have boxes of shape"),
        ([found()], [there(A, difficult=np.zeros(2))], r"objects\[0\] must have boxes of shape"),
    ],
)
def test_what_is_refused(measure, detected, objects, message):
    with pytest.raises(ValueError, match=message):
        measure(detected, objects, 1)


def test_relative_boxes_are_no_pixels():
    relative = there([0.1, 0.1, 0.5, 0.5])
    with pytest.raises(ValueError, match="inclusive=True counts pixels, and these boxes are rela"):
        voc_average_precision([found()], [relative], 1, inclusive=True)
