import warnings

import numpy as np
import photographs
import pytest

from keras_bam.data import (
    DetectionAugment,
    DetectionBatches,
    DetectionImages,
    Prefetch,
    Share,
    SharedBatches,
    batches_of,
    load,
    normalize,
)
from keras_bam.data.objects import FoundObject, collect
from keras_bam.data.objects.regions import mirrored, read_region, shown

SCALE = {"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}
STILL = DetectionAugment(colours=False, expand=1, crop=False)


@pytest.fixture
def images(tmp_path):
    """13 images of several sizes, the first without objects, the others with up to three."""
    paths, objects = [], []
    for number in range(13):
        paths.append(str(tmp_path / f"{number}.jpg"))
        height, width = 40 + 5 * number, 90 - 4 * number
        photographs.image(height, width, number).save(paths[-1])
        found = [
            FoundObject((2 + i, 3, 20 + 5 * i, 30 + i), i, difficult=i == 1, crowd=i == 2)
            for i in range(min(number, 3))
        ]
        objects.append(collect(number, height, width, found))
    return DetectionImages(tuple(paths), tuple(objects), ("a", "b", "c"))


def batches_from(images, batch_size=5, **options):
    return DetectionBatches(images, batch_size, **({"size": 32, "threads": 2} | SCALE | options))


def flat(batch):
    features, targets = batch
    return [features, targets["boxes"], targets["labels"]]


def in_order(batches):
    """Images, boxes and labels of all batches, in the order of the source."""
    order = np.concatenate([batches.chosen(index)[1] for index in range(len(batches))])
    parts = zip(*(flat(batches[index]) for index in range(len(batches))), strict=True)
    return [np.concatenate(part)[np.argsort(order)] for part in parts]


def test_plain_batches(images):
    batches = batches_from(images, max_boxes=4)
    features, targets = batches[1]
    assert (features.shape, features.dtype) == ((5, 32, 32, 3), "float32")
    assert (targets["boxes"].shape, targets["labels"].shape) == ((5, 4, 4), (5, 4))
    whole = read_region(images.opened(6), (0, 0, 66, 70), 32, 32, (0, 0, 0))
    np.testing.assert_array_equal(features[1], normalize(whole, **SCALE))
    np.testing.assert_allclose(targets["boxes"][1, 0], [2 / 66, 3 / 70, 20 / 66, 30 / 70])
    assert list(targets["labels"][1]) == [0, -1, -1, -1]  # neither difficult ones nor crowds
    assert (batches[0][1]["labels"][0] == -1).all()


def test_marked_objects_if_asked(images):
    def labels(**options):
        return list(batches_from(images, max_boxes=3, **options)[1][1]["labels"][0])

    assert labels(keep_difficult=True) == [0, 1, -1]
    assert labels(keep_crowd=True) == [0, 2, -1]
    assert labels(keep_difficult=True, keep_crowd=True) == [0, 1, 2]


def test_augmented_batches(images):
    batches = batches_from(images, seed=3, augment=True)
    batches.epoch = 2
    features, targets = batches[0]
    for number, (found, boxes) in enumerate(zip(features, targets["boxes"], strict=True)):
        generator = np.random.default_rng([3, 2, 6, number])
        one = images.objects[number].take(slice(0, 1))
        augment = DetectionAugment()
        colours, region = augment.draw(generator, one.height, one.width, one.boxes)
        fill = np.array([128, 102, 76], np.uint8)  # 255 times the mean
        pixels = read_region(images.opened(number), region, 32, 32, fill, colours)
        expected, seen = shown(one.boxes, region)
        assert len(seen) == seen.sum()
        if generator.random() < 0.5:
            pixels, expected = pixels[:, ::-1], mirrored(expected)
        np.testing.assert_array_equal(found, normalize(pixels, **SCALE))
        np.testing.assert_array_equal(boxes[: len(expected)], expected)


@pytest.mark.parametrize("mode", ["resize", "letterbox"])
def test_an_image_is_free_of_threads_batches_and_order(images, mode):
    options = {"seed": 1, "augment": True, "mode": mode}
    reference = batches_from(images, threads=1, **options)
    others = [
        batches_from(images, threads=2, **options),
        batches_from(images, 7, threads=4, shuffle=True, **options),
    ]
    for batches in (reference, *others):
        batches.epoch = 3
    for batches in others:
        for found, expected in zip(in_order(batches), in_order(reference), strict=True):
            assert found.tobytes() == expected.tobytes()
    others[1].epoch = 4
    assert (in_order(others[1])[0] != in_order(reference)[0]).any()


def test_flip_alone(images):
    plain = in_order(batches_from(images))
    never = in_order(batches_from(images, augment=STILL, flip=False))
    for found, expected in zip(never, plain, strict=True):
        np.testing.assert_array_equal(found, expected)
    features, boxes, _ = in_order(batches_from(images, augment=STILL))
    flipped = (features != plain[0]).any((1, 2, 3))
    assert 0 < flipped.sum() < 13
    np.testing.assert_array_equal(features[flipped], plain[0][flipped, :, ::-1])
    with_objects = flipped & (plain[2][:, 0] >= 0)
    np.testing.assert_allclose(boxes[with_objects, 0], mirrored(plain[1][with_objects, 0]))


def test_letterbox(images):
    options = {"mode": "letterbox", "size": (40, 64), "with_sizes": True}
    inputs, targets = batches_from(images, 13, **options)[0]
    assert inputs["images"].shape == (13, 40, 64, 3) and inputs["sizes"].dtype == "int32"
    np.testing.assert_array_equal(inputs["sizes"][[0, 6]], [[28, 64], [40, 38]])
    image, (high, wide) = inputs["images"][6], inputs["sizes"][6]
    pixels = read_region(images.opened(6), (0, 0, 66, 70), high, wide, (0, 0, 0))
    np.testing.assert_array_equal(image[:high, :wide], normalize(pixels, **SCALE))
    assert not image[:, wide:].any() and not inputs["images"][0, 28:].any()
    expected = np.array([2 / 66 * 38 / 64, 3 / 70, 20 / 66 * 38 / 64, 30 / 70])
    np.testing.assert_allclose(targets["boxes"][6, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("mode", ["resize", "letterbox"])
def test_boxes_lead_back_to_the_pixels_of_the_files(images, mode):
    batches = batches_from(images, mode=mode, size=(48, 60), shuffle=True)
    for index in range(len(batches)):
        truth, (_, targets) = batches.truth(index), batches[index]
        boxes = [
            one[labels >= 0]
            for one, labels in zip(targets["boxes"], targets["labels"], strict=True)
        ]
        for found, one in zip(batches.to_pixels(index, boxes), truth, strict=True):
            np.testing.assert_allclose(found, one.boxes[:1], atol=1e-4)
    assert sum(len(one) for index in range(3) for one in batches.truth(index)) == 33  # with marked
    with pytest.raises(ValueError, match="boxes must be one array for each of the 5 images of bat"):
        batches.to_pixels(0, boxes)
    with pytest.raises(ValueError, match="boxes of augmented images have no place in the files"):
        batches_from(images, augment=True).to_pixels(0, boxes)


def test_encoding_sees_the_size_of_a_letterboxed_image(images):
    def encode(boxes, labels, size):
        return np.array(size)

    options = {"mode": "letterbox", "size": (40, 64), "with_sizes": True, "encode": encode}
    inputs, targets = batches_from(images, 13, **options)[0]
    np.testing.assert_array_equal(targets, inputs["sizes"])


def test_encoded_targets(images):
    def encode(boxes, labels):
        assert boxes.dtype == "float32" and boxes.shape == (len(labels), 4)
        return {"count": np.int32(len(boxes)), "sum": boxes.sum(0)}

    _, targets = batches_from(images, encode=encode)[0]
    np.testing.assert_array_equal(targets["count"], [0, 1, 1, 1, 1])
    padded = batches_from(images)[0][1]["boxes"]
    np.testing.assert_allclose(targets["sum"], padded.sum(1))


def test_an_encoder_that_fails_is_no_damaged_image(images):
    def encode(boxes, labels):
        raise ValueError("no priors")

    with pytest.raises(ValueError, match="no priors"):
        batches_from(images, encode=encode, on_error="skip")[0]


def test_channels_first_is_the_transpose(images):
    last, _ = batches_from(images, augment=True)[0]
    first, _ = batches_from(images, augment=True, data_format="channels_first")[0]
    np.testing.assert_array_equal(first, last.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("with_sizes", [False, True])
def test_shares_are_the_batch_without_overlap_or_loss(images, with_sizes):
    options = {"augment": True, "mode": "letterbox", "with_sizes": with_sizes}
    images = images.take(range(12))
    whole = batches_from(images, 12, **options)[0]
    shares = [
        SharedBatches(Prefetch(batches_from(images, 12, **options)), Share(part, 2))[0]
        for part in range(2)
    ]
    for name in ("boxes", "labels"):
        parts = np.concatenate([targets[name] for _, targets, _ in shares])
        np.testing.assert_array_equal(parts, whole[1][name])
    assert [list(counts) for *_, counts in shares] == [[1] * 6] * 2
    pixels = [inputs["images"] if with_sizes else inputs for inputs, *_ in (*shares, whole)]
    np.testing.assert_array_equal(np.concatenate(pixels[:2]), pixels[2])


def test_damaged_images(images):
    with open(images.images[6], "r+b") as file:
        file.truncate(200)
    with pytest.raises(ValueError, match=r"6\.jpg is damaged or no image that can be read"):
        batches_from(images)[1]
    batches = batches_from(images, on_error="skip")
    with pytest.warns(UserWarning, match=r"left out: .*6\.jpg is damaged"):
        features, targets = batches[1]
    assert features.shape == (4, 32, 32, 3) and targets["boxes"].shape == (4, 100, 4)
    assert [found.image_id for found in batches.truth(1)] == [5, 7, 8, 9]
    np.testing.assert_array_equal(features, batches_from(images.take([5, 7, 8, 9]), 4)[0][0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(batches[1][0]) == 4


def test_a_missing_image(images):
    batches = batches_from(images)
    batches.images = DetectionImages(("gone.jpg",) * 13, images.objects, images.class_names)
    with pytest.raises(FileNotFoundError, match=r"gone\.jpg"):
        batches[0]


def test_more_objects_than_the_padding_allows(images):
    batches_from(images, max_boxes=1)
    with pytest.raises(ValueError, match=r"max_boxes=1 is too few for the 2 objects of .*2\.jpg"):
        batches_from(images, max_boxes=1, keep_difficult=True)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"size": 0}, "size must be a positive integer, got 0"),
        ({"mode": "crop"}, "mode must be 'resize' or 'letterbox', got 'crop'"),
        ({"mean": (0.5,)}, "mean must hold 3 values"),
        ({"threads": 0}, "threads must be a positive integer, got 0"),
        ({"seed": -1}, "seed must be an integer of 0 or more"),
        ({"batch_size": 14}, "batch_size must be at most the number of images, got 14 for 13"),
    ],
)
def test_what_is_refused(images, changes, message):
    with pytest.raises(ValueError, match=message):
        batches_from(images, **changes)


def test_a_last_batch_of_one_warns_in_training(images):
    with pytest.warns(UserWarning, match="13 images in batches of 4 leave a last batch of one"):
        batches_from(images, 4, augment=True)


def test_generated_shapes():
    data = load("shapes", train=8, test=4)
    batches = batches_of(data, data.train, 8, augment=True)
    features, targets = batches[0]
    assert features.shape == (8, 96, 96, 3) and (targets["labels"] >= 0).any(1).all()
    plain, targets = batches_of(data, data.test, 4, size=48)[0]
    assert plain.shape == (4, 48, 48, 3)
    found = targets["boxes"][0, 0] * 96
    np.testing.assert_allclose(found, data.test.objects[0].boxes[0], atol=1e-4)
