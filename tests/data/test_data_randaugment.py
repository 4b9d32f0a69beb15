import numpy as np
import photographs
import pytest
from PIL import Image

from keras_bam.data import RandAugment
from keras_bam.data.randaugment import OPERATIONS

IMAGE = photographs.image(40, 60)


def pixels(image):
    return np.asarray(image).astype(int)


def test_there_are_fourteen():
    assert len(OPERATIONS) == 14


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_an_operation_keeps_size_and_mode(name, mode, sign):
    image = IMAGE.convert(mode)
    before = pixels(image)
    changed = OPERATIONS[name](image, 0.9, sign)
    assert (changed.size, changed.mode) == (image.size, mode)
    np.testing.assert_array_equal(pixels(image), before)
    is_identity = name == "identity" or (name, mode) == ("color", "L")
    assert (pixels(changed) == before).all() == is_identity


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - {"autocontrast", "equalize"}))
def test_without_strength_nothing_changes(name):
    np.testing.assert_array_equal(pixels(OPERATIONS[name](IMAGE, 0, 1)), pixels(IMAGE))


def test_strengths_at_their_end():
    def at_the_end(name, image=IMAGE, sign=1):
        return OPERATIONS[name](image, 1, sign)

    np.testing.assert_array_equal(pixels(at_the_end("solarize")), 255 - pixels(IMAGE))
    np.testing.assert_array_equal(pixels(at_the_end("posterize")), pixels(IMAGE) // 16 * 16)
    brighter = np.minimum(pixels(IMAGE) * 1.9, 255)
    np.testing.assert_allclose(pixels(at_the_end("brightness")), brighter, atol=1)
    np.testing.assert_allclose(
        pixels(at_the_end("brightness", sign=-1)), pixels(IMAGE) * 0.1, atol=1
    )
    moved = pixels(at_the_end("translate_x"))
    steps = round(150 / 331 * 60)
    np.testing.assert_array_equal(moved[:, : 60 - steps], pixels(IMAGE)[:, steps:])
    assert (moved[:, 60 - steps :] == 128).all()
    moved = pixels(at_the_end("translate_y", sign=-1))
    steps = round(150 / 331 * 40)
    np.testing.assert_array_equal(moved[steps:], pixels(IMAGE)[: 40 - steps])
    sheared = pixels(at_the_end("shear_x"))
    np.testing.assert_array_equal(sheared[10, :57], pixels(IMAGE)[10, 3:])
    turned = pixels(at_the_end("rotate", Image.new("L", (41, 41), 0).copy()))
    assert turned[20, 20] == 0 and turned[0, 0] == 128


def test_a_pure_function_of_seed_epoch_and_index():
    images = np.stack([photographs.picture(20, 20, seed) for seed in range(12)]).astype(np.uint8)
    augment = RandAugment(2, 9)
    all_of_them = augment.on_arrays(images, 1, 2, range(12))
    assert all_of_them.dtype == np.uint8 and all_of_them.shape == images.shape
    some = augment.on_arrays(images[[7, 3]], 1, 2, [7, 3])
    np.testing.assert_array_equal(some, all_of_them[[7, 3]])
    for seed, epoch in ((1, 3), (2, 2)):
        assert (augment.on_arrays(images, seed, epoch, range(12)) != all_of_them).any()
    grey = augment.on_arrays(images[..., :1], 1, 2, range(12))
    assert grey.shape == (12, 20, 20, 1)


def test_operations_are_drawn_evenly(monkeypatch):
    drawn = []

    def recording(name):
        return lambda image, strength, sign: drawn.append((name, strength, sign)) or image

    monkeypatch.setattr(
        "keras_bam.data.randaugment.OPERATIONS", {name: recording(name) for name in OPERATIONS}
    )
    generator, augment = np.random.default_rng(0), RandAugment(3, 4)
    for _ in range(1000):
        augment(IMAGE, generator)
    names, strengths, signs = zip(*drawn, strict=True)
    counts = [names.count(name) for name in OPERATIONS]
    assert sum(counts) == 3000 and min(counts) > 165 and max(counts) < 265
    assert set(strengths) == {0.4} and 0.45 < signs.count(1) / 3000 < 0.55


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0, 9), "layers must be a positive integer, got 0"),
        ((1.5, 9), r"layers must be a positive integer, got 1\.5"),
        ((2, 11), r"magnitude must lie in 0\.\.10, got 11"),
        ((2, -1), r"magnitude must lie in 0\.\.10, got -1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        RandAugment(*arguments)


def test_channels_that_are_no_colours_are_refused():
    with pytest.raises(ValueError, match="randaugment takes images of 3 channels or 1, got 2"):
        RandAugment().on_arrays(np.zeros((1, 4, 4, 2), np.uint8), 0, 0, [0])
