"""Image files in a folder for each class, or all in one folder."""

import os
from pathlib import Path

import numpy as np

from keras_bam.data.decoding import SUFFIXES
from keras_bam.data.image_files import ImageFiles


def read_classes(folder: Path) -> ImageFiles:
    """The images below each class folder, sorted by path; the folder's name is the class.

    Raises:
        ValueError: there is no class folder, or one that holds no image.
    """
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and entry.name[0] != "."]
    class_names = tuple(sorted(names))
    paths: list[str] = []
    counts = []
    for name in class_names:
        of_class = image_paths(folder / name)
        counts.append(len(of_class))
        paths += of_class
    empty = [name for name, count in zip(class_names, counts, strict=True) if not count]
    if not any(counts):
        raise ValueError(f"{folder} holds no images in class folders: it must have FOLDER/CLASS/*")
    if empty:
        raise ValueError(
            f"{folder} has class folders without images: {shortened(empty)}; "
            f"put images ({', '.join(SUFFIXES)}) there or remove them"
        )
    labels = np.repeat(np.arange(len(class_names), dtype=np.int64), counts)
    return ImageFiles(tuple(paths), labels, class_names)


def image_paths(folder: Path) -> list[str]:
    """Paths of the images at any depth below `folder`, sorted; hidden files and folders left out.

    Links are followed.
    """
    found = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name[0] != "."]
        found += [os.path.join(place, name) for name in names if is_image(name)]
    return sorted(found)


def is_image(name: str) -> bool:
    """Whether a file of that name counts as an image: by its suffix, in any case."""
    return name[0] != "." and name.lower().endswith(SUFFIXES)


def shortened(names) -> str:
    """The first five of the names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(map(str, names[:5])) + more
