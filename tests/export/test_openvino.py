import sys

import numpy as np
import pytest

from keras_bam.export import openvino

pytestmark = pytest.mark.once


@pytest.mark.parametrize("precision, tolerance", [("float32", 1e-6), ("float16", 1e-3)])
def test_precisions(precision, tolerance, graph, network, images, tmp_path):
    openvino.write(graph, tmp_path / "a.xml", precision, None)
    runtime = openvino.load(tmp_path / "a.xml")
    assert runtime.operators["Convolution"] == 9
    found = runtime.run(images)[0]
    np.testing.assert_allclose(found, network.predict(images, verbose=0), atol=tolerance)
    parameters = network.count_params()
    assert sys.modules["openvino_telemetry"] is None  # nothing is reported to its makers
    size = (tmp_path / "a.bin").stat().st_size
    assert size < (5 if precision == "float32" else 3.5) * parameters


def test_unknown_sizes(open_graph, open_network, tmp_path):
    openvino.write(open_graph, tmp_path / "a.xml", "float32", None)
    runtime = openvino.load(tmp_path / "a.xml")
    assert runtime.input_shape == (None, None, None, 3)
    for shape in ((2, 9, 7, 3), (1, 16, 20, 3)):
        images = np.random.default_rng(2).normal(size=shape).astype("float32")
        expected = open_network.predict(images, verbose=0)
        np.testing.assert_allclose(runtime.run(images)[0], expected, atol=1e-6)


def test_a_full_disk(graph, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise RuntimeError("basic_ios::clear: iostream error")  # what it says on a full disk

    monkeypatch.setattr("openvino.save_model", full)
    with pytest.raises(OSError, match="a.xml could not be written: basic_ios::clear"):
        openvino.write(graph, tmp_path / "a.xml", "float32", None)
