"""What the models of a run are used with: how images are normalised, and what the classes are."""

import json

from keras_bam.files import write_text

OF_DETECTOR = "detector.json"
OF_CLASSIFIER = "classifier.json"


def write_notes(path, dataset):
    notes = {name: getattr(dataset, name) for name in ("class_names", "mean", "std")}
    write_text(path, json.dumps(notes, indent=2) + "\n")


def read_notes(run, name=OF_DETECTOR):
    """The `class_names`, `mean` and `std`, tuples in a dict, that a run's models are used with.

    Args:
        run: a `RunFolder`.
        name: of the file in it, "detector.json" or "classifier.json".

    Raises:
        ValueError: if the run is of the other kind, or the file is damaged.
    """
    path = run[name]
    if not path.is_file():
        kind = name.removesuffix(".json")
        raise ValueError(f"{run.path} holds no run of a {kind}: there is no {name} in it")
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        return {name: tuple(notes[name]) for name in ("class_names", "mean", "std")}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
