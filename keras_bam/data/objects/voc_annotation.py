"""The annotation of one image in VOC's XML."""

import math
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from keras_bam.data.objects.bad_boxes import BoxChecks
from keras_bam.data.objects.image_objects import Corners, FoundObject, ImageObjects, collect
from keras_bam.data.objects.xml_file import read_xml
from keras_bam.naming import unknown

_CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class Annotation:
    """What the file says: the size of its image, and name, corners and flag of each object.

    Corners are as they are written: numbers of pixels that count from 1 and lie inside the box.
    """

    path: Path
    height: int
    width: int
    objects: tuple[tuple[str, Corners, bool], ...]

    def resolved(self, class_names: tuple[str, ...], checks: BoxChecks) -> ImageObjects:
        """Its objects, of which `checks` leaves out the bad ones.

        VOC's pixels count from 1 and both corners lie inside the box: 1 is subtracted from xmin and
        ymin, and xmax and ymax, exclusive from 0, stay. So the width is VOC's xmax - xmin + 1, but
        xmin == xmax counts as no area, as the tools that write such files mean it.

        Raises:
            ValueError: naming file and object, of a class that is none of `class_names`.
        """
        numbers = {name: number for number, name in enumerate(class_names)}
        found = []
        for place, (name, corners, difficult) in enumerate(self.objects, start=1):
            where = f"{self.path}, object {place} ({name})"
            if name not in numbers:
                raise ValueError(
                    f"{self.path}, object {place}: {unknown('class', name, class_names)} "
                    "(pass class_names to name the classes)"
                )
            box = checks.accept(corners, self.height, self.width, where, first=1)
            if box is not None:
                found.append(FoundObject(box, numbers[name], difficult))
        return collect(self.path.stem, self.height, self.width, found)


def read_annotation(path: Path) -> Annotation:
    """Reads one file.

    Raises:
        OSError: it can't be read.
        ValueError: naming the path, and the object if it is about one: no well-formed XML, no size
            of the image, an object without name or box, or a corner that is no number.
    """
    root = read_xml(path)
    height, width = (_number(root, f"size/{side}", path) for side in ("height", "width"))
    if not (1 <= height < math.inf and 1 <= width < math.inf):
        raise ValueError(f"{path} gives its image the size {height} x {width}: correct it")
    objects = []
    for place, element in enumerate(root.findall("object"), start=1):
        where = f"{path}, object {place}"
        name = (element.findtext("name") or "").strip()
        if not name:
            raise ValueError(f"{where} has no <name>: it must say of which class it is")
        left, top, right, bottom = (_number(element, f"bndbox/{x}", where) for x in _CORNERS)
        difficult = bool((element.findtext("difficult") or "0").strip() not in ("0", ""))
        objects.append((name, (left, top, right, bottom), difficult))
    return Annotation(path, int(height), int(width), tuple(objects))


def _number(element: Element, place: str, where) -> float:
    text = element.findtext(place)
    try:
        number = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        got = "is not there" if text is None else f"is {text!r}"
        raise ValueError(f"{where}: <{place}> {got}; it must be a number") from None
    return number
