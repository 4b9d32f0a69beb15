"""One checkpoint: a file that is whole, or is known not to be.

Layout: `MAGIC`; two little-endian 64-bit integers, the format and the length of the header; the
header, JSON in UTF-8; the arrays, one behind the other; SHA-256 of all that. Every format, later
ones too, begins with the magic and the format's number and ends with the hash.
"""

import hashlib
import json
import os
import struct

import ml_dtypes  # noqa: F401  NumPy then knows bfloat16 by name
import numpy as np

from keras_bam.files import replacing
from keras_bam.training.resuming.plain_data import decode, encode

FORMAT = 1
MAGIC = b"keras_bam checkpoint\n"
_NUMBERS = struct.Struct("<QQ")
_HASH_BYTES = hashlib.sha256().digest_size


class DamagedCheckpoint(ValueError):
    """A file that is no checkpoint, or not all of one."""


def write(path, state):
    """Writes `state`, plain data, to `path`: whole, on the disk, and only then under this name.

    Raises:
        OSError: if it can't be written; what was at `path` before is untouched.
        TypeError: if `state` is not plain data.
    """
    arrays: list[np.ndarray] = []
    tree = encode(state, arrays)
    specs = [[_dtype_name(array.dtype), list(array.shape)] for array in arrays]
    header = json.dumps({"state": tree, "arrays": specs}).encode()
    digest = hashlib.sha256()
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            for part in (MAGIC, _NUMBERS.pack(FORMAT, len(header)), header, *map(_bytes, arrays)):
                digest.update(part)
                file.write(part)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
    _sync_folder(path.parent)


def read(path):
    """The state in `path`.

    Raises:
        DamagedCheckpoint: if the file is not what was written.
        ValueError: if it is of a newer format than this version of keras_bam knows.
        OSError: if it can't be read.
    """
    content = memoryview(path.read_bytes())
    body, digest = content[:-_HASH_BYTES], content[-_HASH_BYTES:]
    if body[: len(MAGIC)] != MAGIC or hashlib.sha256(body).digest() != digest:
        raise DamagedCheckpoint(f"{path} is damaged: its contents do not match its checksum")
    format, length = _NUMBERS.unpack_from(body, len(MAGIC))
    if format > FORMAT:
        raise ValueError(
            f"{path} is of format {format}, this version of keras_bam reads up to {FORMAT}; "
            "resume with the version that wrote it, or a newer one"
        )
    start = len(MAGIC) + _NUMBERS.size
    header = json.loads(bytes(body[start : start + length]))
    return decode(header["state"], _arrays(body, start + length, header["arrays"]))


def _arrays(body, start, specs):
    arrays = []
    for name, shape in specs:
        dtype, count = np.dtype(name), int(np.prod(shape, dtype=np.int64))
        # A copy is aligned and can be written to.
        arrays.append(np.frombuffer(body, dtype, count, start).reshape(shape).copy())
        start += count * dtype.itemsize
    return arrays


def _dtype_name(dtype):
    return dtype.name if dtype.kind == "V" else dtype.str


def _bytes(array):
    return memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))


def _sync_folder(folder):
    """The new name, too, survives a loss of power; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
