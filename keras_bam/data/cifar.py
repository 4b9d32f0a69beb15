"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009), from Keras or from files at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from keras_bam.data.archives import read_members
from keras_bam.data.cifar_classes import CIFAR10_CLASSES, CIFAR100_CLASSES
from keras_bam.data.cifar_records import decode_binary, decode_python
from keras_bam.data.dataset import Dataset, LabelledImages
from keras_bam.data.packed import read_packed

_HOME = "https://www.cs.toronto.edu/~kriz/cifar.html"


@dataclass(frozen=True)
class _Release:
    """An official form of a data set: its archive, the folder in it, the files, how to read one."""

    archive: str
    folder: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    decode: Callable


_CIFAR10_RELEASES = (
    _Release(
        archive="cifar-10-python.tar.gz",
        folder="cifar-10-batches-py",
        train=tuple(f"data_batch_{i}" for i in range(1, 6)),
        test=("test_batch",),
        decode=partial(decode_python, label_key="labels"),
    ),
    _Release(
        archive="cifar-10-binary.tar.gz",
        folder="cifar-10-batches-bin",
        train=tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
        test=("test_batch.bin",),
        decode=partial(decode_binary, label_bytes=1),
    ),
)
_CIFAR100_RELEASES = (
    _Release(
        archive="cifar-100-python.tar.gz",
        folder="cifar-100-python",
        train=("train",),
        test=("test",),
        decode=partial(decode_python, label_key="fine_labels"),
    ),
    _Release(
        archive="cifar-100-binary.tar.gz",
        folder="cifar-100-binary",
        train=("train.bin",),
        test=("test.bin",),
        decode=partial(decode_binary, label_bytes=2),
    ),
)
_CIFAR10_PACKED = "cifar10_jpeg.npz"


def load_cifar10(folder=None) -> Dataset:
    """50,000 training and 10,000 test images, uint8 of shape (32, 32, 3), in ten classes.

    Args:
        folder: holds an official archive, python or binary version, the folder extracted from one,
            or `cifar10_jpeg.npz`; or is the path of one of these. None has Keras download it.

    Raises:
        FileNotFoundError: the folder holds none of them.
        ValueError: what was found is damaged or not to be trusted.
        OSError: Keras could not download it.
    """
    if folder is None:
        return _from_keras("cifar10", keras.datasets.cifar10.load_data, CIFAR10_CLASSES)
    path = _find(folder, _CIFAR10_RELEASES, _CIFAR10_PACKED)
    if path.name == _CIFAR10_PACKED:
        return Dataset("cifar10", read_packed(path, "train"), read_packed(path, "test"))
    return _from_release("cifar10", path, _CIFAR10_RELEASES, CIFAR10_CLASSES)


def load_cifar100(folder=None) -> Dataset:
    """As `load_cifar10`, in the hundred fine classes; there is no packed form."""
    if folder is None:
        return _from_keras("cifar100", keras.datasets.cifar100.load_data, CIFAR100_CLASSES)
    path = _find(folder, _CIFAR100_RELEASES)
    return _from_release("cifar100", path, _CIFAR100_RELEASES, CIFAR100_CLASSES)


def _find(folder, releases: tuple[_Release, ...], *others: str) -> Path:
    path = Path(folder).expanduser().absolute()
    names = [name for release in releases for name in (release.folder, release.archive)]
    names.extend(others)
    for candidate in (path, *(path / name for name in names)):
        if candidate.name in names and candidate.exists():
            return candidate
    raise FileNotFoundError(
        f"folder={str(folder)!r} neither is nor holds any of {', '.join(names)}; get one from "
        f"{_HOME}, or pass no folder to have Keras download it"
    )


def _from_release(name: str, path: Path, releases, class_names: tuple[str, ...]) -> Dataset:
    release = next(row for row in releases if path.name in (row.archive, row.folder))
    files = read_members(path, release.folder, release.train + release.test)

    def part(members):
        batches = [
            release.decode(files.pop(member), f"{path}: {member}", len(class_names))
            for member in members
        ]
        images, labels = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
        return LabelledImages(images, labels, class_names)

    return Dataset(name, train=part(release.train), test=part(release.test))


def _from_keras(name: str, load_data: Callable, class_names: tuple[str, ...]) -> Dataset:
    try:
        parts = load_data()
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise OSError(
            f"{name} could not be had through keras.datasets ({error}); download it from {_HOME} "
            "and pass the folder that holds it as folder"
        ) from error
    first_axes = (0, 2, 3, 1) if keras.config.image_data_format() == "channels_first" else None
    train, test = (
        LabelledImages(
            np.ascontiguousarray(images.transpose(first_axes) if first_axes else images),
            labels.ravel().astype(np.int64),
            class_names,
        )
        for images, labels in parts
    )
    return Dataset(name, train, test)
