import keras
import numpy as np
import pytest

from keras_bam import export_model
from keras_bam.export import tflite

pytestmark = pytest.mark.once

# A BAM has four convolutions, two dense layers, a pooling, a sigmoid, and an addition and a
# multiplication with the features; the paper's form adds the logits, the official multiplies them.
# Around the two: a convolution, a pooling, a dense layer with softmax.
NETWORK = {"CONV_2D": 9, "FULLY_CONNECTED": 5, "MEAN": 3, "LOGISTIC": 2, "ADD": 3, "MUL": 3}


@pytest.fixture(scope="module")
def files(graph, images, tmp_path_factory):
    """-> the file of a precision, written once."""
    folder = tmp_path_factory.mktemp("tflite")

    def written(precision):
        path = folder / f"{precision}.tflite"
        if not path.exists():
            tflite.write(graph, path, precision, images)
        return path

    return written


def test_operators_with_an_unknown_batch(files):
    """One CONV_2D a convolution, batch norm folded into it, and nothing between but EXPAND_DIMS of
    the channel logits, which moves no data."""
    runtime = tflite.load(files("float32"))
    assert runtime.input_shape == (None, 12, 16, 3)
    assert runtime.operators == {**NETWORK, "SOFTMAX": 1, "EXPAND_DIMS": 4}


def test_operators_with_unknown_sizes(open_graph, open_network, tmp_path):
    tflite.write(open_graph, tmp_path / "a.tflite", "float32", None)
    runtime = tflite.load(tmp_path / "a.tflite")
    assert runtime.input_shape == (None, None, None, 3)
    assert runtime.operators == {**NETWORK, "SOFTMAX": 1, "EXPAND_DIMS": 4}
    for shape in ((2, 9, 7, 3), (1, 16, 20, 3)):
        images = np.random.default_rng(2).normal(size=shape).astype("float32")
        expected = open_network.predict(images, verbose=0)
        np.testing.assert_allclose(runtime.run(images)[0], expected, atol=1e-6)


@pytest.mark.parametrize(
    "precision, more, difference",
    [  # difference of probabilities: two or three times what we measured
        ("float16", {"DEQUANTIZE"}, 1e-3),
        ("dynamic_int8", set(), 1e-2),
        ("int8", {"QUANTIZE", "DEQUANTIZE"}, 3e-2),
        ("int16x8", {"QUANTIZE", "DEQUANTIZE"}, 1e-2),
    ],
)
def test_precisions(precision, more, difference, files, network, images):
    runtime = tflite.load(files(precision))
    assert set(runtime.operators) == {*NETWORK, "SOFTMAX", "EXPAND_DIMS", *more}
    assert runtime.operators["CONV_2D"] == NETWORK["CONV_2D"]
    expected = network.predict(images, verbose=0)
    found = runtime.predict(images, batch_size=3)[0]
    assert found.dtype == "float32"
    assert 0 < np.abs(found - expected).max() < difference


def test_int8_holds_int8(files):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(files("int8")))
    interpreter.allocate_tensors()
    kinds = {np.dtype(entry["dtype"]).name for entry in interpreter.get_tensor_details()}
    assert kinds == {"float32", "int8", "int32"}
    images = interpreter.get_input_details()[0]["index"]
    outputs = interpreter.get_output_details()[0]["index"]
    floats = [
        entry["index"] for entry in interpreter.get_tensor_details() if entry["dtype"] is np.float32
    ]
    assert sorted(floats) == sorted([images, outputs])


@pytest.mark.slow
def test_a_layer_that_is_never_active_in_calibration(tmp_path):
    image = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    never = keras.layers.Dense(2, "relu", bias_initializer=keras.initializers.Constant(-1e3))
    model = keras.Model(image, keras.layers.Dense(3)(never(pooled)))
    images = np.random.default_rng(0).random((16, 8, 8, 3), "float32")
    path = tmp_path / "model.tflite"
    with pytest.raises(ValueError, match="XNNPACK does not take .* a ReLU that is never active"):
        export_model(model, path, precision="int8", calibration=images)
    assert not path.exists()
