"""What the processes of a run must agree about."""

import dataclasses

from keras_bam.training.versions import versions


def facts(model, dataset, recipe, run_dir):
    """A flat dict of it, of what JSON can hold."""
    made_with = versions()
    return {
        **{f"recipe.{name}": value for name, value in dataclasses.asdict(recipe).items()},
        **{f"version.{name}": value for name, value in made_with["packages"].items()},
        "backend": made_with["backend"],
        "dataset": dataset.name,
        "training images": len(dataset.train),
        "test images": len(dataset.test),
        "parameters": model.count_params(),
        "run_dir": str(run_dir),
    }
