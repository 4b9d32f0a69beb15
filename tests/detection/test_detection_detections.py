"""Detections against the steps of SSD's test, one by one in NumPy."""

import keras
import numpy as np
import pytest
from test_detection_suppression import greedy

from keras_bam import detection

BOXES = detection.DefaultBoxes(
    size=100, maps=(4, 2), steps=(25, 50), smallest=(30, 50), largest=(50, 90), ratios=((2,), (2,))
)
CLASSES = 3
KEYS = ("boxes", "scores", "classes", "count")


def outputs(images=2, seed=0):
    drawn = np.random.default_rng(seed).normal(size=(images, BOXES.count, 5 + CLASSES))
    return (2 * drawn).astype("float32")


def model_of(**settings):
    image = keras.Input((BOXES.count, 5 + CLASSES))
    return keras.Model(image, detection.Detections(BOXES, **settings)(image))


def by_steps(output, score_threshold, iou_threshold, candidates, max_detections):
    """Of one image: (score, class, box), best first."""
    exponentials = np.exp(output[:, 4:].astype("float64"))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    boxes = detection.decode(output[:, :4], BOXES.centres)
    found = []
    for label in range(CLASSES):
        scores = probabilities[:, label + 1]
        first = np.argsort(-scores, kind="stable")[:candidates]
        kept = greedy(boxes[first], scores[first], max_detections, iou_threshold, score_threshold)
        found += [(scores[i], label, boxes[i]) for i in first[kept]]
    return sorted(found, key=lambda one: -one[0])[:max_detections]


@pytest.mark.parametrize(
    "settings",
    [
        (0.01, 0.45, 400, 200),
        (0.2, 0.3, 20, 7),
        (0.9, 0.45, 5, 30),
    ],
)
def test_equals_the_steps(settings):
    """`predict` runs compiled where the backend compiles."""
    names = ("score_threshold", "iou_threshold", "candidates", "max_detections")
    found = model_of(**dict(zip(names, settings, strict=True))).predict(outputs(), verbose=0)
    assert found["classes"].dtype == found["count"].dtype == np.int32
    assert found["boxes"].shape == (2, settings[-1], 4)
    for image, output in enumerate(outputs()):
        expected = by_steps(output, *settings)
        count = found["count"][image]
        assert count == len(expected)
        scores, classes, boxes = zip(*expected, strict=True)
        np.testing.assert_allclose(found["scores"][image, :count], scores, rtol=1e-5)
        assert found["classes"][image, :count].tolist() == list(classes)
        np.testing.assert_allclose(found["boxes"][image, :count], boxes, atol=1e-5)
        assert not found["scores"][image, count:].any() and not found["boxes"][image, count:].any()
        assert (found["classes"][image, count:] == -1).all()


def test_nothing_found():
    background = np.zeros((1, BOXES.count, 5 + CLASSES), "float32")
    background[..., 4] = 50
    found = model_of().predict(background, verbose=0)
    assert found["count"].tolist() == [0] and (found["classes"] == -1).all()


def test_outputs_that_are_no_numbers_are_not_found():
    broken = outputs(1)
    broken[0, 3] = np.nan
    found = model_of().predict(broken, verbose=0)
    assert np.isfinite(found["scores"]).all() and found["count"][0] > 0


def test_encoded_objects_are_found_again():
    objects = np.array([[0.1, 0.2, 0.4, 0.6], [0.5, 0.5, 0.9, 0.95]], np.float32)
    targets = detection.match(objects, np.array([2, 0]), BOXES)
    logits = 20 * np.eye(1 + CLASSES)[targets[:, 4].astype(int)]
    perfect = np.concatenate([targets[:, :4], logits], axis=1)[None].astype("float32")
    found = model_of().predict(perfect, verbose=0)
    assert found["count"][0] == 2
    order = np.argsort(-found["classes"][0, :2])
    np.testing.assert_allclose(found["boxes"][0, :2][order], objects, atol=1e-5)
    assert found["classes"][0, :2][order].tolist() == [2, 0]


def test_a_file_has_the_boxes(tmp_path):
    model = model_of(max_detections=9, candidates=50)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    assert copy.layers[-1].get_config() == model.layers[-1].get_config()
    assert copy.layers[-1].default_boxes == BOXES
    results = [m.predict(outputs(), verbose=0) for m in (model, copy)]
    for key in KEYS:
        np.testing.assert_array_equal(*(result[key] for result in results))


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"score_threshold": 1}, "score_threshold must be a number of at least 0 and below 1"),
        ({"iou_threshold": -0.1}, "iou_threshold must be a number of at least 0 and below 1"),
        ({"candidates": 0}, "candidates must be a positive integer, received 0"),
        ({"max_detections": 1.5}, "max_detections must be a positive integer, received 1.5"),
    ],
)
def test_wrong_arguments(settings, message):
    with pytest.raises(ValueError, match=message):
        detection.Detections(BOXES, **settings)


def test_outputs_of_other_default_boxes():
    with pytest.raises(ValueError, match=r"takes outputs \(batch, 80, 4 \+ 1 \+ classes\)"):
        detection.Detections(BOXES)(keras.Input((79, 8)))
