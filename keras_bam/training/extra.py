"""Packages that an extra brings."""

import importlib

_MODULES = ("matplotlib", "tomli_w")


def from_extra(module, extra="fit"):
    """Imports a module that comes with `extra`.

    Raises:
        ModuleNotFoundError: naming the extra, if it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0].replace("_", "-")
        raise ModuleNotFoundError(
            f"{package} is not installed: pip install 'keras-bam[{extra}]'"
        ) from error


def check_extra():
    """Raises as `from_extra` does; called before a run, which needs the last at its end only."""
    for module in _MODULES:
        from_extra(module)
