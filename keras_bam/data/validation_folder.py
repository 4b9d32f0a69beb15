"""The validation images of ImageNet by themselves, to measure a network that is trained."""

import os
from pathlib import Path

from keras_bam.data.image_tree import is_image, read_classes
from keras_bam.data.imagenet import VALIDATION, FolderDataset
from keras_bam.data.label_files import find_labels, read_classes_of, read_labelled


def load_validation(folder, image_size: int = 224, **statistics) -> FolderDataset:
    """Images to measure on, without any to train on: `train` of the data set is its `test`.

    Args:
        folder: holds a folder for each class, or all images and `val.txt`, `val_labels.txt` or
            `LOC_val_solution.csv` with the names of their classes; or it holds such a folder as
            `val`, `validation` or `test`. The sorted names are the classes.
        image_size: height and width that the images are brought to.
        statistics: `mean` and `std` of the `FolderDataset`.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: no images, classes without images, or labels that do not fit the images.
    """
    folder = Path(folder).expanduser().absolute()
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder)!r} of validation images")
    inner = [folder / name for name in VALIDATION if (folder / name).is_dir()]
    place = inner[0] if inner else folder
    if any(is_image(name) for name in os.listdir(place)):
        labels = find_labels([place.parent, place] if inner else [place])
        images = read_labelled(place, labels, read_classes_of(labels))
    else:
        images = read_classes(place)
    return FolderDataset("imagenet", images, images, image_size, **statistics)
