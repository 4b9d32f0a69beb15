"""Padding in an ONNX graph, said in the way that ONNX Runtime takes, and takes best."""

import collections

from keras_bam.extra import from_extra


def say_padding(graph):
    """Numbers, where a convolution of stride 1 says "same": ONNX Runtime does not work that out for
    dilated ones."""
    helper = from_extra("onnx", "export").helper
    for node in graph.node:
        attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        same = attributes.get("auto_pad") == b"SAME_UPPER"
        if node.op_type == "Conv" and same and max(attributes.get("strides", [1])) == 1:
            kernel = attributes["kernel_shape"]
            dilations = attributes.get("dilations", [1] * len(kernel))
            total = [rate * (size - 1) for rate, size in zip(dilations, kernel, strict=True)]
            before = [size // 2 for size in total]
            after = [size - first for size, first in zip(total, before, strict=True)]
            _set_pads(node, before + after)


def pad_in_pooling(graph):
    """A max-pooling that pads by itself, where a Pad with zeros stood between it and a ReLU.

    Behind a ReLU zeros and nothing come to the same, and a Pad costs ONNX Runtime two changes of
    layout.
    """
    to_array = from_extra("onnx", "export").numpy_helper.to_array
    constants = {entry.name: to_array(entry) for entry in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    uses = collections.Counter(name for node in graph.node for name in node.input)
    for pool in [node for node in graph.node if node.op_type == "MaxPool"]:
        pad = makers.get(pool.input[0])
        if pad is None or uses[pool.input[0]] > 1 or not _pads_a_relu(pad, makers, constants):
            continue
        attributes = {entry.name: entry for entry in pool.attribute}
        begin, end = constants[pad.input[1]].reshape(2, -1).tolist()
        spatial = begin[2:] + end[2:]
        kernel = list(attributes["kernel_shape"].ints) * 2
        fits = all(0 <= size < most for size, most in zip(spatial, kernel, strict=True))
        if fits and not any(begin[:2] + end[:2]) and not {"pads", "auto_pad"} & set(attributes):
            _set_pads(pool, spatial)
            pool.input[0] = pad.input[0]
            graph.node.remove(pad)


def _pads_a_relu(pad, makers, constants):
    """Whether `pad` puts a known number of zeros around what a ReLU gives."""
    if pad.op_type != "Pad" or pad.attribute or pad.input[1] not in constants:
        return False
    zeros = len(pad.input) == 2 or (len(pad.input) == 3 and constants.get(pad.input[2], 1) == 0)
    before = makers.get(pad.input[0])
    return zeros and before is not None and before.op_type == "Relu"


def _set_pads(node, pads):
    make_attribute = from_extra("onnx", "export").helper.make_attribute
    kept = [entry for entry in node.attribute if entry.name not in ("auto_pad", "pads")]
    del node.attribute[:]
    node.attribute.extend([*kept, make_attribute("pads", pads)])
