"""Detectors in files: the raw output, and decoding and suppression in the file."""

import keras
import numpy as np
import pytest
import tiny

import keras_bam
from keras_bam import applications, detection
from keras_bam.data import batches_of
from keras_bam.export import open_file

# What differs between backends, the way to TensorFlow's graph, other tests in this folder hold.
pytestmark = pytest.mark.once
FILES = ["file.tflite", "file.onnx"]


@pytest.fixture(scope="module")
def images():
    shapes = tiny.shapes(test=4)
    return batches_of(shapes, shapes.test, 4)[0][0]


@pytest.mark.parametrize("path", FILES)
def test_raw_output_and_decoding_beside_it(path, images, tmp_path):
    keras.utils.set_random_seed(0)
    model = applications.StairNet96Small(input_shape=(32, 32, 3), classes=3, attention="bam")
    keras_bam.export_model(model, tmp_path / path, calibration=images)
    (found,) = open_file(tmp_path / path).predict(images)
    expected = model.predict(images, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    layer = detection.Detections(detection.default_boxes_of(model))
    beside, whole = layer(found), detection.with_detections(model).predict(images, verbose=0)
    for name, values in whole.items():
        beside_values = keras.ops.convert_to_numpy(beside[name])
        np.testing.assert_allclose(beside_values, values, atol=1e-4)


@pytest.mark.parametrize("path", FILES)
def test_detections_in_the_file(path, images, tmp_path):
    keras.utils.set_random_seed(0)
    model = detection.with_detections(tiny.detector(), candidates=20, max_detections=10)
    exported = keras_bam.export_model(model, tmp_path / path, calibration=images)
    assert exported.largest_difference < 1e-5
    found = open_file(tmp_path / path).predict(images)
    expected = model.predict(images, verbose=0)
    assert expected["count"].min() > 0
    # Outputs have the order of the dict's sorted names.
    for values, name in zip(found, sorted(expected), strict=True):
        np.testing.assert_allclose(values, expected[name], atol=1e-5)
