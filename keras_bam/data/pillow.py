"""Pillow, which reads and resizes pictures, and comes with an extra."""

import importlib


def from_pillow(module: str):
    """Its module of that name, such as "Image".

    Raises:
        ImportError: naming the extra, if Pillow is not installed.
    """
    try:
        importlib.import_module("PIL")
        return importlib.import_module(f"PIL.{module}")
    except ImportError as error:
        raise ImportError(
            "images are read with Pillow, which is not installed: pip install keras-bam[fit]"
        ) from error
