"""Faster R-CNN in files: proposals, RoIAlign, decoding and suppression in the file."""

import draws
import numpy as np
import pytest
import tiny_two_stage

import keras_bam
from keras_bam.export import open_file
from keras_bam.export.detection_order import in_order_of

# What differs between backends, the way to TensorFlow's graph, other tests in this folder hold.
pytestmark = pytest.mark.once


@pytest.mark.parametrize("path", ["file.tflite", "file.onnx"])
def test_detections_in_the_file(path, tmp_path):
    model = tiny_two_stage.detector(freeze_batch_norms=True)
    for seed, part in enumerate((model.trunk, model.proposer, model.head)):
        draws.weights(part, seed)
    exported = keras_bam.export_model(model, tmp_path / path)
    assert exported.largest_difference < 1e-4
    images = tiny_two_stage.batch(model)[0]["images"]
    expected = model.predict(images, verbose=0)
    assert expected["count"].min() > 1
    expected = [expected[name] for name in sorted(expected)]
    found = in_order_of(expected, open_file(tmp_path / path).predict(images))
    for values, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(values, wanted, atol=1e-4)
