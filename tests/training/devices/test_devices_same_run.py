import json

import keras
import tiny

from keras_bam.training import Recipe
from keras_bam.training.devices.same_run import facts


def test_facts_of_a_run():
    found = facts(tiny.linear(), tiny.dataset(), Recipe(seed=4), "runs/a")
    assert json.loads(json.dumps(found)).keys() == found.keys()
    assert found["recipe.seed"] == 4
    assert found["version.keras"] == keras.__version__
    assert (found["training images"], found["test images"]) == (20, 9)
    assert found["parameters"] == 64 * 3 + 3
