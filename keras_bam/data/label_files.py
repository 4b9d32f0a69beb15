"""The labels of images that lie all in one folder, from a text file."""

import csv
from pathlib import Path

import numpy as np

from keras_bam.data.image_files import ImageFiles
from keras_bam.data.image_tree import image_paths, shortened

NAMES = ("val.txt", "val_labels.txt", "LOC_val_solution.csv")
DEVKIT = "ILSVRC2012_validation_ground_truth.txt"


def find_labels(folders) -> Path:
    """The first file of `NAMES` in the folders.

    Raises:
        ValueError: there is none; of the devkit's file it says why it does not do.
    """
    for folder in folders:
        for name in NAMES:
            if (folder / name).is_file():
                return folder / name
    for folder in folders:
        if (folder / DEVKIT).is_file():
            raise _devkit(folder / DEVKIT)
    raise ValueError(
        f"{folders[-1]} holds images but no class folders, and no labels: put {NAMES[0]} beside "
        "them, with lines 'FILENAME LABEL', or pass labels=PATH"
    )


def read_labelled(folder: Path, labels: Path, class_names: tuple[str, ...]) -> ImageFiles:
    """The images of `folder` with the labels that the file gives them.

    Args:
        folder: holds the images.
        labels: of lines "FILENAME LABEL", the label a class name or its index in `class_names`, or
            Kaggle's "ImageId,PredictionString", where the first word of the second is the class.
        class_names: those of the training images.

    Raises:
        ValueError: an image without a label, a label without an image, an unknown label, an image
            with two, or a line of another form.
    """
    numbers = {name: number for number, name in enumerate(class_names)}
    label_of: dict[str, int] = {}
    for line, name, label in _lines(labels):
        number = numbers.get(label, int(label) if label.isdecimal() else -1)
        if not 0 <= number < len(class_names):
            raise ValueError(
                f"{labels}, line {line}: {label!r} is neither the name of a class nor the index of "
                f"one, 0..{len(class_names) - 1}, in the sorted names of the training folders"
            )
        if label_of.setdefault(name, number) != number:
            raise ValueError(f"{labels}, line {line}: a second label for {name}")
    paths = image_paths(folder)
    # Kaggle's file names images without their suffix.
    keys = [key if key in label_of else Path(key).stem for key in (Path(p).name for p in paths)]
    missing = [key for key in keys if key not in label_of]
    if missing:
        raise ValueError(f"{labels} has no label for these images: {shortened(missing)}")
    absent = sorted(label_of.keys() - set(keys))
    if absent:
        raise ValueError(f"{labels} labels images that {folder} lacks: {shortened(absent)}")
    return ImageFiles(
        tuple(paths), np.array([label_of[key] for key in keys], np.int64), class_names
    )


def read_classes_of(labels: Path) -> tuple[str, ...]:
    """The sorted names of the classes in a file of labels; "0", "1" and so on where it has
    numbers, up to the largest.
    """
    names = {label for _, _, label in _lines(labels)}
    if all(name.isdecimal() for name in names):
        return tuple(str(number) for number in range(max(map(int, names), default=-1) + 1))
    return tuple(sorted(names))


def _lines(path: Path):
    """(number of the line, file name, label)."""
    if path.name == DEVKIT:
        raise _devkit(path)
    with open(path, newline="", encoding="utf-8") as file:
        is_csv = path.suffix.lower() == ".csv"
        rows = csv.reader(file) if is_csv else (line.split(maxsplit=1) for line in file)
        for number, row in enumerate(rows, start=1):
            if not row or (is_csv and number == 1):
                continue
            if len(row) != 2 or not row[1].strip():
                form = "ImageId,PredictionString" if is_csv else "FILENAME LABEL"
                raise ValueError(f"{path}, line {number}: must be {form!r}, got {row}")
            yield number, row[0], row[1].split()[0] if is_csv else row[1].strip()


def _devkit(path: Path) -> ValueError:
    return ValueError(
        f"{path} numbers the classes in an order of its own, ILSVRC2012_ID of the devkit's "
        "meta.mat, which is not that of the sorted folder names; use a file of lines 'FILENAME "
        "SYNSET', or Kaggle's LOC_val_solution.csv"
    )
