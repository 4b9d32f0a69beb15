"""The model that `explain` is given: a run's, a file's, published weights', or the package's."""

import dataclasses
from pathlib import Path
from typing import Any

import keras

from keras_bam import applications, checkpoints, export_command, run_parts, training
from keras_bam.applications.packaged import NAMES, facts
from keras_bam.checkpoints.reading import is_checkpoint
from keras_bam.detection import TwoStageDetector
from keras_bam.insertion.graph import recorded
from keras_bam.insertion.maps import data_format
from keras_bam.training.image_notes import OF_CLASSIFIER, OF_DETECTOR

_OPEN_SIZE = 224  # pixels, where a model takes any


@dataclasses.dataclass(frozen=True)
class Subject:
    """A model, and what its images are to be like.

    Attributes:
        model: takes one image.
        mean, std: one value a channel, on the scale 0 to 1.
        class_names: None where they are not known.
        size: (height, width, channels) of the images.
        channels_first: whether the model takes them so.
    """

    model: Any
    mean: tuple[float, ...]
    std: tuple[float, ...]
    class_names: tuple[str, ...] | None
    size: tuple[int, int, int]
    channels_first: bool


def find(options):
    """What the command line names.

    Args:
        options: of `explain`: `model`, `which`, `data`, `mean`, `std` and `size`.

    Raises:
        ValueError: if nothing says how its images are normalised, and as what it is read by.
    """
    if options.model in NAMES:
        model, known = _packaged(options.model), facts(options.model)
        found = model, known["mean"], known["std"], known["class_names"]
    elif is_checkpoint(options.model):
        found = _checkpoint(options)
    elif Path(options.model).suffix == ".keras":
        model = keras.saving.load_model(options.model, compile=False)
        found = (model, *_of_data(options))
    else:
        found = _run(options)
    model, mean, std, class_names = found
    if isinstance(model, TwoStageDetector):
        model = model.trunk  # where its attention is
    if options.mean is not None:
        mean, std = options.mean, options.std
    if mean is None:
        raise ValueError(
            f"{options.model} does not say how its images are normalised: pass --data with the "
            f"data set ({export_command.DATA_SET}), or --mean and --std on the scale 0 to 1 "
            "(--mean 0,0,0 --std 1,1,1 for pixels divided by 255)"
        )
    size, channels_first = _size(model, options.size)
    names = None if class_names is None else tuple(class_names)
    return Subject(model, tuple(mean), tuple(std), names, size, channels_first)


def _packaged(name):
    zeros = {"kernel_initializer": "zeros"}  # quick, and every weight is loaded
    return applications.build(NAMES[name], attention="bam", weights=name, **zeros)


def _checkpoint(options):
    checkpoint = checkpoints.read(options.model)
    preprocessing = checkpoint.preprocessing
    if preprocessing is None:
        return (checkpoint.build(), *_of_data(options))
    model = preprocessing.in_front_of(checkpoint.build())
    return model, preprocessing.mean, preprocessing.std, None


def _run(options):
    run = training.RunFolder.open(options.model)
    model = run.load_model(options.which)
    if options.mean is not None:
        return model, None, None, None
    for name in (OF_CLASSIFIER, OF_DETECTOR):
        if run[name].is_file():
            notes = training.read_notes(run, name)
            return model, notes["mean"], notes["std"], notes["class_names"]
    config = run.read_config()
    if "dataset" not in config:
        raise ValueError(
            f"{run['config.toml']} names no dataset, and so not how images are normalised: pass "
            "--mean and --std on the scale 0 to 1"
        )
    if options.data is not None:
        config["data"] = options.data
    return (model, *_facts(run_parts.load_data(config)))


def _of_data(options):
    if options.data is None:
        return None, None, None
    return _facts(export_command.load_data(options.data))


def _facts(dataset):
    return dataset.mean, dataset.std, dataset.class_names


def _size(model, wanted):
    """((height, width, channels), whether channels come first) of the images `model` takes."""
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise ValueError(
            f"{model.name!r} has the input shape {shape}: explain shows models of one image"
        )
    channels_first = data_format(recorded(model)) == "channels_first"
    channels, *size = shape[1:] if channels_first else (shape[3], *shape[1:3])
    if channels not in (1, 3):
        raise ValueError(f"{model.name!r} takes images of {channels} channels: 1 or 3 can be shown")
    for fixed in size:
        if None not in (fixed, wanted) and fixed != wanted:
            raise ValueError(f"--size {wanted}, but {model.name!r} takes images of {size}")
    height, width = (fixed or wanted or _OPEN_SIZE for fixed in size)
    return (height, width, channels), channels_first
