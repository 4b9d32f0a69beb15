"""Checks of constructor arguments: each returns the value or says what is wrong with it."""

import math

import keras


def positive_integer(name, value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a positive integer, received {value!r}")
    return value


def positive_number(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive number, received {value!r}")
    return value


def fraction(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
        raise ValueError(f"{name} must be a number of at least 0 and below 1, received {value!r}")
    return value


def boolean(name, value):
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, received {value!r}")
    return value


def one_of(name, value, choices):
    choices = list(choices)
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}, received {value!r}")
    return value


def activation(value):
    try:
        return keras.activations.get(value)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"activation must be None, a callable or the name of a Keras activation such as "
            f"'relu', received {value!r}"
        ) from error


def distinct(initializer, position):
    """The initializer for the kernel at `position`, so that no two kernels start out alike.

    A Keras initializer draws the same values each time it is called with the same shape; the two
    dilated convolutions of a BAM have the same shape. A fixed integer seed is moved on by
    `position`, no seed means a fresh one.
    """
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    config = initializer.get_config()
    seed = config.get("seed", "none drawn")
    if isinstance(seed, int):
        config["seed"] = seed + position
    elif seed is not None:
        return initializer
    return type(initializer).from_config(config)
