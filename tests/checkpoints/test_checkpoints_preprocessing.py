"""What keras.applications and PyTorch do to an image, against ours."""

import keras
import numpy as np
import pytest

from keras_bam.checkpoints.preprocessing import CAFFE, TENSORFLOW, TORCH
from keras_bam.data import normalize

THEIRS = [
    (CAFFE, keras.applications.resnet.preprocess_input),
    (TENSORFLOW, keras.applications.mobilenet.preprocess_input),
    (TORCH, keras.applications.densenet.preprocess_input),  # the mode "torch"
]


@pytest.mark.parametrize("ours, theirs", THEIRS)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_preprocessing(ours, theirs, data_format, monkeypatch):
    monkeypatch.setattr(keras.config, "image_data_format", lambda: data_format)
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
    expected = theirs(images.astype("float32"), data_format="channels_last")
    given = normalize(images, ours.mean, ours.std)
    if data_format == "channels_first":
        expected, given = expected.transpose(0, 3, 1, 2), given.transpose(0, 3, 1, 2)
    image = keras.Input(given.shape[1:])
    model = ours.in_front_of(keras.Model(image, keras.layers.Identity()(image), name="mine"))
    assert model.name == "mine"
    result = keras.ops.convert_to_numpy(model(given))
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-4)
