import numpy as np
import photographs
import pytest

from keras_bam.data import DetectionImages, load, unlabelled
from keras_bam.data.objects import FoundObject, collect
from keras_bam.data.objects.detection_images import DecodedImage

CAT = FoundObject((1, 2, 30, 40), 0)


@pytest.fixture
def images(tmp_path):
    paths = []
    for number in range(3):
        paths.append(str(tmp_path / f"{number}.png"))
        photographs.image(60, 80, number).save(paths[-1])
    crowd = FoundObject((1, 2, 30, 40), 1, crowd=True)
    found = [[CAT], [crowd, CAT._replace(difficult=True)], []]
    objects = tuple(collect(number, 60, 80, one) for number, one in enumerate(found))
    return DetectionImages(tuple(paths), objects, ("cat", "dog"), bad_boxes=("one",))


def test_files(images):
    assert (len(images), images.category_ids) == (3, (1, 2))
    assert images.name_of(1) == images.images[1]
    np.testing.assert_array_equal(
        images.opened(1).decode(), photographs.picture(seed=1).astype(np.uint8)
    )
    taken = images.take(np.array([2, 0]))
    assert [found.image_id for found in taken.objects] == [2, 0]
    assert taken.images == (images.images[2], images.images[0])
    assert (taken.bad_boxes, taken.category_ids) == (("one",), (1, 2))
    assert [found.image_id for found in images.with_objects().objects] == [0]


def test_memory():
    images = load("shapes", train=4, test=1).train
    image = images.opened(2)
    assert isinstance(image, DecodedImage) and (image.height, image.width) == (96, 96)
    np.testing.assert_array_equal(image.decode(8), images.images[2])
    taken = images.take([3, 1])
    np.testing.assert_array_equal(taken.images, images.images[[3, 1]])
    assert images.name_of(1) == "image 1"


def test_a_size_that_is_not_that_of_the_annotation(images):
    photographs.image(80, 60).save(images.images[1])
    message = r"1\.png has 80 x 60 pixels, and its objects were found in 60 x 80: get image and"
    with pytest.raises(ValueError, match=message):
        images.opened(1)


def test_unlabelled_files(images):
    found = unlabelled(images.images, ("cat", "dog"))
    assert [(one.height, one.width, len(one)) for one in found.objects] == [(60, 80, 0)] * 3
    assert found.objects[0].image_id == images.images[0]
    with open(images.images[2], "wb") as file:
        file.write(b"no image")
    with pytest.raises(ValueError, match=r"2\.png is damaged or no image that can be read"):
        unlabelled(images.images, ("cat", "dog"))


OBJECTS = (collect("x", 5, 5, [FoundObject((1, 1, 3, 3), 2)]),)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (((), (), ("a",)), "images and objects must be equally many and at least one, got 0 and 0"),
        ((("p", "q"), OBJECTS, ("a",)), "must be equally many and at least one, got 2 and 1"),
        ((("p",), OBJECTS, ("a", "b")), r"labels of p must lie in 0\.\.1, .*, got 2\.\.2"),
        ((("p", "q"), OBJECTS * 2, ("a",) * 3), "an image_id of its own; of several are x"),
        ((("p",), OBJECTS, ("a",) * 3, (1, 2)), "one for each of the 3 class_names, got 2"),
        ((np.zeros((1, 5, 5)), OBJECTS, ("a",) * 3), "must be uint8 of shape .*, got float64 of"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        DetectionImages(*arguments)
