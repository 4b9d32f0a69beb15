import numpy as np
import pytest

from keras_bam.data import Dataset, LabelledImages


def part(images, names=("a", "b")):
    return LabelledImages(images, np.zeros(len(images), np.int64), names)


def test_statistics_are_those_of_the_train_images():
    rng = np.random.default_rng(0)
    train = rng.integers(0, 256, (1003, 5, 4, 3), np.uint8)
    data = Dataset("any", part(train), part(np.zeros((1, 5, 4, 3), np.uint8)))
    scaled = train / 255
    assert data.mean == pytest.approx(scaled.mean((0, 1, 2)), rel=1e-12)
    assert data.std == pytest.approx(scaled.std((0, 1, 2)), rel=1e-12)
    assert data.mean is data.mean
    assert data.input_shape == (5, 4, 3)
    assert data.class_names == ("a", "b")
    assert len(data.train) == 1003


def test_a_constant_channel_has_std_1():
    images = np.full((2, 3, 3, 2), 51, np.uint8)
    images[0, ..., 1] = 0
    data = Dataset("any", part(images), part(images))
    assert data.mean == (0.2, 0.1)
    assert data.std == (1.0, 0.1)


@pytest.mark.parametrize(
    "images, labels, message",
    [
        (np.zeros((2, 3, 3, 1)), [0, 1], "images must be a uint8 .* float64 of shape"),
        (np.zeros((2, 3, 3), np.uint8), [0, 1], r"images must .* uint8 of shape \(2, 3, 3\)"),
        (np.zeros((0, 3, 3, 1), np.uint8), [], r"n >= 1, got uint8 of shape \(0, 3, 3, 1\)"),
        ([[[[0]]]], [0], "images must be a uint8 .* got list"),
        (np.zeros((2, 3, 3, 1), np.uint8), [[0], [1]], "labels must be an int64 .*ravel"),
        (np.zeros((2, 3, 3, 1), np.uint8), [0.0, 1.0], "labels must be an int64 .* float64"),
        (np.zeros((2, 3, 3, 1), np.uint8), [0, 1, 1], "equally many, got 2 images and 3 labels"),
        (np.zeros((2, 3, 3, 1), np.uint8), [0, 2], r"labels must lie in 0\.\.1, .* got 0\.\.2"),
        (np.zeros((2, 3, 3, 1), np.uint8), [-1, 0], r"labels must lie in 0\.\.1, .* got -1\.\.0"),
    ],
)
def test_refused_images_and_labels(images, labels, message):
    with pytest.raises(ValueError, match=message):
        LabelledImages(images, np.asarray(labels), ("a", "b"))


@pytest.mark.parametrize("shape, names", [((1, 4, 4, 1), ("a", "b")), ((1, 3, 3, 1), ("a", "c"))])
def test_train_and_test_must_agree(shape, names):
    train = part(np.zeros((1, 3, 3, 1), np.uint8))
    with pytest.raises(
        ValueError, match="train and test must agree in image shape and class_names"
    ):
        Dataset("any", train, part(np.zeros(shape, np.uint8), names))


def test_data_format_of_a_model():
    images = part(np.zeros((1, 5, 4, 3), np.uint8))
    data = Dataset("any", images, images)
    for shape in ((5, 4, 3), (None, None, 3), (None, 4, None)):
        assert data.data_format_of(shape) == "channels_last"
    for shape in ((3, 5, 4), (3, None, None)):
        assert data.data_format_of(shape) == "channels_first"
    for shape in ((4, 5, 3), (5, 4), (5, 4, 1)):
        with pytest.raises(
            ValueError, match=r"images of any have shape \(5, 4, 3\), and the model"
        ):
            data.data_format_of(shape)


def test_take():
    images = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1)
    some = LabelledImages(images, np.array([0, 1, 0, 1]), ("a", "b")).take([3, 0])
    assert list(some.images.ravel()) == [3, 0] and list(some.labels) == [1, 0]
    assert some.class_names == ("a", "b")
