import dataclasses

import pytest

from keras_bam.training import Recipe


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"epochs": 0}, "epochs must be at least 1, received 0"),
        ({"epochs": 1.5}, "epochs must be an integer, received 1.5"),
        ({"batch_size": -1}, "batch_size must be at least 1, received -1"),
        ({"learning_rate": 0}, "learning_rate must be above 0, received 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0, received nan"),
        ({"learning_rate": "0.1"}, "learning_rate must be a number, received '0.1'"),
        ({"warmup": 1.0}, "warmup must be at least 0 and below 1, received 1.0"),
        ({"momentum": -0.1}, "momentum must be at least 0 and below 1, received -0.1"),
        ({"nesterov": 1}, "nesterov must be True or False, received 1"),
        ({"validation_fraction": 1.0}, "validation_fraction must be at least 0 and below 1"),
        ({"weight_decay": -1e-4}, "weight_decay must be at least 0, received -0.0001"),
        ({"randaugment": 10.5}, "randaugment must be at least 0 and at most 10, received 10.5"),
        ({"schedule": "cos"}, "schedule must be one of .'constant', 'step', .*received 'cos'"),
        ({"precision": "float16"}, "precision must be one of .*received 'float16'"),
        ({"schedule": "step"}, r"milestones must be ascending .*received \[\] for schedule='step'"),
        ({"milestones": [0.5]}, r"received \[0.5\] for schedule='cosine'"),
        ({"schedule": "step", "milestones": [0.5, 0.5]}, "milestones must be ascending"),
        ({"schedule": "step", "milestones": [60, 120]}, "milestones must be ascending shares"),
        ({"schedule": "step", "milestones": 0.5}, "milestones must be a list of numbers"),
        ({"gradient_accumulation_steps": 3}, "must divide batch_size=64, received 3"),
        ({"expand": 0.5}, "expand must be at least 1, received 0.5"),
        ({"seed": -1}, "seed must be at least 0, received -1"),
        ({"seed": True}, "seed must be an integer, received True"),
    ],
)
def test_wrong_values(changes, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**changes)


def test_the_least_values_pass():
    zeros = ("warmup", "momentum", "weight_decay", "label_smoothing", "mixup", "cutout", "seed")
    Recipe(epochs=1, batch_size=1, **dict.fromkeys(zeros, 0))


def test_what_toml_makes_of_a_recipe_is_equal():
    recipe = Recipe(schedule="step", milestones=(0.5, 0.75), learning_rate=1, warmup=0)
    values = dataclasses.asdict(recipe)
    again = Recipe(**{**values, "milestones": list(values["milestones"]), "learning_rate": 1})
    assert again == recipe
    assert (again.milestones, type(again.learning_rate)) == ((0.5, 0.75), float)
