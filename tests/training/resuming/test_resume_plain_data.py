import json
from collections import deque

import keras
import ml_dtypes
import numpy as np
import pytest

from keras_bam.training.resuming.plain_data import decode, encode, is_plain


def through_json(value):
    arrays = []
    tree = json.dumps(encode(value, arrays))
    return decode(json.loads(tree), arrays)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -0.0,
        float("inf"),
        0.1 + 0.2,
        2**80,
        "text",
        b"\x00\xff",
        1 + 2j,
        [1, [2.5, None]],
        (1, (2, "a")),
        {1: "a", (2, 3): {"b": [4]}},
        {1, 2},
        frozenset({"a"}),
        deque([1, 2], maxlen=3),
        np.float32(0.1),
        np.float64(0.1),
        keras.ops.less,
        dict,
    ],
)
def test_plain_data_come_back_equal_and_of_their_type(value):
    found = through_json(value)
    assert type(found) is type(value) and repr(found) == repr(value)
    assert getattr(found, "maxlen", None) == getattr(value, "maxlen", None)


@pytest.mark.parametrize("dtype", ["float32", "uint8", "bool", "<U3", ml_dtypes.bfloat16])
def test_arrays_come_back(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    found = through_json({"a": [array]})["a"][0]
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, (2, 3), array.tobytes())


@pytest.mark.parametrize(
    "value", [object(), lambda: 0, [object()], {"a": object()}, np.array([object()]), "x".upper]
)
def test_what_is_not_plain(value):
    assert not is_plain(value)
    with pytest.raises(TypeError, match="is not plain data"):
        encode(value, [])


def test_nothing_is_imported_for_a_function():
    assert decode({"function": "no_such_module:name"}, []) is None
