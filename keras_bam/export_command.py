"""The command `export`, and `evaluate` of a file: argument names and calls into the package."""

import argparse
from pathlib import Path

import keras

from keras_bam import data, detection, export, spelling, training
from keras_bam.export.calibration import draw_calibration
from keras_bam.export.formats import FORMATS

_PRECISIONS = list(dict.fromkeys(name for row in FORMATS.values() for name in row.precisions))
DATA_SET = "DATASET[:folder=FOLDER]"


def run(options):
    """`keras-bam export`."""
    model = _model(options.model, options.which)
    if options.detections:
        model = detection.with_detections(model)
    calibration = None
    if options.calibration is not None:
        dataset = load_data(options.calibration)
        calibration = draw_calibration(dataset, model.input_shape, options.calibration_images)
    exported = export.export_model(
        model,
        options.path,
        format=options.format,
        input_shape=options.input,
        dynamic_batch=options.dynamic_batch,
        dynamic_size=options.dynamic_size,
        precision=options.precision,
        calibration=calibration,
        verify=options.verify,
    )
    print(exported)


def is_file(path):
    """Whether `evaluate` has a file before it, or what would be one, and not a run's folder."""
    return Path(path).suffix == ".keras" or export.is_exported(path)


def evaluate(options):
    """Loss and accuracies of an exported or `.keras` file on a data set."""
    path = options.run
    if options.data is None:
        raise ValueError(
            f"{path} names no data set: pass --data digits, or --data cifar10:folder=FOLDER"
        )
    dataset = load_data(options.data)
    finds_objects = isinstance(dataset, data.DetectionDataset)
    if Path(path).suffix == ".keras":
        run = training.RunFolder(Path(path).parent)
        if finds_objects and run["detector.json"].is_file():
            dataset = training.as_trained(run, dataset)
        return training.evaluate(keras.saving.load_model(path, compile=False), dataset)
    if finds_objects:
        raise ValueError(
            f"{path} can be measured on data sets of classes, and {dataset.name} is one of objects:"
            " measure the run or the .keras file that it was made from"
        )
    return export.evaluate_file(path, dataset)


def load_data(text):
    """The data set spelled `name` or `name:folder=FOLDER`."""
    name, arguments = spelling.parse(text)

    def load(folder=None):
        return data.load(name, None if folder is None else str(folder))

    return spelling.make(load, arguments, f"the data set {name}")


def add_parser(commands):
    """Adds `export` to the commands of `keras-bam`; returns its parser."""
    parser = commands.add_parser("export", help="write a model for another runtime, proven")
    parser.set_defaults(command=run)
    add = parser.add_argument
    add("model", metavar="RUN_OR_MODEL", help="a run's folder or a .keras file")
    suffixes = ", ".join(f"{row.suffix or 'none'} ({name})" for name, row in FORMATS.items())
    add("path", metavar="PATH", help=f"to write; its suffix says the format: {suffixes}")
    add("--which", choices=("last", "best"), default="last", help="model of a run")
    add("--format", choices=list(FORMATS), help="where the suffix does not say it")
    add("--input", type=_sizes, metavar="SIZES", help="such as 224x224x3, to fix open sizes")
    add(
        "--fixed-batch",
        action="store_false",
        dest="dynamic_batch",
        help="one image at a time; any number by default",
    )
    add("--dynamic-size", action="store_true", help="leave open sizes open")
    help = "of SSD or StairNet: boxes, scores and classes in place of offsets and logits"
    add("--detections", action="store_true", help=help)
    add("--precision", choices=_PRECISIONS, default="float32", help="float32 by default")
    add("--calibration", metavar=DATA_SET, help="whose training images int8 and int16x8 go by")
    add("--calibration-images", type=int, default=200, metavar="N", help="200 by default")
    add("--no-verify", action="store_false", dest="verify", help="do not run the file")
    return parser


def _model(path, which):
    if Path(path).suffix == ".keras":
        return keras.saving.load_model(path, compile=False)
    return training.RunFolder.open(path).load_model(which)


def _sizes(text):
    sizes = text.split("x")
    if not all(size.isdecimal() for size in sizes):
        raise argparse.ArgumentTypeError(f"must be like 224x224x3, received {text!r}")
    return tuple(map(int, sizes))
