import zipfile
from pathlib import Path

import annotated
import numpy as np
import pytest

from keras_bam.data import batches_of, load

REAL = Path(__file__).parents[4] / "shared" / "data" / "coco_open53.zip"


def test_a_folder(tmp_path):
    data = load("coco", annotated.animals(tmp_path), image_size=96)
    assert (data.name, data.class_names) == ("coco", ("dog", "cat", "brush"))
    assert data.train.category_ids == data.test.category_ids == (3, 7, 90)
    assert [found.image_id for found in data.train.objects] == [5, 9, 6]
    assert [len(found) for found in data.train.objects] == [2, 1, 0]
    assert [found.image_id for found in data.train.with_objects().objects] == [5, 9]
    assert data.input_shape == (96, 96, 3)
    assert batches_of(data, data.test, 1)[0][0].shape == (1, 96, 96, 3)


def test_splits_of_2014_and_images_in_a_folder_of_their_own(tmp_path):
    boxes = [annotated.annotation(1, 1, 3, 1, 1, 5, 5)]
    for number, split in enumerate(("train2014", "valminusminival2014", "minival2014"), start=1):
        boxes = [annotated.annotation(1, number, 3, 1, 1, 5, 5)]
        annotated.coco_split(tmp_path, split, {number: (40, 50)}, boxes, annotated.CATEGORIES)
    (tmp_path / "images").mkdir()
    (tmp_path / "train2014").rename(tmp_path / "images" / "train2014")
    (tmp_path / "valminusminival2014").rename(tmp_path / "val2014")
    (tmp_path / "minival2014" / "000003.jpg").rename(tmp_path / "val2014" / "000003.jpg")
    data = load("coco", tmp_path)
    assert [found.image_id for found in data.train.objects] == [1, 2]
    assert [Path(path).parent.name for path in data.train.images] == ["train2014", "val2014"]
    assert [found.image_id for found in data.test.objects] == [3]
    assert len(load("coco", tmp_path, train="train2014", test="minival2014").train) == 1


def test_bad_boxes_warn_or_stop(tmp_path):
    folder = annotated.animals(tmp_path)
    boxes = [
        annotated.annotation(3, 11, 7, 70, 50, 30, 5),
        annotated.annotation(4, 11, 7, 1, 2, 0, 3),
    ]
    annotated.coco_split(folder, "val", {11: (60, 80)}, boxes, annotated.CATEGORIES)
    with pytest.warns(
        UserWarning, match=r"2 bad boxes of .*, val were .*annotation 3 \(cat\): the"
    ):
        data = load("coco", folder)
    np.testing.assert_array_equal(data.test.objects[0].boxes, [[70, 50, 80, 55]])
    assert len(data.test.bad_boxes) == 2
    with pytest.raises(
        ValueError, match=r"val\.json, annotation 3 \(cat\): the box .* reaches out"
    ):
        load("coco", folder, on_bad_box="raise")


def test_categories_that_differ(tmp_path):
    folder = annotated.animals(tmp_path)
    other = [*annotated.CATEGORIES[:2], {"id": 89, "name": "brush"}]
    annotated.coco_split(folder, "val", {11: (60, 80)}, [], other)
    message = r"train\.json and .*val\.json differ in their categories.*\(89, 'brush'\), \(90, 'br"
    with pytest.raises(ValueError, match=message):
        load("coco", folder)


def test_what_is_missing(tmp_path):
    with pytest.raises(ValueError, match="coco needs a folder: it holds annotations"):
        load("coco")
    with pytest.raises(
        FileNotFoundError, match=r"has no pair of annotations/instances_SPLIT\.json"
    ):
        load("coco", tmp_path)
    folder = annotated.animals(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"instances_other\.json"):
        load("coco", folder, train="other")
    (folder / "train" / "000009.jpg").unlink()
    with pytest.raises(
        ValueError, match=r"train\.json names images that .*train lacks: 000009\.jpg"
    ):
        load("coco", folder)
    (folder / "val").rename(folder / "elsewhere")
    with pytest.raises(FileNotFoundError, match="has no folder 'val' or 'images/val' of images"):
        load("coco", folder, train="val", test="val")


@pytest.mark.skipif(not REAL.exists(), reason=f"needs the project's shared data, {REAL}")
def test_photographs_of_coco(tmp_path):
    with zipfile.ZipFile(REAL) as packed:
        packed.extractall(tmp_path)
    data = load("coco", tmp_path, image_size=64)
    assert (len(data.train), len(data.test), len(data.class_names)) == (26, 27, 80)
    assert data.class_names[0] == "person" and data.train.category_ids[-1] == 90
    assert sum(map(len, data.train.objects)) == 181 and sum(map(len, data.test.objects)) == 174
    assert sum(found.crowd.sum() for part in (data.train, data.test) for found in part.objects) == 3
    assert data.train.bad_boxes == data.test.bad_boxes == ()
    assert len(data.train.with_objects()) == 25
    batches = batches_of(data, data.train, 26, augment=True, seed=1)
    images, targets = batches[0]
    assert np.isfinite(images).all() and 0.5 < images.std() < 1.5
    assert (targets["labels"] >= 0).any(axis=1).sum() == 25
    boxes = targets["boxes"][targets["labels"] >= 0]
    assert 0 <= boxes.min() and boxes.max() <= 1 and (boxes[:, :2] < boxes[:, 2:]).all()
