"""Packages that an extra brings."""

import importlib
import importlib.util

_MODULES = ("matplotlib", "tomli_w")
_PACKAGES = {"PIL": "pillow", "sklearn": "scikit-learn"}  # whose names are not their modules'


def from_extra(module, extra="fit"):
    """Imports a module that comes with `extra`.

    Raises:
        ModuleNotFoundError: naming the extra, if it is not installed.
    """
    try:
        importlib.import_module(module.partition(".")[0])
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise _not_installed(module, extra) from error


def check_extra(modules=_MODULES, extra="fit"):
    """Raises as `from_extra` does, and imports nothing: for before what needs them at its end."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise _not_installed(module, extra)


def _not_installed(module, extra):
    name = module.partition(".")[0]
    package = _PACKAGES.get(name, name.replace("_", "-"))
    return ModuleNotFoundError(f"{package} is not installed: pip install 'keras-bam[{extra}]'")
