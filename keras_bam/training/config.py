"""The file that says how a run is made: `config.toml` of a run, or one written by hand."""

import tomllib

from keras_bam.naming import unknown
from keras_bam.training.recipe import check_names

# Keys of a run of `keras-bam fit`, beside the table [recipe]: the type of each.
KEYS = {
    "dataset": str,
    "data": str,
    "image_size": int,
    "train": str,
    "test": str,
    "model": str,
    "attention": str,
    "after": str,
    "weights": str,
    "trunk": str,
    "backend": str,
    "deterministic": bool,
    "log_steps": bool,
    "tensorboard": bool,
    "callback": list,
    "devices": str,
    "sync_batch_norm": bool,
}


def read_config(path):
    """The keys of a TOML file, and its table [recipe] as a dict of its own.

    In [recipe], `name` is the recipe that the other keys change.

    Raises:
        OSError: if it can't be read.
        ValueError: if it is no TOML, or holds an unknown key or a value of the wrong type.
    """
    with open(path, "rb") as file:
        try:
            values = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is not TOML: {error}") from error
    recipe = values.pop("recipe", {})
    try:
        _check(values, recipe)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return values, recipe


def _check(values, recipe):
    for key, value in values.items():
        if key not in KEYS:
            raise unknown("key", key, [*KEYS, "recipe"])
        if type(value) is not KEYS[key]:
            raise ValueError(f"{key} must be of type {KEYS[key].__name__}, received {value!r}")
    if not isinstance(recipe, dict):
        raise ValueError(f"recipe must be a table, [recipe], received {recipe!r}")
    if not isinstance(recipe.get("name", ""), str):
        raise ValueError(f"name of [recipe] must be a string, received {recipe['name']!r}")
    check_names(key for key in recipe if key != "name")
