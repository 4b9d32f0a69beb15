import keras
import numpy as np
import pytest

from keras_bam.data import Batches, LabelledImages, SoftLabels
from keras_bam.data.mixing import cut_mix, mix_up

SCALE = {"mean": (0.5, 0.5, 0.5), "std": (0.2, 0.2, 0.2)}


@pytest.fixture
def make():
    """-> make(...): 23 images, one a class, in batches of 5 with soft labels."""
    pixels = np.random.default_rng(0).integers(0, 256, (23, 8, 6, 3), np.uint8)
    images = LabelledImages(pixels, np.arange(23), tuple(map(str, range(23))))

    def make(data_format="channels_last", **options):
        return SoftLabels(Batches(images, 5, data_format=data_format, **SCALE), 23, **options)

    return make


def test_without_mixing(make):
    batches = make(label_smoothing=0.23)
    images, labels = batches[1]
    np.testing.assert_array_equal(images, batches.batches[1][0])
    assert labels.dtype == np.float32
    np.testing.assert_allclose(labels, 0.01 + 0.77 * np.eye(23)[5:10], rtol=1e-6)
    np.testing.assert_array_equal(make()[4][1], np.eye(23)[20:])


def test_mixup_mixes_images_as_labels(make):
    batches = make(mixup=0.4)
    for index in range(len(batches)):
        images, labels = batches[index]
        plain, numbers = batches.batches[index]
        # One image a class: the labels tell what was added to what.
        expected = np.tensordot(labels[:, numbers], plain, 1)
        np.testing.assert_allclose(images, expected, atol=1e-5)
        np.testing.assert_allclose(labels.sum(1), 1, rtol=1e-6)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_cutmix_pastes_as_labels_say(make, data_format):
    batches, shares = make(data_format, cutmix=1.0), []
    for epoch in range(5):
        batches.epoch = epoch
        for index in range(len(batches)):
            images, labels = batches[index]
            plain, numbers = batches.batches[index]
            axis = 1 if data_format == "channels_first" else -1
            kept = (images == plain).all(axis=axis).mean((1, 2))
            own = labels[np.arange(len(labels)), numbers]
            np.testing.assert_allclose(kept[own < 1], own[own < 1], atol=1e-6)
            shares += list(own)
    assert min(shares) < 0.4 and max(shares) == 1


def test_both_take_turns(make):
    batches = make(mixup=0.2, cutmix=1.0)
    kinds = set()
    for epoch in range(4):
        batches.epoch = epoch
        for index in range(len(batches)):
            same = (batches[index][0] == batches.batches[index][0]).mean()
            kinds.add(bool(0.02 < same < 1))
    assert kinds == {True, False}


def test_a_pure_function_of_seed_epoch_and_index(make):
    def labels(seed, epoch, index):
        batches = make(mixup=0.2, cutmix=1.0, seed=seed)
        batches.epoch = epoch
        return batches[index][1].tobytes()

    assert labels(1, 2, 3) == labels(1, 2, 3)
    assert len({labels(*numbers) for numbers in ((1, 2, 3), (1, 3, 3), (2, 2, 3))}) == 3


def test_mix_up():
    values = np.array([[0.0], [1.0], [3.0]], np.float32)
    mixed = mix_up(values, np.array([1, 1, 0]), 0.25)
    np.testing.assert_array_equal(mixed, [[0.75], [1.0], [0.75]])
    assert mixed.dtype == np.float32


@pytest.mark.parametrize(
    "place, rows, columns",
    [
        ((0.5, 0.5), slice(2, 6), slice(5, 15)),
        ((0.0, 0.0), slice(0, 2), slice(0, 5)),
        ((0.99, 0.5), slice(5, 8), slice(5, 15)),
    ],
)
def test_cut_mix(place, rows, columns):
    images = np.arange(2, dtype=np.float32).reshape(2, 1, 1, 1) * np.ones((2, 8, 20, 3), np.float32)
    before = images.copy()
    mixed, kept = cut_mix(images, np.array([1, 0]), 0.75, place)
    expected = np.zeros((8, 20, 3))
    expected[rows, columns] = 1
    np.testing.assert_array_equal(mixed[0], expected)
    np.testing.assert_array_equal(mixed[1], 1 - expected)
    assert kept == pytest.approx(1 - expected.mean())
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"classes": 0}, "classes must be an integer of 1 or more, got 0"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
        ({"label_smoothing": 1}, "label_smoothing must be 0 or more, below 1, got 1"),
        ({"mixup": -0.1}, r"mixup must be 0 or more, got -0\.1"),
        ({"cutmix": np.inf}, "cutmix must be 0 or more, got inf"),
    ],
)
def test_wrong_arguments_are_refused(make, options, message):
    with pytest.raises(ValueError, match=message):
        SoftLabels(make().batches, **({"classes": 23} | options))


def test_too_few_classes(make):
    with pytest.raises(ValueError, match=r"classes=22, but the labels of a batch are 20\.\.22"):
        SoftLabels(make().batches, 22)[4]


def test_a_model_fits_them(make):
    batches = make(label_smoothing=0.1, mixup=0.2, cutmix=1.0)
    layers = [keras.Input((8, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(23, "softmax")]
    model = keras.Sequential(layers)
    model.compile("sgd", "categorical_crossentropy")
    history = model.fit(batches, epochs=1, shuffle=False, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
