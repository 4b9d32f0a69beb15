import warnings

import pytest

from keras_bam.data.objects import BoxChecks

NAN, INFINITE = float("nan"), float("inf")
BAD = [
    ((NAN, 1, 2, 3), "is not finite"),
    ((0, 1, 2, INFINITE), "is not finite"),
    ((5, 1, 4, 3), "is reversed"),
    ((1, 5, 4, 3), "is reversed"),
    ((4, 1, 4, 3), "has no area"),
    ((1, 3, 4, 3), "has no area"),
    ((20, 1, 25, 3), "lies outside of its image of 10 x 20 pixels"),
    ((-5, -5, -1, 8), "lies outside of its image of 10 x 20 pixels"),
]


@pytest.mark.parametrize("box, fault", BAD)
def test_bad_boxes_are_left_out_or_fatal(box, fault):
    checks = BoxChecks()
    assert checks.accept(box, 10, 20, "a.xml, object 2") is None
    (line,) = checks.found
    assert line == f"a.xml, object 2: the box {box} {fault}"
    with pytest.raises(ValueError, match=f"a.xml, object 2: the box .* {fault}; correct it, or"):
        BoxChecks("raise").accept(box, 10, 20, "a.xml, object 2")


@pytest.mark.parametrize("on_bad_box", ["drop", "raise"])
@pytest.mark.parametrize(
    "box, kept",
    [
        ((0, 0, 20, 10), (0, 0, 20, 10)),
        ((3.5, 1, 4, 3), (3.5, 1, 4, 3)),
        ((-1, -0.5, 20.5, 11), (0, 0, 20, 10)),  # rounding
    ],
)
def test_good_boxes(on_bad_box, box, kept):
    checks = BoxChecks(on_bad_box)
    assert checks.accept(box, 10, 20, "here") == kept
    assert checks.found == []


def test_a_box_that_reaches_out_is_cut_off_and_told():
    checks = BoxChecks()
    assert checks.accept((-3, 2, 9, 12), 10, 20, "here") == (0, 2, 9, 10)
    assert checks.found == [
        "here: the box (-3, 2, 9, 12) reaches out of its image of 10 x 20 pixels"
    ]
    with pytest.raises(ValueError, match="here: the box .* reaches out of its image"):
        BoxChecks("raise").accept((-3, 2, 9, 12), 10, 20, "here")


def test_pixels_that_count_from_1():
    checks = BoxChecks("raise")
    assert checks.accept((1, 1, 20, 10), 10, 20, "here", first=1) == (0, 0, 20, 10)
    assert checks.accept((3, 4, 4, 6), 10, 20, "here", first=1) == (2, 3, 4, 6)
    assert checks.accept((0, 0, 4, 6), 10, 20, "here", first=1) == (0, 0, 4, 6)  # it counts from 0
    with pytest.raises(ValueError, match="has no area"):
        checks.accept((3, 4, 3, 4), 10, 20, "here", first=1)


def test_one_warning_in_all():
    checks = BoxChecks()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checks.warn("here")
    for place in range(3):
        checks.accept((1, 1, 1, 1), 10, 20, f"object {place}")
    with pytest.warns(UserWarning, match="3 bad boxes of here were .*; the first: object 0: the b"):
        checks.warn("here")


def test_another_wish():
    with pytest.raises(ValueError, match="on_bad_box must be 'drop' or 'raise', got 'skip'"):
        BoxChecks("skip")
