"""The dtype policy that a network is built with."""

import contextlib

import keras


@contextlib.contextmanager
def dtype_policy(name):
    """Keras's global dtype policy is `name` within this block."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
