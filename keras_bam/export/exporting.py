"""`export_model`: from a Keras model on any backend to a file that is proven."""

import contextlib
import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras

from keras_bam.export import proof
from keras_bam.export.calibration import checked_calibration
from keras_bam.export.child import write_graph_in_child
from keras_bam.export.formats import FORMATS, format_of
from keras_bam.export.graph import write_graph
from keras_bam.export.signature import signature_of
from keras_bam.export.target import check_target
from keras_bam.export.unsupported import Unsupported, explained
from keras_bam.files import replacing_together
from keras_bam.layers.arguments import boolean, one_of


@dataclasses.dataclass(frozen=True)
class Exported:
    """A file, and what was found out about it.

    Attributes:
        path: of the file or folder.
        format: "saved_model", "tflite", "onnx" or "openvino".
        precision: of its weights, and of what it computes in.
        size: in bytes, of all files.
        operators: how often it has which; None, as what follows, without `verify`.
        largest_difference: of any output from `model.predict`.
        latency: seconds for one image on this machine, with the runtime's defaults.
    """

    path: Path
    format: str
    precision: str
    size: int
    operators: Mapping[str, int] | None = None
    largest_difference: float | None = None
    latency: float | None = None

    def __str__(self):
        lines = [f"{self.path}: {self.format}, {self.precision}, {self.size:,} bytes"]
        if self.operators is not None:
            counts = sorted(self.operators.items(), key=lambda item: (-item[1], item[0]))
            lines += [
                f"largest difference from model.predict: {self.largest_difference:.2g}",
                f"one image: {1000 * self.latency:.2f} ms",
                "operators: " + ", ".join(f"{count} {name}" for name, count in counts),
            ]
        return "\n".join(lines)


def export_model(
    model,
    path,
    *,
    format=None,
    input_shape=None,
    dynamic_batch=True,
    dynamic_size=False,
    precision="float32",
    calibration=None,
    verify=True,
):
    """Writes `model` for another runtime, and proves the file before it takes its place.

    The model runs on any backend; where that is not TensorFlow, a child process of Keras on
    TensorFlow takes it over. Input and outputs keep shape and dtype; in the file they are called
    `images`, `output_0`, `output_1` and so on.

    Args:
        model: a built Keras model of one input.
        path: of the file, or of a SavedModel's folder; what is there of the format is replaced.
        format: "saved_model", "tflite", "onnx" or "openvino"; by default as the suffix says: none,
            `.tflite`, `.onnx`, `.xml`.
        input_shape: without batch; needed where the model leaves sizes open. With `dynamic_size`
            the size that the proof begins with.
        dynamic_batch: whether the file takes any number of images, or one.
        dynamic_size: whether the sizes that the model leaves open stay open.
        precision: "float32"; "float16" (TFLite, OpenVINO), halves of the weights' bytes; for TFLite
            "dynamic_int8" (weights), "int8" (activations too) and "int16x8".
        calibration: images, shape (n, height, width, channels), prepared as the model is fed. int8
            and int16x8 take their ranges from them; in any precision they are part of the proof.
        verify: whether to run the file beside the model.

    Returns:
        An `Exported`.

    Raises:
        ValueError: for a wrong argument; a layer that the format can't hold, which is named; a
            model that gives NaN; a file that differs by more than its precision explains.
        ModuleNotFoundError: if a package of the extra `export` is missing.
        OSError: if the target can't be written. Nothing is left behind by any error.
    """
    format = format_of(path, format)
    row = FORMATS[format]
    one_of(f"precision of {format}", precision, row.precisions)
    for name, value in (("dynamic_batch", dynamic_batch), ("dynamic_size", dynamic_size)):
        boolean(name, value)
    signature = signature_of(model, input_shape, dynamic_batch, dynamic_size)
    calibration = checked_calibration(calibration, precision, signature)
    path = check_target(path, format)
    row.check_extra()
    with replacing_together(path) as folder:
        written = folder / path.name
        _write(model, row, written, signature, precision, calibration)
        found = _verified(model, row, written, signature, precision, calibration) if verify else {}
        size = sum(entry.stat().st_size for entry in folder.rglob("*") if entry.is_file())
    return Exported(path, format, precision, size, **found)


def _write(model, row, written, signature, precision, calibration):
    on_tensorflow = keras.backend.backend() == "tensorflow"
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch, "graph")
        write = write_graph if on_tensorflow else write_graph_in_child
        write(model, signature.shape, signature.dtype, graph)
        try:
            with _failing_as(f"the converter to {row.name} fails on {model.name!r}"):
                row.write(graph, written, precision, calibration)
        except Unsupported as unsupported:
            raise explained(unsupported, model, row.name, graph) from unsupported


@contextlib.contextmanager
def _failing_as(what):
    """Converters and runtimes raise errors of their own classes; ours are built-in ones."""
    try:
        yield
    except (Unsupported, ValueError, OSError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(f"{what}: {error}") from error


def _verified(model, row, written, signature, precision, calibration):
    with _failing_as(f"the {row.name} file of {model.name!r} does not run"):
        runtime = row.load(written)
        difference, scale = proof.largest_difference(model, runtime, signature, calibration)
    tolerance = proof.TOLERANCES[precision] * scale
    if difference > tolerance:
        raise ValueError(
            f"the {row.name} file of {model.name!r} differs from model.predict by "
            f"{difference:.2g}, more than the {tolerance:.2g} that precision={precision!r} "
            "explains; no file was left"
        )
    return {
        "operators": dict(runtime.operators),
        "largest_difference": difference,
        "latency": proof.latency(runtime, signature),
    }
