"""Graphs made by hand: the same numbers before and after, and what became of the operators."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from keras_bam.export.onnx_padding import pad_in_pooling, say_padding

pytestmark = pytest.mark.once

IMAGES = np.random.default_rng(0).normal(size=(2, 3, 9, 7)).astype("float32") - 1
PADS = np.array([0, 0, 1, 0, 0, 0, 1, 2], "int64")


def graph(*nodes, **constants):
    shape = ["batch", 3, "height", "width"]
    features = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)
    result = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    initializers = [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()]
    return helper.make_graph(nodes, "g", [features], [result], initializers)


def run(graph):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": IMAGES})[0]


def operators(graph):
    return [node.op_type for node in graph.node]


def pooling(first="Relu", value=None, pads=PADS, **attributes):
    inputs = ["a", "pads"] + (["value"] if value is not None else [])
    constants = {"value": np.float32(value)} if value is not None else {}
    return graph(
        helper.make_node(first, ["x"], ["a"]),
        helper.make_node("Pad", inputs, ["b"]),
        helper.make_node(
            "MaxPool", ["b"], ["y"], kernel_shape=[3, 3], strides=[2, 2], **attributes
        ),
        pads=pads,
        **constants,
    )


@pytest.mark.parametrize("value", [None, 0])
def test_a_pooling_pads_by_itself(value):
    padded = pooling(value=value)
    expected = run(padded)
    pad_in_pooling(padded)
    assert operators(padded) == ["Relu", "MaxPool"]
    np.testing.assert_array_equal(run(padded), expected)


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": "Neg"},  # zeros may be above all there is
        {"value": 0.5},
        {"pads": np.array([0, 0, 3, 0, 0, 0, 1, 0])},  # a window of padding alone
        {"pads": np.array([0, 1, 1, 0, 0, 0, 1, 0])},  # a channel more
        {"pads": np.array([0, 0, 1, -1, 0, 0, 1, 0])},  # cropping
        {"auto_pad": "SAME_UPPER"},
    ],
)
def test_what_is_left_as_it_is(arguments):
    padded = pooling(**arguments)
    pad_in_pooling(padded)
    assert "Pad" in operators(padded)


@pytest.mark.parametrize("kernel, dilation", [((3, 3), 4), ((2, 5), 1), ((4, 3), 2)])
def test_same_in_numbers(kernel, dilation):
    weights = np.random.default_rng(1).normal(size=(2, 3, *kernel)).astype("float32")
    attributes = {"kernel_shape": kernel, "dilations": [dilation] * 2, "auto_pad": "SAME_UPPER"}
    convolution = helper.make_node("Conv", ["x", "weights"], ["y"], **attributes)
    said = graph(convolution, weights=weights)
    say_padding(said)
    names = {entry.name for entry in said.node[0].attribute}
    assert names == {"kernel_shape", "dilations", "pads"}
    result = run(said)
    assert result.shape == (2, 2, 9, 7)
    if dilation == 1:  # ONNX Runtime works it out itself
        np.testing.assert_array_equal(result, run(graph(convolution, weights=weights)))
