"""Packages that an extra brings."""

import importlib
import importlib.util

_MODULES = ("matplotlib", "tomli_w")


def from_extra(module, extra="fit"):
    """Imports a module that comes with `extra`.

    Raises:
        ModuleNotFoundError: naming the extra, if it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise _not_installed(module, extra) from error


def check_extra(modules=_MODULES, extra="fit"):
    """Raises as `from_extra` does, and imports nothing: for before what needs them at its end."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise _not_installed(module, extra)


def _not_installed(module, extra):
    package = module.partition(".")[0].replace("_", "-")
    return ModuleNotFoundError(f"{package} is not installed: pip install 'keras-bam[{extra}]'")
