import json

import annotated
import numpy as np
import pytest

from keras_bam.data.objects import BoxChecks
from keras_bam.data.objects.coco_file import read_coco


@pytest.fixture
def path(tmp_path):
    return annotated.animals(tmp_path) / "annotations" / "instances_train.json"


def test_gaps_crowds_areas_and_empty_images(path):
    file = read_coco(path)
    assert file.categories == {3: "dog", 7: "cat", 90: "brush"}
    assert list(file.categories) == [3, 7, 90]
    checks = BoxChecks("raise")
    found = file.resolved(5, checks)
    np.testing.assert_array_equal(found.boxes, [[10, 20, 40.5, 35], [0, 0, 80, 60]])
    assert (list(found.labels), list(found.crowd)) == ([2, 0], [False, True])
    assert (list(found.areas), found.image_id) == ([400.5, 4000], 5)
    assert not found.difficult.any()
    assert list(file.resolved(9, checks).areas) == [12]  # the file gives none: that of the box
    assert len(file.resolved(6, checks)) == 0


def test_bad_boxes_are_named(path):
    content = json.loads(path.read_text())
    content["annotations"][0]["bbox"] = [10, 20, 0, 5]
    content["annotations"][1]["bbox"] = [10, 20, -3, 5]
    content["annotations"][2]["bbox"] = [float("nan"), 20, 3, 5]
    path.write_text(json.dumps(content))
    checks, file = BoxChecks(), read_coco(path)
    assert (len(file.resolved(5, checks)), len(file.resolved(9, checks))) == (0, 0)
    assert [line.partition(": ")[0] for line in checks.found] == [
        f"{path}, annotation 1 (brush)",
        f"{path}, annotation 2 (dog)",
        f"{path}, annotation 4 (cat)",
    ]
    faults = ["has no area", "is reversed", "is not finite"]
    assert all(line.endswith(fault) for line, fault in zip(checks.found, faults, strict=True))


def test_a_category_that_is_not_there(path):
    content = json.loads(path.read_text())
    content["annotations"][1]["category_id"] = 4
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"train\.json, annotation 2: there is no category 4"):
        read_coco(path).resolved(5, BoxChecks())


@pytest.mark.parametrize(
    "place, changes, message",
    [
        (("annotations", 1), {"image_id": 8}, "annotation 2: there is no image 8"),
        (("annotations", 1), {"id": 1}, "annotation 1 of the list: a second annotation has the id"),
        (("annotations", 2), {"bbox": [1, 2, 3]}, "annotation 4: bbox must be x, y, width and hei"),
        (("annotations", 2), {"bbox": [1, 2, 3, "4"]}, r"bbox must be .* got \[1, 2, 3, '4'\]"),
        (("annotations", 2), {"area": "big"}, "annotation 4: area must be a number, got 'big'"),
        (("annotations", 0), {"category_id": None}, "of the list: category_id must be int, got No"),
        (("images", 1), {"id": 5}, "image 1 of the list: a second image has the id 5"),
        (("images", 2), {"height": "40"}, "image 2 of the list: height must be int, got '40'"),
        (("images", 2), {"file_name": 3}, "image 2 of the list: file_name must be str, got 3"),
        (("categories", 0), {"id": 3}, "category 1 of the list: a second category has the id 3"),
        (("categories", 0), {"name": None}, "category 0 of the list: name must be str, got None"),
    ],
)
def test_wrong_entries(path, place, changes, message):
    content = json.loads(path.read_text())
    content[place[0]][place[1]].update(changes)
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=rf"train\.json, {message}|train\.json.*{message}"):
        read_coco(path)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "is damaged or no JSON"),
        ('{"images": [', "is damaged or no JSON"),
        ("[" * 100_000, "is damaged or no JSON"),
        ("[]", "must hold lists of images, annotations, categories"),
        ('{"images": [], "annotations": []}', "must hold lists of images, annotations, categories"),
        ('{"images": [7], "annotations": [], "categories": []}', "image 0 of the list: id must be"),
    ],
)
def test_what_is_no_such_file(path, text, message):
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"instances_train\.json,? {message}"):
        read_coco(path)
