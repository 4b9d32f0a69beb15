from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from keras_bam.data import (
    Batches,
    LabelledImages,
    RandAugment,
    crop_and_flip,
    cut_out,
    draw_crops_and_flips,
    draw_cutouts,
    normalize,
)

SCALE = {"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}


@pytest.fixture
def images():
    """23 images, each of a class of its own, so that labels tell the order."""
    pixels = np.random.default_rng(0).integers(0, 256, (23, 8, 8, 3), np.uint8)
    return LabelledImages(pixels, np.arange(23), tuple(map(str, range(23))))


def features(batches):
    """Float images in the order of the source."""
    order = np.argsort(np.concatenate([labels for _, labels in batches]))
    return np.concatenate([batch for batch, _ in batches])[order]


def test_plain_batches(images):
    batches = Batches(images, 5, **SCALE)
    assert [len(labels) for _, labels in batches] == [5, 5, 5, 5, 3]
    batch, labels = batches[1]
    expected = (images.images[5:10] / 255 - SCALE["mean"]) / SCALE["std"]
    np.testing.assert_allclose(batch, expected, atol=1e-5)
    np.testing.assert_array_equal(labels, range(5, 10))
    assert batch.dtype == np.float32 and labels.dtype == np.int32


def test_augmented_batches_are_crop_and_flip(images):
    batches = Batches(images, 5, seed=4, augment=True, padding=2, padding_mode="reflect", **SCALE)
    batches.epoch = 6
    draws = draw_crops_and_flips(4, 6, 23, padding=2)
    augmented = crop_and_flip(images.images, *draws, 2, "reflect")
    expected = (augmented / 255 - SCALE["mean"]) / SCALE["std"]
    np.testing.assert_allclose(features(batches), expected, atol=1e-5)


def test_flip_can_be_left_out(images):
    batches = Batches(images, 5, augment=True, padding=0, flip=False, **SCALE)
    np.testing.assert_array_equal(features(batches), features(Batches(images, 5, **SCALE)))


def test_randaugment_and_cutout(images):
    options = {"seed": 4, "augment": True, "randaugment": RandAugment(2, 5), "cutout": 3}
    batches = Batches(images, 5, **options, **SCALE)
    batches.epoch = 6
    cropped = crop_and_flip(images.images, *draw_crops_and_flips(4, 6, 23))
    changed = normalize(RandAugment(2, 5).on_arrays(cropped, 4, 6, range(23)), **SCALE)
    expected = cut_out(changed, draw_cutouts(4, 6, 23, 8, 8), 3)
    np.testing.assert_array_equal(features(batches), expected)
    shuffled = Batches(images, 7, shuffle=True, **options, **SCALE)
    shuffled.epoch = 6
    np.testing.assert_array_equal(features(shuffled), expected)


def test_channels_first_is_the_transpose(images):
    last, _ = Batches(images, 5, augment=True, **SCALE)[0]
    first, _ = Batches(images, 5, augment=True, data_format="channels_first", **SCALE)[0]
    np.testing.assert_array_equal(first, last.transpose(0, 3, 1, 2))


def test_order_depends_on_seed_and_epoch_only(images):
    def order(seed, epoch):
        batches = Batches(images, 5, seed=seed, shuffle=True, **SCALE)
        batches.epoch = epoch
        return [int(label) for _, labels in batches for label in labels]

    assert order(0, 0) == order(0, 0) != order(0, 1)
    assert order(0, 1) != order(1, 0)
    assert sorted(order(0, 0)) == list(range(23))


def test_what_an_image_becomes_is_free_of_batch_order_and_threads(images):
    reference = Batches(images, 5, seed=1, augment=True, **SCALE)
    shuffled = Batches(images, 7, seed=1, shuffle=True, augment=True, **SCALE)
    reference.epoch = shuffled.epoch = 3
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(shuffled.__getitem__, reversed(range(len(shuffled)))))
    np.testing.assert_array_equal(features(threaded), features(reference))
    shuffled.epoch = 4
    assert (features(shuffled) != features(reference)).any()
    shuffled.epoch = 3
    np.testing.assert_array_equal(features(shuffled), features(reference))


def test_drop_remainder(images):
    batches = Batches(images, 5, drop_remainder=True, **SCALE)
    assert [len(labels) for _, labels in batches] == [5, 5, 5, 5]


@pytest.mark.parametrize("index", [-1, 5])
def test_there_is_no_such_batch(images, index):
    with pytest.raises(IndexError, match=r"index must lie in 0\.\.4"):
        Batches(images, 5, **SCALE)[index]


@pytest.mark.parametrize("kind", ["shuffle", "augment"])
def test_a_last_batch_of_one_warns_in_training(images, kind):
    with pytest.warns(UserWarning, match="a last batch of one: batch norm .* drop_remainder=True"):
        Batches(images, 11, **{kind: True}, **SCALE)
    Batches(images, 11, **{kind: True}, drop_remainder=True, **SCALE)
    Batches(images, 11, **SCALE)
    Batches(images, 1, **{kind: True}, **SCALE)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"batch_size": 0}, "batch_size must be a positive integer, got 0"),
        ({"batch_size": 2.0}, r"batch_size must be a positive integer, got 2\.0"),
        ({"batch_size": True}, "batch_size must be a positive integer, got True"),
        ({"batch_size": 24}, "batch_size must be at most the number of images, got 24 for 23"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
        ({"data_format": "NCHW"}, "data_format must be 'channels_last' or 'channels_first'"),
        ({"cutout": -1}, "cutout must be a positive integer, or 0 for none, got -1"),
        ({"mean": (0.5,)}, "mean must hold 3 values"),
        ({"augment": True, "padding_mode": "zero"}, "mode must be one of"),
    ],
)
def test_wrong_arguments_are_refused(images, changes, message):
    with pytest.raises(ValueError, match=message):
        Batches(images, **({"batch_size": 5} | SCALE | changes))


@pytest.mark.parametrize("epoch", [-1, 0.5, None])
def test_a_wrong_epoch_is_refused(images, epoch):
    batches = Batches(images, 5, **SCALE)
    with pytest.raises(ValueError, match="epoch must be an integer of 0 or more"):
        batches.epoch = epoch


class Recorded(Batches):
    def __getitem__(self, index):
        batch = super().__getitem__(index)
        self.__dict__.setdefault("seen", {}).setdefault(self.epoch, []).append((index, batch[1]))
        return batch


def test_fit_gets_the_batches_of_the_epoch_that_a_callback_set(images):
    batches = Recorded(images, 5, shuffle=True, augment=True, **SCALE)
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(23)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)
    set_epoch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(batches, "epoch", epoch + 7)
    )
    history = model.fit(batches, epochs=2, shuffle=False, verbose=0, callbacks=[set_epoch])
    assert np.isfinite(history.history["loss"]).all()
    for epoch in (7, 8):
        assert [index for index, _ in batches.seen[epoch]] == [0, 1, 2, 3, 4]
        batches.epoch = epoch
        for index, labels in batches.seen[epoch][:5]:
            np.testing.assert_array_equal(labels, batches[index][1])
    assert np.isfinite(model.evaluate(Batches(images, 5, **SCALE), verbose=0))
