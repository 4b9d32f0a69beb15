"""One file of the official CIFAR archives, as bytes, to images and labels.

An image is 3072 bytes: 32x32 of red, then green, then blue. Both functions return images, uint8 of
shape (n, 32, 32, 3), and labels, int64 of shape (n,); `where` names the file in their errors.
"""

import io
import pickle

import numpy as np

_IMAGE_BYTES = 3 * 32 * 32


def decode_python(content: bytes, where: str, classes: int, label_key: str):
    """A file of the "python version": a pickled dict of `data`, uint8 (n, 3072), and labels.

    Raises:
        ValueError: the pickle is corrupt, asks for anything but a NumPy array, or holds other
            shapes or labels than CIFAR's.
    """
    batch = _unpickle(content, where)
    keys = {key.decode("latin1") if isinstance(key, bytes) else key: key for key in batch}
    missing = {"data", label_key} - set(keys)
    if missing:
        raise ValueError(f"{where} lacks the entry {', '.join(sorted(missing))}: download it again")
    pixels: np.ndarray = getattr(batch[keys["data"]], "values", np.empty(0))
    labels = batch[keys[label_key]]
    if pixels.ndim != 2 or pixels.shape[1] != _IMAGE_BYTES:
        raise ValueError(
            f"{where}: data must be an array of shape (n, {_IMAGE_BYTES}), got {pixels.shape}: "
            "download it again"
        )
    if not isinstance(labels, list) or [type(label) for label in labels] != [int] * len(pixels):
        raise ValueError(
            f"{where}: {label_key} must be a list of {len(pixels)} integers, one for each image: "
            "download it again"
        )
    return _to_images(pixels), _checked_labels(np.asarray(labels), where, classes)


def decode_binary(content: bytes, where: str, classes: int, label_bytes: int):
    """A file of the "binary version": records of `label_bytes`, the last one the label, and pixels.

    Raises:
        ValueError: the size is no multiple of a record's, or a label is out of range.
    """
    record = label_bytes + _IMAGE_BYTES
    if not content or len(content) % record:
        raise ValueError(
            f"{where} has {len(content)} bytes, which is no multiple of a record's {record}: "
            "download it again"
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, record)
    labels = _checked_labels(records[:, label_bytes - 1], where, classes)
    return _to_images(records[:, label_bytes:]), labels


def _to_images(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def _checked_labels(labels: np.ndarray, where: str, classes: int) -> np.ndarray:
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise ValueError(
            f"{where}: labels must lie in 0..{classes - 1}, got {outside[0]}: download it again"
        )
    return labels.astype(np.int64)


class _ByteArray:
    """Stands in for numpy.ndarray, whose own unpickling trusts the file and can crash Python."""

    def __setstate__(self, state):
        _, shape, dtype, is_fortran, content = state
        if dtype.name not in ("u1", b"u1"):
            raise ValueError(f"an array of {dtype.name!r} where bytes are expected")
        values = np.frombuffer(content, np.uint8)
        self.values = values.reshape(shape, order="F" if is_fortran else "C")


class _Dtype:
    """Stands in for numpy.dtype."""

    def __init__(self, name, *flags):
        self.name = name

    def __setstate__(self, state):
        pass


def _reconstruct(*arguments):
    return _ByteArray()


_GLOBALS = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _ByteArray,
    ("numpy", "dtype"): _Dtype,
}


class _Refused(Exception):
    pass


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in _GLOBALS:
            raise _Refused(f"{module}.{name}")
        return _GLOBALS[module, name]


def _unpickle(content: bytes, where: str) -> dict:
    try:
        # "bytes", because Python 2 wrote the official files.
        batch = _ArrayUnpickler(io.BytesIO(content), encoding="bytes").load()
    except _Refused as refused:
        raise ValueError(
            f"{where}: refused, its pickle asks for {refused}, which CIFAR does not need: "
            "download the official archive"
        ) from refused
    except Exception as error:  # a damaged pickle can fail in any way
        raise ValueError(f"{where} is corrupt ({error!r}): download it again") from error
    if not isinstance(batch, dict):
        raise ValueError(f"{where} must hold a dict, got {type(batch)}: download it again")
    return batch
