"""Small trees in the layouts of VOC and COCO, for the tests of detection data."""

import json

import photographs

OBJECT = (
    "<object><name>{name}</name>{difficult}<bndbox><xmin>{0}</xmin><ymin>{1}</ymin>"
    "<xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>"
)


def xml(objects=(), height=60, width=80):
    """An annotation; an object is (name, xmin, ymin, xmax, ymax) and maybe `difficult`."""
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    parts = []
    for name, *numbers in objects:
        difficult = f"<difficult>{numbers[4]}</difficult>" if len(numbers) > 4 else ""
        parts.append(OBJECT.format(*numbers[:4], name=name, difficult=difficult))
    return f"<annotation>{size}{''.join(parts)}</annotation>"


def voc_part(folder, splits):
    """One folder of VOC's form from {split: {id: objects}}, each image of another picture."""
    for name in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for split, images in splits.items():
        for number, (name, objects) in enumerate(images.items()):
            photographs.image(seed=number).save(folder / "JPEGImages" / f"{name}.jpg")
            (folder / "Annotations" / f"{name}.xml").write_text(xml(objects))
        (folder / "ImageSets" / "Main" / f"{split}.txt").write_text("\n".join(images) + "\n")
    return folder


def cells(folder):
    """A single folder in VOC's form, of two classes."""
    objects = [("red", 1, 1, 20, 30), ("white", 30, 10, 80, 60, 1)]
    splits = {
        "trainval": {"a": objects, "b": [("red", 5, 6, 7, 8)], "c": []},
        "test": {"d": objects[:1]},
    }
    return voc_part(folder, splits)


def coco_split(folder, split, images, annotations, categories):
    """One split of COCO's form: images are {id: (height, width)}, annotations and categories
    entries of the file.
    """
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / split).mkdir(exist_ok=True)
    listed = []
    for number, (height, width) in images.items():
        name = f"{number:06}.jpg"
        photographs.image(height, width, number).save(folder / split / name)
        listed.append({"id": number, "file_name": name, "height": height, "width": width})
    content = {"images": listed, "annotations": annotations, "categories": categories}
    path = folder / "annotations" / f"instances_{split}.json"
    path.write_text(json.dumps(content))
    return path


def annotation(number, image, category, *bbox, **more):
    return {"id": number, "image_id": image, "category_id": category, "bbox": list(bbox), **more}


CATEGORIES = [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}, {"id": 90, "name": "brush"}]


def animals(folder):
    """A folder in COCO's form, of three categories whose ids have gaps."""
    annotations = [
        annotation(1, 5, 90, 10, 20, 30.5, 15, iscrowd=0, area=400.5),
        annotation(2, 5, 3, 0, 0, 80, 60, iscrowd=1, area=4000),
        annotation(4, 9, 7, 1, 2, 3, 4),
    ]
    sizes = {5: (60, 80), 9: (70, 50), 6: (40, 40)}
    coco_split(folder, "train", sizes, annotations, CATEGORIES)
    coco_split(folder, "val", {11: (60, 80)}, [annotation(1, 11, 7, 5, 5, 9, 9)], CATEGORIES)
    return folder
