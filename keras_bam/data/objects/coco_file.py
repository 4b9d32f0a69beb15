"""COCO's JSON of images, annotations and categories, checked."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from keras_bam.data.objects.bad_boxes import BoxChecks
from keras_bam.data.objects.image_objects import FoundObject, ImageObjects, collect


@dataclass(frozen=True)
class CocoFile:
    """What the file holds.

    `categories` are the names by their ids, in the order of these; `images` holds the file name,
    height and width of each image by its id; `annotations` those of each image, as they are
    written.
    """

    path: Path
    categories: dict[int, str]
    images: dict[int, tuple[str, int, int]]
    annotations: dict[int, list[dict[str, Any]]]

    def resolved(self, image_id: int, checks: BoxChecks) -> ImageObjects:
        """The objects of an image, of which `checks` leaves out the bad ones.

        A label is the place of the category in the sorted ids.

        Raises:
            ValueError: naming file and annotation, of a category that is not there.
        """
        _, height, width = self.images[image_id]
        found = []
        for one in self.annotations.get(image_id, ()):
            where = f"{self.path}, annotation {one['id']}"
            if one["category_id"] not in self._labels:
                raise ValueError(f"{where}: there is no category {one['category_id']!r}")
            where += f" ({self.categories[one['category_id']]})"
            left, top, wide, high = one["bbox"]
            written = left, top, left + wide, top + high
            box = checks.accept(written, height, width, where)
            if box is not None:
                label, crowd = self._labels[one["category_id"]], bool(one.get("iscrowd", 0))
                found.append(FoundObject(box, label, crowd=crowd, area=one.get("area")))
        return collect(image_id, height, width, found)

    @cached_property
    def _labels(self) -> dict[int, int]:
        return {category: label for label, category in enumerate(self.categories)}


def read_coco(path: Path) -> CocoFile:
    """Reads `instances_*.json`; outlines are not kept.

    Raises:
        OSError: it can't be read.
        ValueError: naming the path, and the entry if it is about one: no JSON of this form, an id
            that is there twice, or an annotation of an image that is not there.
    """
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError too
        raise ValueError(f"{path} is damaged or no JSON ({error}): get it again") from error
    lists = [content.get(key) if isinstance(content, dict) else None for key in _KEYS]
    if not all(isinstance(one, list) for one in lists):
        raise ValueError(f"{path} must hold lists of {', '.join(_KEYS)}, as COCO's instances do")
    images = {
        image_id: (one["file_name"], one["height"], one["width"])
        for image_id, one in _by_id(path, "image", lists[0], _IMAGE)
    }
    annotations: dict[int, list[dict[str, Any]]] = {}
    for number, one in _by_id(path, "annotation", lists[1], _ANNOTATION):
        if one["image_id"] not in images:
            raise ValueError(f"{path}, annotation {number}: there is no image {one['image_id']!r}")
        _check_numbers(f"{path}, annotation {number}", one)
        kept = {key: value for key, value in one.items() if key != "segmentation"}
        annotations.setdefault(one["image_id"], []).append(kept)
    named = _by_id(path, "category", lists[2], {"id": int, "name": str})
    categories = dict(sorted((number, one["name"]) for number, one in named))
    return CocoFile(path, categories, images, annotations)


_KEYS = ("images", "annotations", "categories")
_IMAGE = {"id": int, "file_name": str, "height": int, "width": int}
_ANNOTATION = {"id": int, "image_id": int, "category_id": int, "bbox": list}


def _by_id(path, kind, entries, fields):
    """(id, entry) of each entry, whose fields are there, of their types, and its id its own."""
    seen = set()
    for place, entry in enumerate(entries):
        where = f"{path}, {kind} {place} of the list"
        for name, of_type in fields.items():
            value = entry.get(name) if isinstance(entry, dict) else None
            if not isinstance(value, of_type) or isinstance(value, bool):
                raise ValueError(f"{where}: {name} must be {of_type.__name__}, got {value!r}")
        if entry["id"] in seen:
            raise ValueError(f"{where}: a second {kind} has the id {entry['id']}")
        seen.add(entry["id"])
        yield entry["id"], entry


def _check_numbers(where, annotation):
    bbox, area = annotation["bbox"], annotation.get("area", 0)
    if len(bbox) != 4 or not all(isinstance(number, (int, float)) for number in bbox):
        raise ValueError(f"{where}: bbox must be x, y, width and height, got {bbox!r}")
    if not isinstance(area, (int, float)):
        raise ValueError(f"{where}: area must be a number, got {area!r}")
