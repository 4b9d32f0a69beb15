"""Which backend Keras starts with.

Keras reads KERAS_BACKEND when it is first imported, before any argument is parsed, so that the
`--backend` of our own command has to be found before that. Nothing here imports Keras.
"""

import importlib.util
import itertools
import os
import sys
import tomllib
from pathlib import Path

from keras_bam.naming import unknown

# Keras's name of a backend, which is our extra's too: what it imports.
BACKENDS = {"jax": "jax", "tensorflow": "tensorflow", "torch": "torch"}


def choose(process_arguments=None):
    """Sets KERAS_BACKEND as the command line of `keras-bam` or `python -m keras_bam` says.

    Without `--backend` a run that goes on (`--resume`) keeps the one it was begun with; where the
    environment names none either, the file `--config` may. Where none of them does and one backend
    alone is installed, it is that one, whatever Keras's own default.

    Raises:
        SystemExit: with a message, if that backend is unknown or not installed.
    """
    arguments = _own_arguments(process_arguments)
    name = _value_of("--backend", arguments)
    run = _value_of("--resume", arguments)
    if name is None and run is not None:
        name = _of_config(Path(run, "config.toml"))
    if name is None and arguments and "KERAS_BACKEND" not in os.environ:
        name = _of_config(_value_of("--config", arguments)) or _only_one()
    if name is None:
        return
    try:
        check(name)
    except ValueError as error:
        raise SystemExit(f"keras-bam: {error}") from None
    os.environ["KERAS_BACKEND"] = name


def check(name):
    """Raises ValueError if the backend of that name is unknown or not installed."""
    if name not in BACKENDS:
        raise unknown("backend", name, BACKENDS)
    if importlib.util.find_spec(BACKENDS[name]) is None:
        raise ValueError(f"the backend {name!r} is not installed: pip install 'keras-bam[{name}]'")


def explained(error, process_arguments=None):
    """What to raise when Keras could not import its backend, instead of `error`.

    Our own command ends with the message alone.
    """
    found = _explained(error)
    if found is not error and _own_arguments(process_arguments):
        return SystemExit(f"keras-bam: {found}")
    return found


def _explained(error):
    name = os.environ.get("KERAS_BACKEND")
    if isinstance(error, ValueError):
        return unknown("backend in KERAS_BACKEND", name, BACKENDS)
    for name, module in BACKENDS.items():
        if error.name == module:
            return ModuleNotFoundError(
                f"Keras's backend is {name!r}, which is not installed: "
                f"pip install 'keras-bam[{name}]', or choose another with the environment variable "
                f"KERAS_BACKEND ({', '.join(BACKENDS)})",
                name=module,
            )
    return error


def _only_one():
    there = [name for name, module in BACKENDS.items() if importlib.util.find_spec(module)]
    return there[0] if len(there) == 1 else None


def _value_of(option, arguments):
    for argument, following in itertools.zip_longest(arguments, arguments[1:]):
        if argument == option:
            return following
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    return None


def _of_config(path):
    """The backend a TOML file names; what is wrong with the file is said where it is used."""
    if path is None:
        return None
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8")).get("backend")
    except (OSError, ValueError):
        return None


def _own_arguments(process_arguments=None):
    """What follows `keras-bam` or `-m keras_bam`; nothing for any other process."""
    following = iter((sys.orig_argv if process_arguments is None else process_arguments)[1:])
    for argument in following:
        if argument in ("-W", "-X"):  # Python's options with a value
            next(following, None)
        elif argument == "-m":
            return list(following) if next(following, None) == "keras_bam" else []
        elif not argument.startswith("-"):
            return list(following) if Path(argument).stem == "keras-bam" else []
    return []
