"""ONNX, read by ONNX Runtime."""

import collections

from keras_bam.export.onnx_padding import pad_in_pooling, say_padding
from keras_bam.export.runtime import INPUT, Runtime, output_names
from keras_bam.export.unsupported import Unsupported
from keras_bam.extra import from_extra

OPSET = 18  # of December 2022; what reads ONNX today reads it


def write(graph, path, precision, calibration):
    """Converts with tf2onnx."""
    tf = from_extra("tensorflow", "export")
    tf2onnx = from_extra("tf2onnx", "export")
    onnx = from_extra("onnx", "export")
    loaded = tf.saved_model.load(str(graph))
    serve = loaded.signatures["serving_default"]
    signature = list(serve.structured_input_signature[1].values())
    function = tf.function(lambda images: serve(**{INPUT: images}), input_signature=signature)
    model, _ = tf2onnx.convert.from_function(function, signature, opset=OPSET)
    # tf2onnx only logs what it could not convert, and leaves it in.
    unknown = {node.op_type for node in model.graph.node if not onnx.defs.has(node.op_type)}
    if unknown:
        raise Unsupported(unknown)
    say_padding(model.graph)
    pad_in_pooling(model.graph)
    onnx.save(model, str(path))


def load(path):
    """Opened by ONNX Runtime, on the CPU."""
    session = from_extra("onnxruntime", "export").InferenceSession(
        str(path), providers=["CPUExecutionProvider"]
    )
    names = output_names(len(session.get_outputs()))
    (entry,) = session.get_inputs()
    shape = tuple(size if isinstance(size, int) else None for size in entry.shape)
    model = from_extra("onnx", "export").load(str(path))
    operators = collections.Counter(node.op_type for node in model.graph.node)
    return Runtime(lambda images: session.run(names, {INPUT: images}), shape, operators)
