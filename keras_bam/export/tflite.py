"""TFLite, for phones: read by LiteRT, on CPUs with XNNPACK."""

import collections
import warnings
from pathlib import Path

import numpy as np

from keras_bam.export.runtime import INPUT, Runtime, output_names
from keras_bam.export.unsupported import found_in
from keras_bam.extra import from_extra

# What the converter says of operations that only the whole of TensorFlow has, or nothing has.
UNSUPPORTED = "TF Select ops|Flex ops|Custom ops"


def write(graph, path, precision, calibration):
    """Converts with TFLite's own operators alone, no Flex ones.

    Inputs and outputs stay as the model has them, also where all between is integers.
    """
    tf = from_extra("tensorflow", "export")
    converter = tf.lite.TFLiteConverter.from_saved_model(str(graph))
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision in ("int8", "int16x8"):
        sets = tf.lite.OpsSet
        converter.target_spec.supported_ops = [
            sets.TFLITE_BUILTINS_INT8
            if precision == "int8"
            else sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
        converter.representative_dataset = lambda: ({INPUT: one[None]} for one in calibration)
    try:
        with warnings.catch_warnings():
            # The calibration's own use of its interpreter.
            warnings.filterwarnings("ignore", r"\s*Warning: tf.lite.Interpreter is deprecated")
            content = converter.convert()
    except Exception as error:
        raise found_in(str(error), UNSUPPORTED) or error from error
    Path(path).write_bytes(content)


def load(path):
    """Opened by LiteRT's interpreter."""
    interpreter = from_extra("ai_edge_litert.interpreter", "export").Interpreter(str(path))
    runner = interpreter.get_signature_runner()
    places = {name: entry["index"] for name, entry in runner.get_output_details().items()}
    outputs = [places[name] for name in output_names(len(places))]
    (entry,) = runner.get_input_details().values()
    shape = tuple(None if size == -1 else int(size) for size in entry["shape_signature"])
    allocated = None

    def run(images):
        nonlocal allocated
        if images.shape != allocated:
            interpreter.resize_tensor_input(entry["index"], images.shape, strict=True)
            try:
                interpreter.allocate_tensors()
            except RuntimeError as error:
                raise _not_prepared(error) from error
            allocated = images.shape
        interpreter.set_tensor(entry["index"], images)
        interpreter.invoke()
        return [np.array(interpreter.get_tensor(place)) for place in outputs]

    return Runtime(run, shape, _operators(path))


def _not_prepared(error):
    if "XNNPACK" not in str(error):
        return error
    return ValueError(
        f"XNNPACK does not take the file ({error}). In int8 a layer may give next to the same "
        "value for all calibration images, such as a ReLU that is never active in an untrained "
        "network, and leave no range to quantise: train the network, or calibrate on other images"
    )


def _operators(path):
    schema = from_extra("ai_edge_litert.schema_py_generated", "export")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(Path(path).read_bytes(), 0))
    names = {code: name for name, code in vars(schema.BuiltinOperator).items()}
    codes = [names[code.builtinCode] for code in model.operatorCodes]
    return collections.Counter(
        codes[operator.opcodeIndex] for graph in model.subgraphs for operator in graph.operators
    )
