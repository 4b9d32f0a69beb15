"""Callbacks by import path: `module:Class:key=value,...`."""

import importlib
import inspect
import os
import sys
from contextlib import contextmanager

import keras

from keras_bam import spelling
from keras_bam.naming import unknown


def callback_from_path(text):
    """'keras.callbacks:EarlyStopping:monitor=val_loss,patience=5' -> that callback.

    The module may lie in the working folder.

    Raises:
        ModuleNotFoundError: if there is no such module.
        ValueError: if it holds no such callback, the class takes no such argument or refuses the
            value, or the text is not of that form.
    """
    module_name, _, call = text.partition(":")
    name, arguments = spelling.parse(call)
    if not name or not all(part.isidentifier() for part in module_name.split(".")):
        raise ValueError(
            f"callback {text!r} must be like module:Class or module:Class:key=value,..., such as "
            "keras.callbacks:EarlyStopping:monitor=val_loss,patience=5"
        )
    made = _class(_module(module_name, text), name, text)
    try:
        return spelling.make(made, arguments, f"callback {text!r}")
    except TypeError as error:
        raise ValueError(f"callback {text!r} can't be made: {error}") from error


def _module(name, text):
    try:
        with _working_folder_importable():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the module is there, and what it imports is not
        raise ModuleNotFoundError(
            f"callback {text!r}: there is no module {error.name!r}, neither installed nor in the "
            "working folder",
            name=error.name,
        ) from error


def _class(module, name, text):
    found = getattr(module, name, None)
    if _is_callback(found):
        return found
    if found is not None:
        raise ValueError(
            f"callback {text!r}: {name} of {module.__name__} is no class derived from "
            f"keras.callbacks.Callback, but {found!r}"
        )
    known = [known for known, value in vars(module).items() if _is_callback(value)]
    raise unknown(f"callback of {module.__name__}", name, known)


def _is_callback(value):
    return inspect.isclass(value) and issubclass(value, keras.callbacks.Callback)


@contextmanager
def _working_folder_importable():
    """Last on the path, so that it shadows nothing; a console script leaves it out."""
    folder = os.getcwd()
    if folder in sys.path:
        yield
        return
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
