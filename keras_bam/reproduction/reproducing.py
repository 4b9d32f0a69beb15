"""A table of the paper, trained: all of its rows, several seeds each."""

import dataclasses
import sys
from pathlib import Path

import numpy as np

from keras_bam import spelling, training
from keras_bam.data import DetectionDataset
from keras_bam.extra import check_extra
from keras_bam.layers.arguments import positive_integer
from keras_bam.reproduction import report, runs
from keras_bam.reproduction.picture import draw
from keras_bam.reproduction.results import MeasuredRow, Reproduction
from keras_bam.reproduction.rows import select
from keras_bam.training import recipes


def reproduce(
    table,
    dataset,
    folder,
    *,
    rows=(),
    models=(),
    form="paper",
    recipe="quick",
    seeds=5,
    images=None,
    **changes,
):
    """Trains the rows of a table as paired fits, and writes the table with ours beside it.

    Runs of one seed share the initial weights of all layers they have in common, the order of the
    images and their augmentation. Each has a folder of its own in `folder`; a run that is at its
    end is kept, one that was stopped goes on, one whose files are damaged is named and done again.
    Call it again with more seeds or rows and only what is missing is trained.

    Args:
        table: "1a", "1b", "1c", "2", "3a" or "5".
        dataset: a `keras_bam.data.Dataset`, such as `keras_bam.data.load("digits")`.
        folder: for the runs, and for `table-1b.md`, `.csv`, `.json` and `.png` (with the table's
            name); the picture is drawn at the end, the others are written after each run.
        rows: of each row its number in the table, its variant, its architecture or both; none for
            all. The baseline of an architecture always comes along.
        models: a network in place of the paper's, such as "CifarResNetSmall"; where the rows have
            several architectures "ARCHITECTURE=NETWORK" for each that is replaced.
        form: of the BAMs, "paper" or "official".
        recipe: name of one, see `keras_bam.training.recipe`; "paper" is each network's own.
        seeds: how many, from 0.
        images: how many of the training images, spread evenly over them; all by default.
        **changes: fields of the recipe, such as `epochs`.

    Returns:
        A `Reproduction`.

    Raises:
        ValueError: for a table or row that does not exist, listing those that do; for a wrong
            argument, or a run in `folder` that was made otherwise.
        KeyboardInterrupt: after Ctrl-C; what is finished stays, the same call goes on.
    """
    positive_integer("seeds", seeds)
    if "seed" in changes:
        raise ValueError("seed is set for each run; say with seeds how many there are")
    if isinstance(dataset, DetectionDataset):
        raise ValueError(
            f"dataset {dataset.name!r} has objects in its images, and the tables are of "
            "classification; choose another, such as cifar100"
        )
    check_extra(("matplotlib", "scipy", "tomli_w"))
    dataset = _fewer_images(dataset, images)
    chosen = select(table, rows, models, form)
    plan = [
        _run(row, dataset, folder, recipe, {"seed": seed, **changes})
        for seed in range(seeds)
        for row in chosen
    ]
    done = _Done(plan)

    def result():
        measured = tuple(MeasuredRow(row, done.of(row)) for row in chosen)
        counts = len(dataset.train), len(dataset.test)
        made = {run.row.network: _without_seed(run) for run in plan}
        return Reproduction(table, dataset.name, counts, made, tuple(range(seeds)), measured)

    try:
        for run in done.missing():
            done.train(run)
            report.write(result(), folder)
    except BaseException:
        print(f"{done} in {folder}; the same command keeps them and goes on", file=sys.stderr)
        raise
    report.write(result(), folder)
    draw(result(), folder)
    return result()


class _Done:
    """The runs of a plan that are at their end, by path: rows of the same network share them."""

    def __init__(self, plan):
        self.plan = {run.folder.path: run for run in plan}
        self.rows = [(run.row, run.recipe.seed, run.folder.path) for run in plan]
        self.outcomes = {}
        self.damaged = set()
        for path, run in self.plan.items():
            try:
                found = runs.outcome(run)
            except runs.DamagedRun as error:
                print(f"{error}; it is done again", file=sys.stderr)
                self.damaged.add(path)
            else:
                if found is not None:
                    self.outcomes[path] = found

    def __str__(self):
        return f"{len(self.outcomes)} of {len(self.plan)} runs are finished"

    def of(self, row):
        """The outcomes of a row by seed."""
        return {
            seed: self.outcomes[path]
            for of, seed, path in self.rows
            if of is row and path in self.outcomes
        }

    def missing(self):
        return [run for path, run in self.plan.items() if path not in self.outcomes]

    def train(self, run):
        path = run.folder.path
        print(f"run {len(self.outcomes) + 1} of {len(self.plan)}: {path.name}", flush=True)
        try:
            runs.train(run, anew=path in self.damaged)
        except training.DamagedCheckpoint as error:
            print(f"{error}: {path.name} is done again", file=sys.stderr)
            runs.train(run, anew=True)
        self.outcomes[path] = runs.outcome(run)


def _run(row, dataset, folder, recipe, fields):
    network, _ = spelling.parse(row.network)
    name = recipes.resolve(recipe, dataset.name, network)
    run_folder = training.RunFolder(Path(folder, runs.folder_name(row, fields["seed"])))
    return runs.Run(row, training.recipe(name, **fields), name, dataset, run_folder)


def _fewer_images(dataset, images):
    if images is None:
        return dataset
    positive_integer("images", images)
    if images > len(dataset.train):
        raise ValueError(
            f"images={images} is more than the {len(dataset.train)} training images of "
            f"{dataset.name}; leave it out for all"
        )
    spread = np.arange(images) * len(dataset.train) // images  # whatever order they are in
    return dataclasses.replace(dataset, train=dataset.train.take(spread))


def _without_seed(run):
    fields = {"name": run.recipe_name, **dataclasses.asdict(run.recipe)}
    del fields["seed"]
    return fields
