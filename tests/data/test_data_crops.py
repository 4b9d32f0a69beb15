import numpy as np
import photographs
import pytest
from PIL import Image

from keras_bam.data.crops import TRIES, centre_crop, draw_crop, read_crop
from keras_bam.data.decoding import EncodedImage


def draws(height, width, count=4000, **options):
    generator = np.random.default_rng(0)
    every = generator.random((count, TRIES, 4))
    boxes = np.array([draw_crop(of_one, height, width, **options) for of_one in every])
    left, top, right, bottom = boxes.T
    return left, top, right - left, bottom - top


def test_random_crops_have_the_distribution_of_inception():
    left, top, width, height = draws(300, 400)
    area, log_ratio = width * height / 120_000, np.log(width / height)
    assert left.min() == top.min() == 0
    assert (left + width).max() == 400 and (top + height).max() == 300
    assert 0.079 < area.min() < 0.09 and area.max() <= 1
    # Shapes that do not fit are drawn again, the others are uniform: below half the area all fit.
    small = area < 0.5
    counts, _ = np.histogram(area[small], bins=4, range=(0.08, 0.5))
    assert counts.min() > 0.85 * counts.mean()
    counts, _ = np.histogram(log_ratio[small], bins=4, range=(np.log(0.75), np.log(4 / 3)))
    assert counts.min() > 0.85 * counts.mean()
    room = 400 - width[small]
    assert np.mean(left[small] / room) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("height, width", [(10, 1000), (1000, 10), (1, 1), (2, 3)])
def test_odd_shapes_have_a_crop(height, width):
    left, top, wide, high = draws(height, width, count=100, scale=(0.9, 1.0))
    assert (left >= 0).all() and (top >= 0).all() and (wide >= 1).all() and (high >= 1).all()
    assert (left + wide <= width).all() and (top + high <= height).all()


def test_what_never_fits_is_cropped_in_the_centre():
    of_one = np.random.default_rng(0).random((TRIES, 4))
    assert draw_crop(of_one, 30, 1000, scale=(1, 1)) == (480, 0, 520, 30)
    assert draw_crop(of_one, 1000, 30, scale=(1, 1)) == (0, 480, 30, 520)


@pytest.mark.parametrize("height, width", [(300, 200), (201, 333), (64, 64), (100, 47)])
@pytest.mark.parametrize("size", [32, 56])
def test_the_centre_crop_is_resize_then_crop(tmp_path, height, width, size):
    path = tmp_path / "picture.png"
    photographs.image(height, width).save(path)
    crop = read_crop(EncodedImage(path), centre_crop(height, width, size), size)
    shorter = round(size * 256 / 224)
    resized = [side * shorter // min(width, height) for side in (width, height)]
    left, top = (round((side - size) / 2) for side in resized)
    whole = photographs.image(height, width).resize(resized, Image.Resampling.BILINEAR)
    expected = whole.crop((left, top, left + size, top + size))
    difference = np.abs(np.asarray(crop).astype(int) - np.asarray(expected))
    assert difference.max() <= 1


@pytest.mark.parametrize("box", [(3, 5, 60, 55), (0, 0, 160, 120), (150, 110, 160, 120)])
def test_a_crop_is_pillows(tmp_path, box):
    path = tmp_path / "picture.png"
    photographs.image(120, 160).save(path)
    crop = read_crop(EncodedImage(path), box, 24)
    expected = photographs.image(120, 160).resize((24, 24), Image.Resampling.BILINEAR, box=box)
    np.testing.assert_array_equal(np.asarray(crop), np.asarray(expected))


@pytest.mark.parametrize("size, shrink", [(16, 4), (17, 2), (32, 2), (33, 1), (8, 8), (70, 1)])
def test_jpeg_is_decoded_as_small_as_the_crop_allows(tmp_path, monkeypatch, size, shrink):
    photographs.image(120, 160).save(tmp_path / "picture.jpg", quality=95)
    image, asked = EncodedImage(tmp_path / "picture.jpg"), []
    decode = EncodedImage.decode
    monkeypatch.setattr(
        EncodedImage, "decode", lambda self, shrink: asked.append(shrink) or decode(self, shrink)
    )
    box = (21, 10, 90, 74)
    crop = read_crop(image, box, size)
    assert asked == [shrink]
    expected = photographs.image(120, 160).resize((size, size), Image.Resampling.BILINEAR, box=box)
    assert np.abs(np.asarray(crop).astype(int) - np.asarray(expected)).mean() < 3
