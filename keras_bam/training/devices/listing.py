"""Which devices this process sees."""

import importlib
import os

import keras

_MODULES = {"jax": "jax_devices", "tensorflow": "tensorflow_replicas", "torch": "torch_processes"}


def listed():
    """One dict a device: `name`, `kind` and `memory` in bytes, None where that is not known."""
    package = __name__.rpartition(".")[0]
    return importlib.import_module(f"{package}.{_MODULES[keras.backend.backend()]}").listed()


def processor(name):
    """The processor, as a device: its memory is the machine's."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"name": name, "kind": f"processor, {cores} cores", "memory": memory}
