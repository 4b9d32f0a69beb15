"""Its place puts this folder on the import path: tests import `reference`, `draws`, `gradients`."""

import os
import signal
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"  # NumPy alone

# Tests, and the processes that they start, have JAX compile the same small networks again and
# again; what one has compiled is kept for the others.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(DATA.parent.parent / ".pytest_cache/jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")


def pytest_collection_modifyitems(items):
    for item in items:
        if DATA in item.path.parents:
            item.add_marker(pytest.mark.once)
    # Long files first, so that no process is left with one at the end.
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def sigint_as_in_a_terminal():
    """A job in the background of a shell starts with SIGINT ignored, and hands that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
