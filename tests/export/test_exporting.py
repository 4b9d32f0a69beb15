import dataclasses
import re

import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.export import exporting, format_of, open_file
from keras_bam.export.formats import FORMATS

PATHS = ["folder", "file.tflite", "file.onnx", "file.xml"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("path", PATHS)
def test_every_format_from_this_backend(path, network, images, tmp_path):
    exported = keras_bam.export_model(network, tmp_path / path, calibration=images)
    assert exported.path == tmp_path / path and exported.format == format_of(path)
    expected = network.predict(images, verbose=0)
    assert 0 <= exported.largest_difference < 1e-5 * expected.max()
    assert 0 < exported.latency < 1
    assert sum(exported.operators.values()) > 20
    files = [entry for entry in tmp_path.rglob("*") if entry.is_file()]
    assert exported.size == sum(entry.stat().st_size for entry in files) > 1000
    runtime = open_file(tmp_path / path)
    assert runtime.input_shape == (None, 12, 16, 3)
    (found,) = runtime.predict(images, batch_size=2)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert "file.bin" in names(tmp_path) or names(tmp_path) == [path]


def test_what_is_printed(tmp_path):
    whole = exporting.Exported(
        tmp_path, "onnx", "float32", 1234567, {"Add": 1, "Conv": 9}, 1.23e-7, 0.0045
    )
    assert str(whole) == (
        f"{tmp_path}: onnx, float32, 1,234,567 bytes\n"
        "largest difference from model.predict: 1.2e-07\n"
        "one image: 4.50 ms\n"
        "operators: 9 Conv, 1 Add"
    )
    unproven = dataclasses.replace(whole, operators=None, largest_difference=None, latency=None)
    assert str(unproven) == f"{tmp_path}: onnx, float32, 1,234,567 bytes"


@pytest.fixture
def stand_in(monkeypatch):
    """Nothing is converted: the file is empty, and its runtime is what the test says."""

    def install(load, write=lambda graph, path, precision, calibration: path.touch()):
        row = dataclasses.replace(FORMATS["onnx"], write=write, load=load)
        monkeypatch.setitem(FORMATS, "onnx", row)
        for name in ("write_graph", "write_graph_in_child"):
            monkeypatch.setattr(exporting, name, lambda *arguments: None)

    return install


class Computed:
    """A runtime that gives what the network gives, off by `error`."""

    operators = {"Add": 1}

    def __init__(self, network, error):
        self.run = lambda images: [network.predict(images, verbose=0) + np.float32(error)]


def test_a_file_that_differs_is_not_handed_over(network, tmp_path, stand_in):
    stand_in(lambda path: Computed(network, 1e-3))
    with pytest.raises(
        ValueError,
        match="onnx file of 'both_forms' differs from model.predict by 0.001, more than the .*"
        "that precision='float32' explains; no file was left",
    ):
        keras_bam.export_model(network, tmp_path / "a.onnx")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "error, message",
    [
        (RuntimeError("no such layout"), "the onnx file of 'both_forms' does not run: no such lay"),
        (ValueError("as it is"), "^as it is$"),
    ],
)
def test_a_file_that_does_not_run(error, message, network, tmp_path, stand_in):
    def load(path):
        raise error

    stand_in(load)
    with pytest.raises(ValueError, match=message):
        keras_bam.export_model(network, tmp_path / "a.onnx")
    assert names(tmp_path) == []


def test_a_converter_that_fails(network, tmp_path, stand_in):
    def write(graph, path, precision, calibration):
        raise RuntimeError("no such layout")

    stand_in(None, write)
    message = "the converter to onnx fails on 'both_forms': no such layout"
    with pytest.raises(ValueError, match=message):
        keras_bam.export_model(network, tmp_path / "a.onnx")
    assert names(tmp_path) == []


def test_without_proof(network, tmp_path, stand_in):
    stand_in(lambda path: Computed(network, 1e-3))
    exported = keras_bam.export_model(network, tmp_path / "a.onnx", verify=False)
    assert exported.operators is exported.largest_difference is exported.latency is None
    assert names(tmp_path) == ["a.onnx"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_was_there_survives_a_full_disk_and_ctrl_c(error, network, tmp_path, stand_in):
    def write(graph, path, precision, calibration):
        path.write_text("half a fi")
        raise error

    stand_in(None, write)
    (tmp_path / "a.onnx").write_text("before")
    with pytest.raises(type(error)):
        keras_bam.export_model(network, tmp_path / "a.onnx")
    assert names(tmp_path) == ["a.onnx"]
    assert (tmp_path / "a.onnx").read_text() == "before"


def test_a_model_that_gives_nan(tmp_path, stand_in):
    image = keras.Input((4,))
    broken = keras.Model(image, keras.layers.Dense(2, bias_initializer="ones")(image), name="b")
    broken.layers[1].bias.assign([1.0, np.nan])
    stand_in(lambda path: Computed(broken, 0))
    with pytest.raises(ValueError, match="'b' gives NaN or infinity, which no file can be comp"):
        keras_bam.export_model(broken, tmp_path / "a.onnx")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "path, arguments, message",
    [
        ("a.h5", {}, "path=.*a.h5' has the suffix '.h5', which says no format; known are none, a"),
        ("a.onnx", {"format": "onxx"}, "format must be one of .*received 'onxx'"),
        ("a.onnx", {"precision": "int8"}, "precision of onnx must be one of \\['float32'\\], rec"),
        ("a.onnx", {"dynamic_batch": 1}, "dynamic_batch must be True or False, received 1"),
        ("a.onnx", {"dynamic_size": None}, "dynamic_size must be True or False, received None"),
    ],
)
def test_mistakes(path, arguments, message, network, tmp_path):
    with pytest.raises(ValueError, match=message):
        keras_bam.export_model(network, tmp_path / path, **arguments)
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_package_is_named(name, network, tmp_path, monkeypatch):
    module = FORMATS[name].modules[-1]
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda asked: None if asked == module else object()
    )
    package = re.escape(module.replace("_", "-"))
    with pytest.raises(
        ModuleNotFoundError, match=f"{package} is not installed: .*'keras-bam\\[export\\]'"
    ):
        keras_bam.export_model(network, tmp_path / "a", format=name)
    assert names(tmp_path) == []
