import os
import warnings

import numpy as np
import photographs
import pytest

from keras_bam.data import (
    FileBatches,
    ImageFiles,
    RandAugment,
    cut_out,
    draw_cutouts,
    load_imagenet,
    normalize,
)
from keras_bam.data.crops import centre_crop, draw_crop, read_crop
from keras_bam.data.decoding import EncodedImage

SCALE = {"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}


@pytest.fixture
def files(tmp_path):
    """13 images of several sizes and kinds, each of a class of its own."""
    paths = []
    for number in range(13):
        kind = ("jpg", "png", "JPEG")[number % 3]
        paths.append(str(tmp_path / f"{number}.{kind}"))
        photographs.image(30 + 5 * number, 90 - 4 * number, number).save(paths[-1])
    return ImageFiles(tuple(paths), np.arange(13), tuple(map(str, range(13))))


def batches_of(files, batch_size=5, **options):
    return FileBatches(files, batch_size, **({"size": 24, "threads": 2} | SCALE | options))


def in_order(batches):
    """All images, in the order of the source."""
    order = np.argsort(np.concatenate([labels for _, labels in batches]))
    return np.concatenate([images for images, _ in batches])[order]


def test_plain_batches_are_centre_crops(files):
    batches = batches_of(files)
    assert [len(labels) for _, labels in batches] == [5, 5, 3]
    images, labels = batches[1]
    assert (images.dtype, labels.dtype, images.shape) == ("float32", "int32", (5, 24, 24, 3))
    np.testing.assert_array_equal(labels, range(5, 10))
    image = EncodedImage(files.paths[6])
    crop = read_crop(image, centre_crop(image.height, image.width, 24), 24)
    np.testing.assert_array_equal(images[1], normalize(np.asarray(crop), **SCALE))


@pytest.mark.parametrize("flip", [False, True])
def test_augmented_batches_are_random_crops(files, flip):
    batches = batches_of(files, seed=3, augment=True, flip=flip)
    batches.epoch = 2
    images, mirrored = batches[0][0], 0
    draws = np.random.default_rng([3, 2, 4]).random((13, 41))
    for number, found in enumerate(images):
        mirror = flip and draws[number, 0] < 0.5
        image = EncodedImage(files.paths[number])
        box = draw_crop(draws[number, 1:].reshape(10, 4), image.height, image.width)
        expected = normalize(np.asarray(read_crop(image, box, 24)), **SCALE)
        np.testing.assert_array_equal(found, expected[:, ::-1] if mirror else expected)
        mirrored += mirror
    assert 0 < mirrored < 5 if flip else mirrored == 0


@pytest.mark.parametrize("randaugment", [None, RandAugment(2, 9)])
def test_an_image_is_free_of_threads_batches_and_order(files, randaugment):
    options = {"seed": 1, "augment": True, "randaugment": randaugment}
    reference = batches_of(files, threads=1, **options)
    others = [
        batches_of(files, threads=2, **options),
        batches_of(files, 7, threads=4, shuffle=True, **options),
    ]
    for batches in (reference, *others):
        batches.epoch = 3
    for batches in others:
        np.testing.assert_array_equal(in_order(batches), in_order(reference))
    others[1].epoch = 4
    assert (in_order(others[1]) != in_order(reference)).any()


def test_randaugment_changes_images(files):
    plain, changed = batches_of(files), batches_of(files, randaugment=RandAugment(2, 9))
    assert 5 < (in_order(plain) != in_order(changed)).any((1, 2, 3)).sum()


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_cutout(files, data_format):
    plain = batches_of(files, seed=1, augment=True)
    options = {"shuffle": True, "cutout": 9, "data_format": data_format}
    cut = batches_of(files, 7, seed=1, augment=True, **options)
    plain.epoch = cut.epoch = 3
    expected = cut_out(in_order(plain), draw_cutouts(1, 3, 13, 24, 24), 9)
    if data_format == "channels_first":
        expected = expected.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(in_order(cut), expected)


def test_channels_first_is_the_transpose(files):
    last, _ = batches_of(files, augment=True)[0]
    first, _ = batches_of(files, augment=True, data_format="channels_first")[0]
    np.testing.assert_array_equal(first, last.transpose(0, 3, 1, 2))


def test_order(files):
    batches = batches_of(files, shuffle=True, drop_remainder=True, seed=2)
    batches.epoch = 1
    labels = np.concatenate([labels for _, labels in batches])
    np.testing.assert_array_equal(labels, np.random.default_rng([2, 1, 1]).permutation(13)[:10])


def damage(files, *numbers):
    for number in numbers:
        with open(files.paths[number], "r+b") as file:
            file.truncate(200)


def test_a_damaged_image_is_fatal_and_named(files):
    damage(files, 7, 8)
    batches = batches_of(files)
    assert len(batches[0][1]) == 5
    with pytest.raises(ValueError, match=r"7\.png is damaged or no image that can be read"):
        batches[1]


def test_damaged_images_are_skipped_with_one_warning_each(files):
    damage(files, 7, 9)
    batches = batches_of(files, on_error="skip")
    with pytest.warns(UserWarning, match=r"left out: .*\.(png|jpg) is damaged") as caught:
        images, labels = batches[1]
    assert ["7.png" in str(one.message) for one in caught] == [True, False]
    np.testing.assert_array_equal(labels, [5, 6, 8])
    whole = batches_of(files.take([5, 6, 8]), 3)[0][0]
    np.testing.assert_array_equal(images, whole)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(batches[1][1]) == 3


def test_a_batch_of_which_nothing_is_left(files):
    damage(files, 10, 11, 12)
    batches = batches_of(files, on_error="skip")
    with pytest.warns(UserWarning, match="left out"):
        with pytest.raises(ValueError, match="none of the 3 images of a batch can be read"):
            batches[2]


def test_a_missing_file_is_fatal(files):
    batches = batches_of(files.take([0, 1]), 2, on_error="skip")
    batches.images = ImageFiles(("gone.jpg", files.paths[0]), np.arange(2), ("a", "b"))
    with pytest.raises(FileNotFoundError, match=r"gone\.jpg"):
        batches[0]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"size": 0}, "size must be a positive integer, got 0"),
        ({"threads": 1.0}, r"threads must be a positive integer, got 1\.0"),
        ({"cutout": -1}, "cutout must be a positive integer, got -1"),
        ({"on_error": "ignore"}, "on_error must be 'raise' or 'skip', got 'ignore'"),
        ({"mean": (0.5,)}, "mean must hold 3 values"),
        ({"std": (1, 1, 0)}, "std must be positive"),
        ({"seed": -1}, "seed must be an integer of 0 or more"),
    ],
)
def test_wrong_arguments_are_refused(files, changes, message):
    with pytest.raises(ValueError, match=message):
        batches_of(files, **changes)


def test_a_last_batch_of_one_warns_in_training(files):
    with pytest.warns(UserWarning, match="13 images in batches of 4 leave a last batch of one"):
        batches_of(files, 4, augment=True)
    assert len(batches_of(files, 4)) == 4


def test_a_tree(tmp_path):
    data = load_imagenet(photographs.tree(tmp_path), image_size=16)
    images, labels = FileBatches(data.train, 8, size=16, mean=data.mean, std=data.std)[0]
    assert images.shape == (8, 16, 16, 3) and list(labels) == [0] * 4 + [1] * 4


def test_small_images_have_one_thread(files):
    assert batches_of(files, size=64, threads=None).threads == 1
    assert batches_of(files, size=65, threads=None).threads == os.cpu_count()
