"""What a run was made with."""

import datetime
import importlib.metadata
import os
import platform

import keras

PACKAGES = ("keras-bam", "keras", "numpy", "tensorflow", "torch", "jax")


def versions():
    """Versions, backend, machine and date, as a dict of strings and numbers."""
    return {
        "date": datetime.date.today().isoformat(),
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "device": str(keras.ops.ones(()).device),
    }


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
