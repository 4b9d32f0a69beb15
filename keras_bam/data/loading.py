"""Data sets by name."""

from collections.abc import Callable

from keras_bam.data.cifar import load_cifar10, load_cifar100
from keras_bam.data.dataset import Dataset
from keras_bam.data.digits import load_digits
from keras_bam.data.imagenet import FolderDataset, load_imagenet
from keras_bam.data.objects import DetectionDataset, load_coco, load_shapes, load_voc
from keras_bam.naming import unknown

_EMBEDDED: dict[str, Callable] = {"digits": load_digits, "shapes": load_shapes}
_FROM_FOLDER: dict[str, Callable] = {
    "cifar10": load_cifar10,
    "cifar100": load_cifar100,
    "imagenet": load_imagenet,
    "voc": load_voc,
    "coco": load_coco,
}
_WITHOUT_OPTIONS = ("digits", "cifar10", "cifar100")


def names() -> list[str]:
    """What `load` knows."""
    return sorted([*_EMBEDDED, *_FROM_FOLDER])


def load(name: str, folder=None, **options) -> Dataset | FolderDataset | DetectionDataset:
    """A data set by its name, from `folder` where it is given.

    Args:
        options: of `load_imagenet`, `load_voc`, `load_coco` or `load_shapes`, such as `image_size`;
            the other loaders have none.

    Raises:
        ValueError: an unknown name, or a folder or option for a data set that takes none; else as
            the loader.
    """
    if name not in names():
        raise unknown("data set", name, names())
    if options and name in _WITHOUT_OPTIONS:
        raise ValueError(f"{name} takes no options, got {options}; leave them out")
    if name in _FROM_FOLDER:
        return _FROM_FOLDER[name](folder, **options)
    if folder is not None:
        raise ValueError(f"{name} reads no folder, got folder={str(folder)!r}; leave it out")
    return _EMBEDDED[name](**options)
