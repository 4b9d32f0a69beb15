import json

import numpy as np
import photographs
import pytest
from PIL import Image

from keras_bam.explained_images import read, read_boxes

pytestmark = pytest.mark.once  # NumPy and Pillow alone


@pytest.fixture
def wide(tmp_path):
    """100 x 60 pixels; black, white in columns 20 to 80."""
    pixels = np.zeros((60, 100, 3), "uint8")
    pixels[:, 20:80] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


def test_the_largest_part_in_the_centre(wide):
    picture = read(wide, (6, 6, 3))
    assert picture.crop == (20, 0, 80, 60)
    assert picture.pixels.shape == (6, 6, 3) and picture.pixels.dtype == "uint8"
    assert (picture.pixels > 230).all()  # the filter reaches a little beyond
    assert read(wide, (30, 50, 3)).crop == (0, 0, 100, 60)
    assert read(wide, (4, 2, 1)).pixels.shape == (4, 2, 1)


def test_boxes_are_those_of_what_is_left(wide):
    picture = read(wide, (6, 6, 3))
    boxes = [[20, 0, 50, 30], [0, 30, 35, 60], [0, 0, 19, 60]]  # the last is cut off
    np.testing.assert_allclose(picture.relative(boxes), [[0, 0, 0.5, 0.5], [0, 0.5, 0.25, 1]])
    assert picture.relative([]).shape == (0, 4)


def test_boxes_of_a_file(wide, tmp_path):
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps({"wide.png": [[20, 0, 80, 30]], "other.png": []}))
    (boxes,) = read_boxes(path, [read(wide, (6, 6, 3))])
    np.testing.assert_allclose(boxes, [[0, 0, 1, 0.5]])


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "must be JSON like"),
        ("[]", "must be JSON like"),
        ('{"wide.png": [1, 2, 3, 4]}', "must be JSON like"),
        ('{"wide.png": [["a", 1, 2, 3]]}', "must be JSON like"),
        ('{"narrow.png": [[1, 2, 3, 4]]}', "has no boxes for wide.png; it names narrow.png"),
        ("{}", "has no boxes for wide.png; it names no image"),
    ],
)
def test_files_without_boxes(wide, tmp_path, text, message):
    path = tmp_path / "boxes.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_boxes(path, [read(wide, (6, 6, 3))])


def test_an_image_that_can_t_be_decoded(tmp_path):
    path = tmp_path / "cut.jpg"
    path.write_bytes(photographs.encoded(photographs.image())[:200])
    with pytest.raises(ValueError, match="cut.jpg is damaged or no image that can be read"):
        read(path, (6, 6, 3))
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.jpg", (6, 6, 3))
