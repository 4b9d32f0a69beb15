import math

import keras
import pytest

from keras_bam.training import Recipe
from keras_bam.training.schedules import OfWholeBatches, WarmUp, schedule


def rates(steps, **changes):
    made = schedule(Recipe(learning_rate=0.5, **changes), steps)
    return [float(made(step)) if callable(made) else made for step in range(steps)]


def test_warm_up_then_cosine_to_zero():
    cosine = [0.25 * (1 + math.cos(math.pi * step / 15)) for step in range(15)]
    expected = [0.5 * step / 5 for step in range(5)] + cosine
    assert rates(20, warmup=0.25) == pytest.approx(expected, abs=1e-6)


def test_one_cycle():
    expected = [0.0, 0.25, *(0.5 * (8 - step) / 8 for step in range(8))]
    assert rates(10, schedule="linear", warmup=0.2) == pytest.approx(expected, abs=1e-6)


def test_milestones_behind_a_constant_warm_up():
    steps = {"schedule": "step", "milestones": (0.5, 0.75), "decay_factor": 0.1}
    warm = {"warmup": 0.25, "warmup_factor": 0.2, "warmup_shape": "constant"}
    expected = 2 * [0.1] + 2 * [0.5] + 2 * [0.05] + 2 * [0.005]
    assert rates(8, **steps, **warm) == pytest.approx(expected)


def test_no_warm_up():
    expected = [0.5, 0.4267767, 0.25, 0.0732233]
    assert rates(4, warmup=0.0) == pytest.approx(expected, abs=1e-6)
    assert rates(3, warmup=0.0, schedule="constant") == 3 * [0.5]


@pytest.mark.parametrize("after", [0.5, keras.optimizers.schedules.CosineDecay(0.5, 10)])
def test_config_round_trip(after):
    warm_up = WarmUp(after, 5, 0.1, 0.5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(warm_up))
    assert type(again) is WarmUp
    assert [float(again(i)) for i in (0, 4, 9)] == [float(warm_up(i)) for i in (0, 4, 9)]


def test_parts_of_a_batch_have_its_rate():
    made = schedule(Recipe(learning_rate=0.5, warmup=0.5, gradient_accumulation_steps=2), 4)
    assert [float(made(step)) for step in range(4)] == pytest.approx([0, 0, 0.25, 0.25])
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(made))
    assert type(again) is OfWholeBatches
    assert float(again(3)) == float(made(3))
