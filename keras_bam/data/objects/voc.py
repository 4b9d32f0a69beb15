"""Pascal VOC (doi:10.1007/s11263-009-0275-4), or any folder in its form."""

import os
from pathlib import Path

from keras_bam.data.image_tree import is_image, shortened
from keras_bam.data.objects.bad_boxes import BoxChecks, OnBadBox
from keras_bam.data.objects.detection_dataset import DetectionDataset
from keras_bam.data.objects.detection_images import DetectionImages
from keras_bam.data.objects.voc_annotation import Annotation, read_annotation

VOC_CLASSES = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
_FORM = (
    "VOC2007 (and VOC2012), or Annotations, JPEGImages and ImageSets/Main, maybe one folder deeper"
)
_WHOLE_LISTS = (("trainval", "test"), ("train", "val"))


def load_voc(
    folder,
    train: str | None = None,
    test: str | None = None,
    *,
    class_names: tuple[str, ...] | None = None,
    image_size: int = 300,
    on_bad_box: OnBadBox = "drop",
    **statistics,
) -> DetectionDataset:
    """VOC's devkit, or one folder of the same form.

    Corners in the files are pixels that count from 1; what becomes of them is said at
    `Annotation.resolved`: the boxes are continuous and count from 0.

    Args:
        folder: holds VOC2007 and VOC2012, or is such a folder itself, with Annotations/ID.xml,
            JPEGImages/ID.jpg and ImageSets/Main/SPLIT.txt of IDs; either may lie one folder deeper.
        train, test: splits, such as "2007/trainval+2012/trainval", or without year in a single
            folder. By default of the devkit 07+12 trainval, as far as it is there, and 07 test; of
            a single folder trainval and test, else train and val.
        class_names: by default VOC's 20 in their order, of a single folder the sorted names in its
            training split.
        image_size: height and width that the images are brought to.
        on_bad_box: see `BoxChecks`; "drop" warns.
        statistics: `mean`, `std` and `flip` of the `DetectionDataset`.

    Raises:
        FileNotFoundError: `folder` is not there.
        ValueError: naming the file: it has another form, a split lists images that are not there
            or have no annotation, or an annotation is wrong or of an unknown class.
    """
    if folder is None:
        raise ValueError(f"voc needs a folder: it holds {_FORM}")
    folder = Path(folder).expanduser().absolute()
    parts = _parts(folder)
    single = "" in parts
    if train is None or test is None:
        default = _single_splits(folder, parts[""]) if single else _devkit_splits(folder, parts)
        train, test = train or default[0], test or default[1]
    lists = [_read_splits(folder, parts, spelled) for spelled in (train, test)]
    if class_names is None:
        found = {name for _, one in lists[0] for name, _, _ in one.objects}
        class_names = tuple(sorted(found)) if single else VOC_CLASSES
    resolved = [
        _resolved(one, class_names, on_bad_box, f"{folder}, {spelled}")
        for one, spelled in zip(lists, (train, test), strict=True)
    ]
    return DetectionDataset("voc", resolved[0], resolved[1], image_size, **statistics)


def _parts(folder: Path) -> dict[str, Path]:
    """The folders that hold annotations: by year, or one by ""."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder)!r} in the form of VOC")
    for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        years = {year: place / f"VOC{year}" for year in ("2007", "2012")}
        there = {year: path for year, path in years.items() if (path / "Annotations").is_dir()}
        if there:
            return there
        if (place / "Annotations").is_dir():
            return {"": place}
    raise ValueError(f"{folder} is not in the form of VOC: it must hold {_FORM}")


def _devkit_splits(folder, parts):
    if "2007" not in parts or not _split_file(parts["2007"], "test").is_file():
        raise ValueError(
            f"{folder} lacks VOC2007/ImageSets/Main/test.txt, which is what VOC is measured on by "
            "default; unpack it there or pass train and test, such as train='2012/train', "
            "test='2012/val'"
        )
    there = [year for year in parts if _split_file(parts[year], "trainval").is_file()]
    return "+".join(f"{year}/trainval" for year in there), "2007/test"


def _single_splits(folder, part):
    for splits in _WHOLE_LISTS:
        if all(_split_file(part, split).is_file() for split in splits):
            return splits
    raise ValueError(
        f"{folder} has neither trainval.txt and test.txt nor train.txt and val.txt in "
        "ImageSets/Main; put them there or pass train and test"
    )


def _split_file(part: Path, split: str) -> Path:
    return part / "ImageSets" / "Main" / f"{split}.txt"


def _read_splits(folder, parts, spelled: str) -> list[tuple[str, Annotation]]:
    """Path of the image and annotation of each image of splits joined by "+"."""
    images = []
    for split in spelled.split("+"):
        year, _, name = split.rpartition("/")
        if year not in parts or not name:
            known = " and ".join(f"{year}/..." if year else "names without '/'" for year in parts)
            raise ValueError(f"{folder} has no split {split!r}; there are {known}")
        images += _read_split(parts[year], _split_file(parts[year], name))
    return images


def _read_split(part: Path, listed: Path) -> list[tuple[str, Annotation]]:
    if not listed.is_file():
        raise ValueError(f"there is no {listed}, which lists the images of this split")
    lines = listed.read_text(encoding="utf-8").split("\n")
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise ValueError(f"{listed} lists no images")
    files = {Path(name).stem: name for name in os.listdir(part / "JPEGImages") if is_image(name)}
    annotations = set(os.listdir(part / "Annotations"))
    missing = [name for name in names if name not in files]
    if missing:
        raise ValueError(f"{listed} lists images that JPEGImages lacks: {shortened(missing)}")
    missing = [name for name in names if f"{name}.xml" not in annotations]
    if missing:
        raise ValueError(f"{listed} lists images that Annotations lacks: {shortened(missing)}")
    return [
        (
            str(part / "JPEGImages" / files[name]),
            read_annotation(part / "Annotations" / f"{name}.xml"),
        )
        for name in names
    ]


def _resolved(listed, class_names, on_bad_box, source) -> DetectionImages:
    checks = BoxChecks(on_bad_box)
    objects = tuple(annotation.resolved(class_names, checks) for _, annotation in listed)
    checks.warn(source)
    paths = tuple(path for path, _ in listed)
    return DetectionImages(paths, objects, class_names, bad_boxes=tuple(checks.found))
