import keras
import numpy as np
import pytest
import tiny

from keras_bam import detection


def test_of_a_detector_with_default_boxes():
    model = tiny.detector()
    task = detection.task_of(model)
    boxes = detection.default_boxes_of(model)
    assert (task.model, task.classes, task.batches["size"]) == (model, 3, 32)
    objects, labels = np.array([[0.1, 0.2, 0.6, 0.9]], "float32"), np.array([2])
    np.testing.assert_array_equal(
        task.batches["encode"](objects, labels), detection.match(objects, labels, boxes)
    )
    task.compile("sgd")
    images = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    targets = np.stack([task.batches["encode"](objects, labels)] * 2)
    logs = model.train_on_batch(images, targets, return_dict=True)
    assert set(logs) == {"loss", "localization_loss"}
    found = task.detect(images)
    expected = detection.with_detections(model).predict_on_batch(images)
    assert set(found) == {"boxes", "scores", "classes", "count"}
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def test_of_a_model_that_has_its_own():
    class Own(keras.Model):
        def detection_task(self):
            return "its own"

    assert detection.task_of(Own()) == "its own"


def test_of_a_classifier():
    with pytest.raises(ValueError, match="'linear' has no MultiboxOutput"):
        detection.task_of(tiny.linear())
