"""Data sets by name."""

from keras_bam.data.cifar import load_cifar10, load_cifar100
from keras_bam.data.dataset import Dataset
from keras_bam.data.digits import load_digits
from keras_bam.naming import unknown

_EMBEDDED = {"digits": load_digits}
_FROM_FOLDER = {"cifar10": load_cifar10, "cifar100": load_cifar100}


def names() -> list[str]:
    """What `load` knows."""
    return sorted(_EMBEDDED | _FROM_FOLDER)


def load(name: str, folder=None) -> Dataset:
    """A data set by its name, from `folder` where it is given.

    Raises:
        ValueError: an unknown name, or a folder for a data set that reads none; else as the loader.
    """
    if name in _FROM_FOLDER:
        return _FROM_FOLDER[name](folder)
    if name not in _EMBEDDED:
        raise unknown("data set", name, names())
    if folder is not None:
        raise ValueError(f"{name} reads no folder, got folder={str(folder)!r}; leave it out")
    return _EMBEDDED[name]()
