import pytest

from keras_bam import detection

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("proposals", 0, "proposals must be a positive integer, received 0"),
        ("samples", 2.5, "samples must be a positive integer, received 2.5"),
        ("iou_threshold", 1.5, "iou_threshold must be a number of at least 0 and below 1"),
        ("random_samples", 1, "random_samples must be True or False, received 1"),
    ],
)
def test_wrong_values(name, value, message):
    with pytest.raises(ValueError, match=message):
        detection.TwoStageSettings(**{name: value})


@pytest.mark.parametrize("name", ["proposals", "training_proposals", "anchor_samples"])
def test_more_than_there_are_anchors(name):
    settings = detection.TwoStageSettings(**{name: 2001})
    settings.check(2001)
    with pytest.raises(ValueError, match=f"{name}=2001, but this canvas has 2000 anchors: pass"):
        settings.check(2000)
