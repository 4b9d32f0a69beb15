import numpy as np
import pytest

from keras_bam.data import load
from keras_bam.data.objects import shapes


def test_shapes():
    data = load("shapes", train=40, test=20)
    assert (data.name, data.input_shape) == ("shapes", (96, 96, 3))
    assert data.class_names == ("circle", "square", "triangle")
    assert (data.train.images.shape, len(data.test)) == ((40, 96, 96, 3), 20)
    counts = [len(found) for found in data.train.objects]
    assert set(counts) == {1, 2, 3}
    assert set(np.concatenate([found.labels for found in data.train.objects])) == {0, 1, 2}
    for found in data.train.objects:
        sides = found.boxes[:, 2:] - found.boxes[:, :2]
        assert sides.min() >= 14 and sides.max() <= 40
        for box, other in zip(found.boxes, found.boxes[1:], strict=False):
            apart = (box[2:] < other[:2]) | (other[2:] < box[:2])
            assert apart.any()


def test_an_image_hangs_on_split_place_size_and_seed_alone():
    data, more = load("shapes", train=3, test=2), load("shapes", train=5, test=4)
    np.testing.assert_array_equal(data.train.images, more.train.images[:3])
    np.testing.assert_array_equal(data.test.images, more.test.images[:2])
    np.testing.assert_array_equal(data.train.objects[2].boxes, more.train.objects[2].boxes)
    assert (data.train.images[:2] != data.test.images).any((1, 2, 3)).all()
    other = load("shapes", train=3, test=2, seed=1)
    assert (data.train.images != other.train.images).any((1, 2, 3)).all()


@pytest.mark.parametrize("name", shapes.CLASSES)
def test_each_shape_fills_what_it_should_of_its_box(name):
    mask = shapes._shape(np.random.default_rng(0), name, 400)
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    box = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
    share = {"circle": np.pi / 4, "square": 1, "triangle": 0.5}[name]
    assert mask.sum() / box == pytest.approx(share, abs=0.01)


def test_pixels_of_a_shape_differ_from_the_background():
    data = load("shapes", train=30, test=1)
    for image, found in zip(data.train.images, data.train.objects, strict=True):
        inside = np.zeros((96, 96), bool)
        for left, top, right, bottom in found.boxes.astype(int):
            inside[top:bottom, left:right] = True
            middle = image[(top + bottom) // 2, (left + right) // 2].astype(float)
            assert abs(middle - image[0:1, 0:1].mean((0, 1))).max() > 10
        background = image[~inside].astype(float)
        assert (np.ptp(background, axis=0) <= 81).all()  # noise of one colour alone


@pytest.mark.parametrize(
    "options, message",
    [
        ({"train": 0}, "train must be a positive integer, got 0"),
        ({"test": 1.5}, "test must be a positive integer, got 1.5"),
        ({"image_size": 23}, "image_size must be at least 24, got 23"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
    ],
)
def test_wrong_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        load("shapes", **options)
