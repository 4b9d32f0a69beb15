import numpy as np
import photographs
import pytest
from PIL import Image

from keras_bam.data.decoding import EncodedImage
from keras_bam.data.objects.colours import Colours
from keras_bam.data.objects.detection_images import DecodedImage
from keras_bam.data.objects.regions import (
    OVERLAPS,
    draw_constrained_crop,
    draw_expansion,
    mirrored,
    read_region,
    shown,
)

WHOLE = (0.0, 0.0, 80.0, 60.0)
BOXES = np.array([[5, 5, 25, 20], [30, 20, 70, 55], [60, 2, 79, 12]], np.float32)


def overlap(a, b):
    """IoU of two boxes, number by number."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    common = max(wide, 0) * max(high, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return common / (sum(areas) - common)


def has_centre(crop, box):
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return crop[0] < x < crop[2] and crop[1] < y < crop[3]


def test_expansion():
    drawn = [draw_expansion(np.random.default_rng([1, n]), WHOLE, 4) for n in range(1000)]
    larger = np.array([region for region in drawn if region != WHOLE])
    assert 0.45 < len(larger) / 1000 < 0.55
    factors = (larger[:, 2] - larger[:, 0]) / 80
    assert 1 <= factors.min() < 1.05 and 3.95 < factors.max() <= 4
    np.testing.assert_allclose((larger[:, 3] - larger[:, 1]) / 60, factors)
    assert (larger[:, :2] <= 0).all() and (larger[:, 2:] >= (80, 60)).all()
    share = -larger[:, 0] / (factors - 1) / 80  # where the image lies: uniform
    counts = np.histogram(share, 4, (0, 1))[0]
    assert abs(counts - len(larger) / 4).max() < 40  # four standard deviations


@pytest.mark.parametrize("least", [0.1, 0.3, 0.7, 0.9])
def test_a_crop_overlaps_some_box_and_shows_a_centre(least):
    whole = 0
    for number in range(60):
        generator = np.random.default_rng([2, number])
        crop = draw_constrained_crop(generator, WHOLE, BOXES, (least, None))
        if crop == WHOLE:
            whole += 1
            continue
        assert max(overlap(crop, box) for box in BOXES) >= least - 1e-9
        assert any(has_centre(crop, box) for box in BOXES)
        check_shape(crop)
    assert 10 < whole < 60 or least == 0.9  # which few crops reach


def check_shape(crop):
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    assert 0.3 * 80 - 1e-9 <= width <= 80 and 0.3 * 60 - 1e-9 <= height <= 60
    assert 0.5 - 1e-9 <= height / width <= 2 + 1e-9
    assert crop[0] >= 0 and crop[1] >= 0 and crop[2] <= 80 + 1e-9 and crop[3] <= 60 + 1e-9


def test_any_crop_with_a_centre():
    box, crops = BOXES[:1], []
    for number in range(200):
        crops.append(draw_constrained_crop(np.random.default_rng([3, number]), WHOLE, box, (0,)))
        check_shape(crops[-1])
        assert has_centre(crops[-1], box[0])
    assert min(overlap(crop, box[0]) for crop in crops) < 0.1


def test_the_choices_are_equally_likely():
    centre = np.array([[20, 15, 60, 45]], np.float32)
    whole = [
        draw_constrained_crop(np.random.default_rng([4, n]), WHOLE, centre) == WHOLE
        for n in range(600)
    ]
    assert OVERLAPS == (None, 0.1, 0.3, 0.7, 0.9, 0)
    assert 1 / 6 - 0.05 < np.mean(whole) < 1 / 4  # more than 1/6: 0.9 is at times drawn again


def test_without_boxes_any_crop_will_do():
    none = np.zeros((0, 4), np.float32)
    crops = [draw_constrained_crop(np.random.default_rng([5, n]), WHOLE, none) for n in range(50)]
    assert 0 < sum(crop == WHOLE for crop in crops) < 25
    for crop in crops:
        assert crop == WHOLE or check_shape(crop) is None


def test_shown_boxes():
    boxes, seen = shown(BOXES, (10.0, 10.0, 50.0, 50.0))
    assert list(seen) == [True, False, False]  # the second one's centre is on the edge
    np.testing.assert_allclose(boxes, [[0, 0, 15 / 40, 10 / 40]])
    boxes, seen = shown(BOXES, (-20.0, -20.0, 80.0, 60.0))
    assert seen.all() and boxes.dtype == "float32"
    np.testing.assert_allclose(boxes[0], [0.25, 25 / 80, 0.45, 0.5])
    assert shown(BOXES[:0], WHOLE)[0].shape == (0, 4)
    thin = np.array([[40, 10, np.nextafter(np.float32(40), np.float32(41)), 20]], np.float32)
    assert shown(thin, WHOLE)[1].all() and not shown(thin, (-9000.0, 0.0, 9000.0, 60.0))[1].any()


def test_mirrored_boxes():
    boxes = np.array([[0.1, 0.2, 0.4, 0.9]], np.float32)
    np.testing.assert_allclose(mirrored(boxes), [[0.6, 0.2, 0.9, 0.9]], rtol=1e-6)
    np.testing.assert_allclose(mirrored(mirrored(boxes)), boxes, rtol=1e-6)


PIXELS = photographs.picture().astype(np.uint8)


def test_a_region_inside_is_pillows_resized_crop():
    found = read_region(DecodedImage(PIXELS), (10.5, 5, 60, 45), 30, 20, (0, 0, 0))
    expected = Image.fromarray(PIXELS).resize(
        (20, 30), Image.Resampling.BILINEAR, box=(10.5, 5, 60, 45)
    )
    np.testing.assert_array_equal(found, np.asarray(expected))


def test_outside_is_the_fill():
    fill = (1, 2, 3)
    found = read_region(DecodedImage(PIXELS), (-40.0, -30.0, 120.0, 90.0), 120, 160, fill)
    np.testing.assert_array_equal(found[30:90, 40:120], PIXELS)
    outside = np.ones((120, 160), bool)
    outside[30:90, 40:120] = False
    assert (found[outside] == fill).all()
    nothing = read_region(DecodedImage(PIXELS), (200.0, 10.0, 300.0, 50.0), 10, 10, fill)
    assert (nothing == fill).all()


def test_colours_change_the_image_alone():
    def changed(colours):
        region = (-40.0, -30.0, 120.0, 90.0)
        return read_region(DecodedImage(PIXELS), region, 120, 160, (1, 2, 3), colours)

    found, plain = changed(Colours(order=(2, 1, 0))), changed(None)
    np.testing.assert_array_equal(found[30:90, 40:120], plain[30:90, 40:120, ::-1])
    np.testing.assert_array_equal(found[:30], plain[:30])


def test_large_jpeg_files_are_decoded_smaller(tmp_path):
    photographs.image(480, 640).save(tmp_path / "a.jpg", quality=95)
    image, asked = EncodedImage(tmp_path / "a.jpg"), []
    decode = image.decode
    image.decode = lambda shrink=1: asked.append(shrink) or decode(shrink)
    small = read_region(image, (0, 0, 640, 480), 60, 60, (0, 0, 0)).astype(float)
    whole = read_region(DecodedImage(decode()), (0, 0, 640, 480), 60, 60, (0, 0, 0))
    assert asked == [8] and np.abs(small - whole).mean() < 2
