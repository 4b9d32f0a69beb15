"""What must be the same when a run goes on, and what is not."""

import json
import os
import sys
import warnings

import keras

from keras_bam.training.resuming import variables

_SHOWN = 10


def facts(model, data, epochs, callbacks, identity):
    """Of this process and this call of fit, as JSON holds them; `identity` is the user's part.

    Raises:
        ValueError: if `identity` is not a dict that JSON can hold.
    """
    backend = keras.backend.backend()
    found = {
        "backend": backend,
        "keras": keras.__version__,
        backend: sys.modules[backend].__version__,
        "dtype policy": model.dtype_policy.name,
        "variables": variables.describe(model),
        "optimizer": _optimizer(model.optimizer),
        "epochs": epochs,
        "steps an epoch": len(data),
        "callbacks": [type(callback).__name__ for callback in callbacks],
    }
    return json.loads(json.dumps(found)) | {"identity": _as_json(identity)}


def machine():
    """What bits depend on beside the facts: arithmetic is divided among threads."""
    backend = sys.modules[keras.backend.backend()]
    return {
        "device": str(keras.ops.ones(()).device),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "threads": backend.get_num_threads() if hasattr(backend, "get_num_threads") else None,
    }


def warn_of_another_machine(saved, now):
    for name, before, after in _differences(saved, now, ""):
        warnings.warn(
            f"{name}: {before!r} when the checkpoint was written, {after!r} now; the run goes on, "
            "but its last bits may be others than without the interruption",
            stacklevel=4,
        )


def check_same(saved, now, folder):
    """Raises ValueError, listing what differs between two results of `facts`."""
    differing = list(_differences(saved, now, ""))
    if not differing:
        return
    lines = [f"  {name}: {before!r} then, {after!r} now" for name, before, after in differing]
    if len(lines) > _SHOWN:
        lines[_SHOWN:] = [f"  and {len(lines) - _SHOWN} more"]
    raise ValueError(
        f"the run in {folder} was started differently:\n" + "\n".join(lines) + "\n"
        "Give it what it was started with, or another folder."
    )


def _differences(before, after, name):
    """(name, before, after) of each leaf that differs; "absent" where there is none."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            values = (side.get(key, "absent") for side in (before, after))
            yield from _differences(*values, f"{name}.{key}".lstrip("."))
    elif _are_lists(before, after) and len(before) == len(after) and _nested(before, after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, f"{name}[{index}]")
    elif before != after:
        yield name, _short(before), _short(after)


def _are_lists(*values):
    return all(isinstance(value, list) for value in values)


def _nested(before, after):
    return all(isinstance(item, (list, dict)) for item in before + after)


def _short(value):
    """A long list by its length."""
    return f"{len(value)} of them" if isinstance(value, list) and len(value) > _SHOWN else value


def _optimizer(optimizer):
    """Class and arguments; callbacks change a rate that is a number, so that one is left out."""
    if optimizer is None:
        return None
    try:
        config = json.loads(json.dumps(optimizer.get_config()))
    except (TypeError, NotImplementedError):  # a schedule of the user's own
        config = {}
    config.pop("name", None)  # numbered within a process
    if not isinstance(config.get("learning_rate"), dict):
        config.pop("learning_rate", None)
    return {"class": type(optimizer).__name__, **config}


def _as_json(identity):
    if identity is not None and not isinstance(identity, dict):
        raise ValueError(f"identity must be a dict, received {identity!r}")
    try:
        return json.loads(json.dumps(identity or {}))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"identity must hold what JSON can ({error}), received {identity!r}; pass names and "
            "numbers"
        ) from error
