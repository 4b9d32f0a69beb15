import annotated
import numpy as np
import pytest

from keras_bam.data.objects import BoxChecks
from keras_bam.data.objects.voc_annotation import read_annotation


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "7.xml").write_text(text)
        return tmp_path / "7.xml"

    return write


def test_pixels_count_from_1_and_lie_inside(write):
    objects = [("cat", 1, 1, 80, 60), ("dog", 5.5, 6, 8, 9.25, 1), ("cat", 2, 2, 3, 3, 0)]
    path = write(annotated.xml(objects))
    found = read_annotation(path).resolved(("cat", "dog"), BoxChecks("raise"))
    np.testing.assert_array_equal(found.boxes, [[0, 0, 80, 60], [4.5, 5, 8, 9.25], [1, 1, 3, 3]])
    assert list(found.labels) == [0, 1, 0]
    assert list(found.difficult) == [False, True, False]
    assert (found.image_id, found.height, found.width) == ("7", 60, 80)
    assert found.areas[2] == 4  # as the devkit has it: xmax - xmin + 1


def test_parts_of_persons_are_no_objects(write):
    part = annotated.OBJECT.format(9, 9, 11, 11, name="head", difficult="")
    part = part.replace("object>", "part>")
    text = annotated.xml([("person", 1, 2, 30, 40)])
    found = read_annotation(write(text.replace("</object>", f"{part}</object>")))
    assert found.objects == (("person", (1, 2, 30, 40), False),)


def test_bad_boxes_are_named(write):
    path = write(annotated.xml([("cat", 1, 1, 9, 9), ("cat", 9, 9, 9, 9), ("cat", "nan", 1, 2, 3)]))
    checks = BoxChecks()
    assert len(read_annotation(path).resolved(("cat",), checks)) == 1
    assert [line.partition(": ")[0] for line in checks.found] == [
        f"{path}, object 2 (cat)",
        f"{path}, object 3 (cat)",
    ]
    assert checks.found[1].endswith("the box (nan, 1.0, 2.0, 3.0) is not finite")


def test_an_unknown_class(write):
    annotation = read_annotation(write(annotated.xml([("cat", 1, 1, 9, 9), ("dgo", 1, 1, 9, 9)])))
    message = r"7\.xml, object 2: unknown class 'dgo'; did you mean 'dog'\? \(pass class_names"
    with pytest.raises(ValueError, match=message):
        annotation.resolved(("cat", "dog"), BoxChecks())


GOOD = annotated.xml([("cat", 1, 2, 3, 4)])


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("<height>60</height>", "", r"7\.xml: <size/height> is not there; it must be a number"),
        ("<width>80</width>", "<width>big</width>", r"7\.xml: <size/width> is 'big'; it must"),
        ("<width>80</width>", "<width>0</width>", r"7\.xml gives its image the size 60.0 x 0.0"),
        ("<width>80</width>", "<width>nan</width>", r"7\.xml gives its image the size 60.0 x nan"),
        ("<name>cat</name>", "", r"7\.xml, object 1 has no <name>"),
        ("<xmin>1</xmin>", "", r"7\.xml, object 1: <bndbox/xmin> is not there"),
        ("<ymax>4</ymax>", "<ymax>4px</ymax>", r"7\.xml, object 1: <bndbox/ymax> is '4px'"),
        ("</annotation>", "", r"7\.xml is no well-formed XML"),
    ],
)
def test_what_is_refused(write, old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError, match=message):
        read_annotation(write(GOOD.replace(old, new)))
