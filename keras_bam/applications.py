"""The doorway of a checkout to its top-level folder `applications/`; the wheel carries that folder
in place of this file.

Loading it by path, under this name, keeps a foreign `applications/` in the working directory out
and lets the folder be imported in any order.
"""

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from applications import *  # noqa: F403

_folder = Path(__file__).resolve().parent.parent / "applications"
_spec = importlib.util.spec_from_file_location(
    __name__, _folder / "__init__.py", submodule_search_locations=[str(_folder)]
)
if _spec is None or _spec.loader is None:
    raise ImportError(f"{_folder} is missing: this checkout of keras_bam is not complete")
_module = importlib.util.module_from_spec(_spec)
sys.modules[__name__] = _module
_spec.loader.exec_module(_module)
