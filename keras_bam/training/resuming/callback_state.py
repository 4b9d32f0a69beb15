"""What callbacks remember: EarlyStopping's best, History's lists, a log's open rows."""

import copy
import json
import weakref

import keras

from keras_bam.training.resuming.plain_data import encode, is_plain

_KERAS_SETS = {"_model", "params", "validation_data"}
# A display, and a log whose state is its file.
_NOT_KEPT = (keras.callbacks.ProgbarLogger, keras.callbacks.CSVLogger)
_AS_MADE: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def note_as_made(callback):
    """To be called before training: tells settings from what training changes.

    The first call counts: a callback may be in a second `fit` of this process.
    """
    _AS_MADE.setdefault(callback, copy.deepcopy(_plain_attributes(callback)))


def capture(callback):
    """Its attributes that are plain data, or what its `get_state()` gives.

    Of those that are as they were made only the names: the process that goes on keeps its own, so
    that a folder may have moved.
    """
    if isinstance(callback, _NOT_KEPT):
        return {}
    if hasattr(callback, "get_state"):
        return {"state": callback.get_state()}
    present, made = _plain_attributes(callback), _AS_MADE[callback]
    same = {name for name in present if name in made and _equal(present[name], made[name])}
    changed = {name: value for name, value in present.items() if name not in same}
    return {"changed": changed, "as made": sorted(same)}


def restore(callback, state):
    if "state" in state:
        callback.set_state(state["state"])
        return
    made = _AS_MADE[callback]
    for name in state.get("as made", ()):
        if name in made:
            setattr(callback, name, copy.deepcopy(made[name]))
    for name, value in state.get("changed", {}).items():
        setattr(callback, name, value)


def _plain_attributes(callback):
    return {
        name: value
        for name, value in vars(callback).items()
        if name not in _KERAS_SETS and is_plain(value)
    }


def _equal(first, second):
    """Bit for bit, so that NaN equals itself and 0.0 is not -0.0."""
    (tree, arrays), (other_tree, other_arrays) = map(_encoded, (first, second))
    return tree == other_tree and arrays == other_arrays


def _encoded(value):
    arrays = []
    tree = json.dumps(encode(value, arrays))
    return tree, [(array.dtype, array.shape, array.tobytes()) for array in arrays]
