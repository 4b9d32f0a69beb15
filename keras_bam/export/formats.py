"""The formats, and what each can hold."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_bam.export import onnx, openvino, saved_model, tflite
from keras_bam.extra import check_extra
from keras_bam.layers.arguments import one_of


@dataclasses.dataclass(frozen=True)
class Format:
    """How files of one format are written and read.

    Attributes:
        name: as in `export_model`.
        suffix: of the path.
        precisions: that it can be written in.
        modules: that writing and reading need.
        write: from the folder of a graph, a path, a precision and calibration images.
        load: from a path to a `Runtime`.
    """

    name: str
    suffix: str
    precisions: Sequence[str]
    modules: Sequence[str]
    write: Callable
    load: Callable

    def check_extra(self):
        """Raises ModuleNotFoundError, naming the extra, if a package is missing."""
        check_extra(self.modules, "export")


_ROWS = (
    Format(
        "saved_model",
        suffix="",
        precisions=("float32",),
        modules=("tensorflow",),
        write=saved_model.write,
        load=saved_model.load,
    ),
    Format(
        "tflite",
        suffix=".tflite",
        precisions=("float32", "float16", "dynamic_int8", "int8", "int16x8"),
        modules=("tensorflow", "ai_edge_litert"),
        write=tflite.write,
        load=tflite.load,
    ),
    Format(
        "onnx",
        suffix=".onnx",
        precisions=("float32",),
        modules=("tensorflow", "tf2onnx", "onnx", "onnxruntime"),
        write=onnx.write,
        load=onnx.load,
    ),
    Format(
        "openvino",
        suffix=".xml",
        precisions=("float32", "float16"),
        modules=("tensorflow", "openvino"),
        write=openvino.write,
        load=openvino.load,
    ),
)
FORMATS = {row.name: row for row in _ROWS}


def format_of(path, format=None):
    """The name of the format that a path's suffix stands for, or `format` where it is given.

    Raises:
        ValueError: for a suffix or a format that is unknown.
    """
    if format is not None:
        return one_of("format", format, FORMATS)
    suffix = Path(path).suffix
    for name, row in FORMATS.items():
        if row.suffix == suffix:
            return name
    known = ", ".join(f"{row.suffix or 'none, a folder'} ({name})" for name, row in FORMATS.items())
    raise ValueError(
        f"path={str(path)!r} has the suffix {suffix!r}, which says no format; known are {known}. "
        "Or pass format"
    )


def is_exported(path):
    """Whether `path` is, or would be, for `open_file`, by its suffix or by what is in a folder."""
    path = Path(path)
    suffixes = {row.suffix for row in FORMATS.values() if row.suffix}
    return (path / "saved_model.pb").is_file() or path.suffix in suffixes


def open_file(path):
    """The exported file or folder at `path`, opened by its runtime, as a `Runtime`.

    Raises:
        ValueError: for an unknown suffix, or a file that its runtime can't read.
        FileNotFoundError: if there is nothing at `path`.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    row = FORMATS["saved_model" if path.is_dir() else format_of(path)]
    row.check_extra()
    try:
        return row.load(path)
    except (ImportError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(f"{path} can't be read: {error}") from error
