"""Plain data as JSON and a list of arrays: read back equal, type for type, and runs no code."""

import base64
import sys
from collections import deque

import numpy as np

_JSON = (type(None), bool, int, float, str)
_SEQUENCES = {"tuple": tuple, "set": set, "frozenset": frozenset}


def encode(value, arrays):
    """`value` as what JSON can hold; its arrays are appended to `arrays`.

    Plain are None, Python's numbers, text and bytes, NumPy's arrays and scalars, functions that can
    be found by their name, and list, tuple, dict, set and deque of plain data.

    Raises:
        TypeError: naming the type of what is not plain.
    """
    if type(value) in _JSON:
        return value
    if type(value) is list:
        return [encode(item, arrays) for item in value]
    for tag, kind in _SEQUENCES.items():
        if type(value) is kind:
            return {tag: [encode(item, arrays) for item in value]}
    if type(value) is dict:
        return {"dict": [[encode(k, arrays), encode(v, arrays)] for k, v in value.items()]}
    if type(value) is deque:
        return {"deque": [encode(list(value), arrays), value.maxlen]}
    if type(value) is bytes:
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if type(value) is complex:
        return {"complex": [value.real, value.imag]}
    if isinstance(value, (np.ndarray, np.generic)) and not value.dtype.hasobject:
        arrays.append(np.asarray(value))
        return {"array" if isinstance(value, np.ndarray) else "scalar": len(arrays) - 1}
    name = _name_of(value)
    if name is None:
        raise TypeError(f"{type(value).__name__} is not plain data")
    return {"function": name}


def decode(value, arrays):
    """What `encode` was given; a function that this process has not imported becomes None."""
    if isinstance(value, list):
        return [decode(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    ((tag, held),) = value.items()
    if tag in _SEQUENCES:
        return _SEQUENCES[tag](decode(held, arrays))
    if tag == "dict":
        return {decode(k, arrays): decode(v, arrays) for k, v in held}
    if tag == "deque":
        return deque(decode(held[0], arrays), held[1])
    if tag == "bytes":
        return base64.b64decode(held)
    if tag == "complex":
        return complex(*held)
    if tag == "function":
        return _named(held)
    return arrays[held] if tag == "array" else arrays[held][()]


def is_plain(value):
    try:
        encode(value, [])
    except TypeError:
        return False
    return True


def _name_of(value):
    """ "module:name" of a function that can be found under it, else None."""
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    module = getattr(value, "__module__", None)
    if not callable(value) or not isinstance(name, str) or not isinstance(module, str):
        return None
    full = f"{module}:{name}"
    return full if _named(full) is value else None


def _named(full):
    module, _, name = full.partition(":")
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
