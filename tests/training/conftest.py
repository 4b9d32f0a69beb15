import dataclasses
from pathlib import Path

import keras
import pytest
import tiny

from keras_bam import training


@dataclasses.dataclass
class Finished:
    dataset: object
    recipe: training.Recipe
    folder: Path
    summary: dict


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run of a small network with BAM; not to be changed."""
    data, recipe = tiny.dataset(), training.Recipe(epochs=2, batch_size=8, seed=3)
    folder = tmp_path_factory.mktemp("finished") / "run"
    keras.utils.set_random_seed(recipe.seed)
    summary = training.fit(
        tiny.with_bam(), data, recipe, folder, config={"model": "tiny"}, log_steps=True
    )
    return Finished(data, recipe, folder, summary)
