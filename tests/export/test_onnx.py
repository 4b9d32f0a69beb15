import numpy as np
import pytest

from keras_bam.export import onnx

pytestmark = pytest.mark.once


def test_operators(graph, tmp_path):
    onnx.write(graph, tmp_path / "a.onnx", "float32", None)
    runtime = onnx.load(tmp_path / "a.onnx")
    assert runtime.input_shape == (None, 12, 16, 3)
    assert runtime.operators["Conv"] == 9
    assert not {"BatchNormalization", "Sqrt", "Sub", "Div"} & set(runtime.operators)


def test_unknown_sizes(open_graph, open_network, tmp_path):
    """ONNX Runtime refuses "same" padding of dilated convolutions; ours says it in numbers."""
    onnx.write(open_graph, tmp_path / "a.onnx", "float32", None)
    runtime = onnx.load(tmp_path / "a.onnx")
    assert runtime.input_shape == (None, None, None, 3)
    for shape in ((2, 9, 7, 3), (1, 16, 20, 3)):
        images = np.random.default_rng(2).normal(size=shape).astype("float32")
        expected = open_network.predict(images, verbose=0)
        np.testing.assert_allclose(runtime.run(images)[0], expected, atol=1e-6)
