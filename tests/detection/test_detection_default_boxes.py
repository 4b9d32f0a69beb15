"""The default boxes against a loop written from the paper's section 2.2."""

import math

import numpy as np
import pytest

from keras_bam.detection import DefaultBoxes

pytestmark = pytest.mark.once

SSD300 = {  # the authors' code
    "size": 300,
    "maps": (38, 19, 10, 5, 3, 1),
    "steps": (8, 16, 32, 64, 100, 300),
    "smallest": (30, 60, 111, 162, 213, 264),
    "largest": (60, 111, 162, 213, 264, 315),
}
RATIOS = {  # boxes a cell -> ratios
    4: (2,),
    6: (2, 3),
}
COUNTS = [((4, 6, 6, 6, 4, 4), 8_732), ((6, 6, 6, 6, 4, 4), 11_620)]


def boxes(per_cell, **changes):
    ratios = tuple(RATIOS[count] for count in per_cell)
    return DefaultBoxes(**{**SSD300, "ratios": ratios, **changes})


def by_loops(per_cell):
    found = []
    for level, side in enumerate(SSD300["maps"]):
        small, large = SSD300["smallest"][level] / 300, SSD300["largest"][level] / 300
        for row in range(side):
            for column in range(side):
                cx = (column + 0.5) * SSD300["steps"][level] / 300
                cy = (row + 0.5) * SSD300["steps"][level] / 300
                mean = math.sqrt(small * large)
                found += [(cx, cy, small, small), (cx, cy, mean, mean)]
                for ratio in RATIOS[per_cell[level]]:
                    root = math.sqrt(ratio)
                    found.append((cx, cy, small * root, small / root))
                    found.append((cx, cy, small / root, small * root))
    return [[min(max(value, 0), 1) for value in box] for box in found]


@pytest.mark.parametrize("per_cell, count", COUNTS)
def test_equals_the_loop(per_cell, count):
    made = boxes(per_cell)
    assert made.count == count and made.per_cell == per_cell
    assert made.centres.shape == (count, 4) and made.centres.dtype == np.float32
    np.testing.assert_allclose(made.centres, by_loops(per_cell), atol=1e-7)


def test_the_last_map_stands_in_the_middle():
    assert boxes(COUNTS[0][0]).centres[-4:, :2].tolist() == [[0.5, 0.5]] * 4


def test_corners():
    made = boxes(COUNTS[0][0])
    cx, cy, width, height = made.centres[5000].tolist()
    expected = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]
    np.testing.assert_allclose(made.corners[5000], expected, atol=1e-7)


def test_lists_of_a_file_make_the_same():
    lists = {key: list(value) for key, value in SSD300.items() if key != "size"}
    made = DefaultBoxes(**lists, size=300, ratios=[list(RATIOS[4])] * 6)
    assert made == boxes((4,) * 6)


def test_one_value_for_each_map():
    with pytest.raises(ValueError, match=r"steps must have a value for each of the 6 maps, .*\(8,"):
        boxes((4,) * 6, steps=(8, 16))
