"""OpenVINO, read by its runtime: an .xml file and the .bin of its weights beside it."""

import collections
import sys

from keras_bam.export.runtime import Runtime, output_names
from keras_bam.export.unsupported import found_in
from keras_bam.extra import from_extra


def write(graph, path, precision, calibration):
    """Converts with OpenVINO's reader of SavedModel folders."""
    openvino = _openvino()
    try:
        model = openvino.convert_model(str(graph))
    except Exception as error:
        raise found_in(str(error), "found for operations") or error from error
    try:
        openvino.save_model(model, str(path), compress_to_fp16=precision == "float16")
    except RuntimeError as error:
        raise OSError(f"{path.name} could not be written: {error}") from error


def load(path):
    """Opened by OpenVINO, which on some CPUs computes in bfloat16 unless told not to."""
    core = _openvino().Core()
    model = core.read_model(str(path))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    names = output_names(len(compiled.outputs))
    shape = compiled.input().partial_shape

    def run(images):
        request.infer([images])
        return [request.get_tensor(name).data.copy() for name in names]

    return Runtime(
        run,
        tuple(None if size.is_dynamic else size.get_length() for size in shape),
        collections.Counter(operation.get_type_name() for operation in model.get_ops()),
    )


def _openvino():
    # With this package openvino forks the process, on import too, to report its use to its makers;
    # the threads of JAX may not survive that. Without it openvino does without.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return from_extra("openvino", "export")
