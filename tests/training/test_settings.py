import pytest

from keras_bam.training import Settings


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"epochs": 0}, "epochs must be a positive integer, received 0"),
        ({"epochs": 1.5}, "epochs must be a positive integer, received 1.5"),
        ({"batch_size": -1}, "batch_size must be a positive integer, received -1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0.0, received 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0.0, received nan"),
        ({"warmup": 1.0}, "warmup must be at least 0.0 and below 1.0, received 1.0"),
        ({"momentum": -0.1}, "momentum must be at least 0.0 and below 1.0, received -0.1"),
        ({"validation_fraction": 1.0}, "validation_fraction must be at least 0.0 and below 1.0"),
        ({"weight_decay": -1e-4}, "weight_decay must be at least 0.0, received -0.0001"),
        ({"seed": -1}, "seed must be an integer of 0 or more, received -1"),
        ({"seed": True}, "seed must be an integer of 0 or more, received True"),
        ({"seed": 0.5}, "seed must be an integer of 0 or more, received 0.5"),
    ],
)
def test_values_out_of_range(changes, message):
    with pytest.raises(ValueError, match=message):
        Settings(**changes)


def test_the_least_values_pass():
    Settings(epochs=1, batch_size=1, warmup=0.0, momentum=0.0, weight_decay=0.0, seed=0)
