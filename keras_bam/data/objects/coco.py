"""COCO (arXiv:1405.0312), or any images with annotations in its form."""

import os
from pathlib import Path

from keras_bam.data.image_tree import shortened
from keras_bam.data.objects.bad_boxes import BoxChecks, OnBadBox
from keras_bam.data.objects.coco_file import CocoFile, read_coco
from keras_bam.data.objects.detection_dataset import DetectionDataset
from keras_bam.data.objects.detection_images import DetectionImages

# Pairs of splits to look for, the first that is there counts. The second is trainval35k and minival
# as they were before 2017.
_SPLITS = (
    ("train2017", "val2017"),
    ("train2014+valminusminival2014", "minival2014"),
    ("train2014", "val2014"),
    ("train", "val"),
)
_IMAGES_OF = {"valminusminival2014": "val2014", "minival2014": "val2014"}


def load_coco(
    folder,
    train: str | None = None,
    test: str | None = None,
    *,
    image_size: int = 300,
    on_bad_box: OnBadBox = "drop",
    **statistics,
) -> DetectionDataset:
    """COCO's folder, or another of the same form.

    Category ids, which have gaps in COCO, become labels without: their places in the sorted ids.
    `category_ids` of the images lead back. Crowds are marked, and images without objects kept.

    Args:
        folder: holds annotations/instances_SPLIT.json, and the images in SPLIT or images/SPLIT;
            those of minival2014 and valminusminival2014 in val2014.
        train, test: splits, several joined by "+". By default train2017 and val2017, else
            train2014+valminusminival2014 and minival2014, else those of 2014, else train and val.
        image_size: height and width that the images are brought to.
        on_bad_box: see `BoxChecks`; "drop" warns.
        statistics: `mean`, `std` and `flip` of the `DetectionDataset`.

    Raises:
        FileNotFoundError: `folder` or the file of a split is not there.
        ValueError: naming the file: it is wrong, its categories are others than those of another
            split, or images are not there.
    """
    if folder is None:
        raise ValueError("coco needs a folder: it holds annotations/instances_*.json and images")
    folder = Path(folder).expanduser().absolute()
    if train is None or test is None:
        default = _default(folder)
        train, test = train or default[0], test or default[1]
    parts = []
    for spelled in (train, test):
        files = [(split, read_coco(_file(folder, split))) for split in spelled.split("+")]
        parts.append(files)
    _, first = parts[0][0]
    for _, one in (*parts[0], *parts[1]):
        _check_categories(first, one)
    resolved = [_resolved(folder, files, on_bad_box) for files in parts]
    return DetectionDataset("coco", resolved[0], resolved[1], image_size, **statistics)


def _file(folder: Path, split: str) -> Path:
    return folder / "annotations" / f"instances_{split}.json"


def _default(folder):
    for splits in _SPLITS:
        if all(_file(folder, one).is_file() for one in "+".join(splits).split("+")):
            return splits
    raise FileNotFoundError(
        f"{folder} has no pair of annotations/instances_SPLIT.json of the splits "
        f"{', '.join(' and '.join(splits) for splits in _SPLITS)}; pass train and test"
    )


def _check_categories(first: CocoFile, other: CocoFile):
    if first.categories != other.categories:
        differing = sorted(set(first.categories.items()) ^ set(other.categories.items()))
        raise ValueError(
            f"{first.path} and {other.path} differ in their categories, in id or name: "
            f"{shortened(differing)}; give both the same"
        )


def _resolved(folder, files, on_bad_box) -> DetectionImages:
    checks = BoxChecks(on_bad_box)
    paths, objects = [], []
    for split, file in files:
        paths += _paths(_image_folder(folder, split), file)
        objects += [file.resolved(image_id, checks) for image_id in file.images]
    _, first = files[0]
    checks.warn(f"{folder}, {'+'.join(split for split, _ in files)}")
    return DetectionImages(
        tuple(paths),
        tuple(objects),
        tuple(first.categories.values()),
        tuple(first.categories),
        tuple(checks.found),
    )


def _image_folder(folder: Path, split: str) -> Path:
    name = _IMAGES_OF.get(split, split)
    for place in (folder / name, folder / "images" / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{folder} has no folder {name!r} or 'images/{name}' of images")


def _paths(place: Path, file: CocoFile) -> list[str]:
    there = set(os.listdir(place))
    names = [name for name, _, _ in file.images.values()]
    missing = [name for name in names if name not in there]
    if missing:
        raise ValueError(f"{file.path} names images that {place} lacks: {shortened(missing)}")
    return [str(place / name) for name in names]
