"""ImageNet (arXiv:1409.0575), or any images in class folders, read from their files."""

import os
from dataclasses import dataclass
from pathlib import Path

from keras_bam.data.dataset import ShapedImages
from keras_bam.data.image_files import ImageFiles
from keras_bam.data.image_tree import is_image, read_classes, shortened
from keras_bam.data.label_files import find_labels, read_labelled

VALIDATION = ("val", "validation", "test")
TREE = (
    "FOLDER/train/CLASS/* and FOLDER/val/CLASS/* (or validation, or test), or FOLDER/val/* with "
    "FOLDER/val.txt of lines 'FILENAME LABEL' or with Kaggle's LOC_val_solution.csv"
)


@dataclass(frozen=True, eq=False)
class FolderDataset(ShapedImages):
    """A data set of image files, normalised as is the habit with ImageNet.

    `image_size` is the height and width that the images are brought to, `mean` and `std` hold one
    value a channel of RGB on the scale 0..1, and `flip` says whether a mirrored image still is of
    its class.

    Raises:
        ValueError: train and test differ in class names, or `image_size` is no positive integer.
    """

    name: str
    train: ImageFiles
    test: ImageFiles
    image_size: int = 224
    flip: bool = True
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)

    def __post_init__(self):
        size = self.image_size
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"image_size must be a positive integer, got {size!r}")
        train, test = self.train.class_names, self.test.class_names
        if train != test:
            only = [sorted(set(train) - set(test)), sorted(set(test) - set(train))]
            named = [shortened(names) or "none" for names in only]
            raise ValueError(
                f"the classes of train and test differ: only in train {named[0]}; only in test "
                f"{named[1]}; give both the same folders"
            )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(H, W, 3)."""
        return self.image_size, self.image_size, 3


def load_imagenet(folder, image_size: int = 224, labels=None) -> FolderDataset:
    """A training and a validation set in class folders, whose sorted names are the classes.

    Args:
        folder: holds `train` and `val` (or `validation`, or `test`), each with a folder for each
            class. The validation images may also lie all in one folder; their labels then come
            from `val.txt`, `val_labels.txt` or `LOC_val_solution.csv` there or in `folder`.
        image_size: height and width that the images are brought to.
        labels: path of such a file of another name.

    Raises:
        FileNotFoundError: one of the folders is missing.
        ValueError: no images, classes without images, classes that differ between the two, or
            labels that do not fit the images.
    """
    if folder is None:
        raise ValueError(f"imagenet needs a folder: {TREE}")
    folder = Path(folder).expanduser().absolute()
    candidates = [folder / name for name in VALIDATION if (folder / name).is_dir()]
    if not (folder / "train").is_dir() or not candidates:
        missing = "train" if candidates or not (folder / "train").is_dir() else "val"
        raise FileNotFoundError(f"{folder} has no folder {missing!r}: it must be {TREE}")
    train, validation = read_classes(folder / "train"), candidates[0]
    return FolderDataset(
        "imagenet", train, _read_validation(validation, labels, train.class_names), image_size
    )


def _read_validation(folder: Path, labels, class_names) -> ImageFiles:
    if labels is not None:
        return read_labelled(folder, Path(labels).expanduser(), class_names)
    if any(is_image(name) for name in os.listdir(folder)):
        return read_labelled(folder, find_labels([folder.parent, folder]), class_names)
    return read_classes(folder)
