"""Whole networks with modules that start at nothing compute what they computed."""

import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.layers import BAM

LONG = [pytest.mark.slow, pytest.mark.once]
SLOW = [
    *("DenseNet121", "EfficientNetB0", "MobileNet", "ConvNeXtTiny", "ResNet50", "VGG16"),
]


@pytest.mark.parametrize(
    "name", ["MobileNetV2", *(pytest.param(name, marks=LONG) for name in SLOW)]
)
def test_nothing_is_lost(name, numpy_draws):
    model = getattr(keras.applications, name)(
        weights=None, include_top=False, input_shape=(64, 64, 3)
    )
    new = keras_bam.insert(model, BAM(reduction_ratio=4, layer_scale_init_value=0))
    x = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype("float32")
    expected, eager = (keras.ops.convert_to_numpy(m(x, training=False)) for m in (model, new))
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_array_equal(eager, expected)
    expected, compiled = (m.predict(x, verbose=0) for m in (model, new))
    # Compilers fuse differently around the modules.
    assert np.abs(compiled - expected).max() <= 1e-6 * np.abs(expected).max()
