import keras
import numpy as np
import pytest

from keras_bam import detection

BOXES = detection.DefaultBoxes(
    size=90, maps=(3, 2), steps=(30, 45), smallest=(20, 40), largest=(40, 80), ratios=((2, 3), (2,))
)
CLASSES = 2
SHAPES = [(3, 3, 24), (3, 3, 18), (2, 2, 16), (2, 2, 12)]


def model(data_format="channels_last", shapes=SHAPES):
    if data_format == "channels_first":
        shapes = [(shape[2], *shape[:2]) for shape in shapes]
    inputs = [keras.Input(shape) for shape in shapes]
    return keras.Model(inputs, detection.MultiboxOutput(BOXES, data_format)(inputs))


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_a_row_for_each_default_box_in_its_order(data_format):
    """Every number here says where it stands: map, row, column, box, value."""
    expected, inputs = [], []
    for level, (side, count) in enumerate(zip(BOXES.maps, BOXES.per_cell, strict=True)):
        row, column, box, value = np.indices((side, side, count, 5 + CLASSES))
        place = 1000 * row + 100 * column + 10 * box + value
        numbers = (place + 10_000 * level).astype("float32")
        expected.append(numbers.reshape(-1, 5 + CLASSES))
        for part in (numbers[..., :4], numbers[..., 4:]):
            maps = part.reshape(1, side, side, -1)
            inputs.append(maps if data_format == "channels_last" else np.moveaxis(maps, -1, 1))
    output = model(data_format).predict(inputs, verbose=0)
    np.testing.assert_array_equal(output[0], np.concatenate(expected))


def test_shape_and_default_boxes(tmp_path):
    made = model()
    assert made.output.shape == (None, BOXES.count, 7)
    assert detection.default_boxes_of(made) == BOXES
    made.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    assert detection.default_boxes_of(copy) == BOXES
    assert copy.layers[-1].get_config() == made.layers[-1].get_config()


def test_a_model_that_is_no_detector():
    image = keras.Input((4,))
    with pytest.raises(ValueError, match="'plain' has no MultiboxOutput and so no default boxes"):
        detection.default_boxes_of(keras.Model(image, image, name="plain"))


@pytest.mark.parametrize(
    "shapes",
    [
        SHAPES[:2],
        [(3, 3, 24), (3, 3, 18), (2, 2, 16), (2, 2, 16)],
        [(3, 3, 18), (3, 3, 24), (2, 2, 16), (2, 2, 12)],
        [(3, 3, 24), (3, 3, 6), (2, 2, 16), (2, 2, 4)],
        [(3, 4, 24), (3, 3, 18), (2, 2, 16), (2, 2, 12)],
    ],
)
def test_maps_of_other_default_boxes(shapes):
    with pytest.raises(ValueError, match="needs offsets and logits of each map"):
        model(shapes=shapes)


def test_wrong_data_format():
    with pytest.raises(ValueError, match="data_format must be one of"):
        detection.MultiboxOutput(BOXES, data_format="NCHW")
