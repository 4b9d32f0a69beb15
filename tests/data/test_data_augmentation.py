import numpy as np
import pytest

from keras_bam.data import crop_and_flip, cut_out, draw_crops_and_flips, draw_cutouts


def one_by_one(images, offsets, flips, padding, mode):
    results = []
    for image, (row, column), flip in zip(images, offsets, flips, strict=True):
        padded = np.pad(image, ((padding, padding), (padding, padding), (0, 0)), mode)
        window = padded[row : row + image.shape[0], column : column + image.shape[1]]
        results.append(window[:, ::-1] if flip else window)
    return np.stack(results)


@pytest.mark.parametrize("shape", [(9, 32, 32, 3), (1, 7, 5, 1), (6, 4, 9, 2)])
@pytest.mark.parametrize("padding", [0, 1, 4])
@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
def test_equals_a_loop_over_images(shape, padding, mode):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    before = images.copy()
    offsets, flips = draw_crops_and_flips(seed=3, epoch=1, count=len(images), padding=padding)
    result = crop_and_flip(images, offsets, flips, padding, mode)
    np.testing.assert_array_equal(result, one_by_one(images, offsets, flips, padding, mode))
    np.testing.assert_array_equal(images, before)
    assert result.dtype == np.uint8


def test_the_middle_window_is_the_image():
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    result = crop_and_flip(images, np.full((4, 2), 2), np.zeros(4, bool), padding=2)
    np.testing.assert_array_equal(result, images)


def test_draws_cover_their_range_evenly():
    offsets, flips = draw_crops_and_flips(seed=0, epoch=0, count=9000, padding=4)
    for axis in (0, 1):
        counts = np.bincount(offsets[:, axis], minlength=9)
        assert len(counts) == 9 and counts.min() > 850 and counts.max() < 1150
    assert 0.47 < flips.mean() < 0.53


def test_a_draw_depends_on_seed_epoch_and_row_only():
    offsets, flips = draw_crops_and_flips(seed=1, epoch=2, count=100)
    fewer_offsets, fewer_flips = draw_crops_and_flips(seed=1, epoch=2, count=40)
    np.testing.assert_array_equal(offsets[:40], fewer_offsets)
    np.testing.assert_array_equal(flips[:40], fewer_flips)
    for seed, epoch in [(1, 3), (2, 2), (2, 1)]:
        assert (draw_crops_and_flips(seed, epoch, 100)[0] != offsets).any()


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="mode must be one of constant, reflect, edge, got 'zero'"):
        crop_and_flip(np.zeros((1, 4, 4, 1)), np.zeros((1, 2), int), np.zeros(1, bool), 4, "zero")


@pytest.mark.parametrize("offset", [-1, 9])
def test_offsets_out_of_range_are_refused(offset):
    offsets = np.array([[0, offset]])
    with pytest.raises(ValueError, match=r"offsets must lie in 0\.\.8, twice the padding"):
        crop_and_flip(np.zeros((1, 4, 4, 1)), offsets, np.zeros(1, bool))


def test_draws_of_crops_stay_what_they_were():
    offsets, flips = draw_crops_and_flips(seed=3, epoch=5, count=4)
    draws = np.random.default_rng([3, 5]).random((4, 3))
    np.testing.assert_array_equal(offsets, np.floor(draws[:, :2] * 9))
    np.testing.assert_array_equal(flips, draws[:, 2] < 0.5)


def test_cutouts_are_uniform_and_free_of_their_count():
    centres = draw_cutouts(seed=1, epoch=2, count=9000, height=8, width=6)
    for axis, side in ((0, 8), (1, 6)):
        counts = np.bincount(centres[:, axis], minlength=side)
        assert len(counts) == side and counts.min() > 0.85 * counts.mean()
    np.testing.assert_array_equal(draw_cutouts(1, 2, 40, 8, 6), centres[:40])
    for seed, epoch in ((1, 3), (2, 2)):
        assert (draw_cutouts(seed, epoch, 40, 8, 6) != centres[:40]).any()


@pytest.mark.parametrize("size", [1, 2, 3, 20])
def test_cut_out_equals_a_loop_over_images(size):
    images = np.random.default_rng(0).normal(1, 0.1, (5, 8, 6, 2)).astype(np.float32)
    before = images.copy()
    centres = np.array([[0, 0], [7, 5], [3, 2], [4, 0], [0, 5]])
    expected = images.copy()
    for image, (row, column) in zip(expected, centres - size // 2, strict=True):
        image[max(row, 0) : row + size, max(column, 0) : column + size] = 0
    result = cut_out(images, centres, size)
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(images, before)
    assert result.dtype == np.float32


@pytest.mark.parametrize("size", [-1, 2.0, True])
def test_a_wrong_size_of_squares_is_refused(size):
    with pytest.raises(ValueError, match="cutout must be a positive integer, or 0 for none, got"):
        cut_out(np.zeros((1, 4, 4, 1)), np.zeros((1, 2), int), size)
