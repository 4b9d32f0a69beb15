"""Attributes of an object for the time of a block."""

from contextlib import contextmanager


@contextmanager
def replaced(target, **attributes):
    """Sets `attributes` on the object alone, not on its class, and takes them away again."""
    for name, value in attributes.items():
        setattr(target, name, value)
    try:
        yield
    finally:
        for name in attributes:
            delattr(target, name)
