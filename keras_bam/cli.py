"""The command line: names of arguments, and calls into the package."""

import argparse
import sys
from pathlib import Path

import keras

from keras_bam import applications, backend_choice, data, spelling, training
from keras_bam.version import __version__

DEFAULTS = training.Settings()
_NOT_IN_FOLDER_NAMES = str.maketrans(":=,/", "____")


def main(arguments=None):
    """Runs one command; returns the exit status: 0, 2 for a mistake of the user, 130 on Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        _check_backend(options.backend)
        options.command(options)
    except (ValueError, OSError, ImportError) as error:
        print(f"keras-bam: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("keras-bam: interrupted; what was saved is whole", file=sys.stderr)
        return 130
    return 0


def fit(options):
    settings = training.Settings(**{name: getattr(options, name) for name in vars(DEFAULTS)})
    dataset = data.load(options.dataset, options.data)
    keras.utils.set_random_seed(settings.seed)
    model = _model(options, dataset)
    run_dir = options.run_dir or Path("runs", _run_name(options))
    config = {
        "dataset": options.dataset,
        "data": options.data,
        "model": options.model,
        "attention": options.attention,
        "after": options.after,
        "weights": options.weights,
        "backend": keras.backend.backend(),
    }
    summary = training.fit(
        model,
        dataset,
        settings,
        run_dir,
        config=config,
        overwrite=options.overwrite,
        log_steps=options.log_steps,
    )
    print(f"\ntest top-1     {100 * summary['last']['accuracy']:.2f} % after the last epoch")
    print(f"parameters     {summary['parameters']:,}")
    print(f"multiply-adds  {summary['multiply_adds']:,} for one image")
    print(f"training took  {summary['seconds']} s on {keras.backend.backend()}")
    print(f"run folder     {run_dir}")


def evaluate(options):
    run = training.RunFolder.open(options.run)
    config = run.read_config()
    if "dataset" not in config:
        raise ValueError(
            f"{run['config.toml']} names no dataset; only a run of keras-bam fit does, others are "
            "for keras_bam.training.evaluate"
        )
    dataset = data.load(config["dataset"], options.data or config.get("data"))
    results = training.evaluate(run.load_model(options.which), dataset)
    for name, value in results.items():
        shown = f"{value:.4f}" if name == "loss" else f"{100 * value:.2f} %"
        print(f"test {name:<14} {shown}")


def _check_backend(name):
    """`backend_choice` does not see a shortened `--backend`, nor one passed to `main` in Python."""
    started = keras.backend.backend()
    if name not in (None, started):
        raise ValueError(
            f"--backend {name} comes too late, Keras has started on {started}; set "
            f"KERAS_BACKEND={name} before it is imported"
        )


def _model(options, dataset):
    name, arguments = spelling.parse(options.model)
    after = options.after
    if after is not None and after not in applications.PLACES:
        after = after.split(",")
    height, width, channels = dataset.input_shape
    channels_last = keras.config.image_data_format() == "channels_last"
    fixed = {
        "attention": options.attention,
        "after": after,
        "weights": options.weights,
        "classes": len(dataset.class_names),
        "classifier_activation": "softmax",
        "input_shape": (height, width, channels) if channels_last else (channels, height, width),
    }
    for key in arguments:
        if key in fixed or key == "name":
            raise ValueError(
                f"{key!r} in --model {options.model}: it is set by the data set or another option"
            )
    return applications.build(name, **fixed, **arguments)


def _run_name(options):
    attention = options.attention or "plain"
    parts = [options.dataset, options.model, attention, keras.backend.backend(), options.seed]
    return "-".join(str(part).translate(_NOT_IN_FOLDER_NAMES) for part in parts)


def _parser():
    parser = argparse.ArgumentParser(
        prog="keras-bam", description="Bottleneck attention for Keras 3: train and evaluate."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_fit(commands)
    _add_evaluate(commands)
    return parser


def _add_fit(commands):
    parser = commands.add_parser(
        "fit",
        help="train a network on a data set",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(command=fit)
    add = parser.add_argument
    add("dataset", help=f"one of {', '.join(data.names())}")
    add("--data", metavar="FOLDER", help="where the data set's archives are")
    add("--model", default="CifarResNetSmall", metavar="NAME[:KEY=VALUE,...]", help="the network")
    add("--attention", metavar="NAME[:KEY=VALUE,...]", help="bam or se; none by default")
    add("--after", metavar="PLACES", help="bottlenecks, blocks, or layer names with commas")
    add("--weights", metavar="FILE", help="a .weights.h5 or .keras file to start from")
    add("--run-dir", metavar="FOLDER", help="for the run; by default one below runs/")
    add("--overwrite", action="store_true", help="replace a run that is there")
    add("--log-steps", action="store_true", help="write the loss at each step too")
    for name in ("epochs", "batch_size", "seed"):
        add(_flag(name), type=int, default=getattr(DEFAULTS, name), help=" ")
    for name in ("learning_rate", "warmup", "momentum", "weight_decay", "validation_fraction"):
        add(_flag(name), type=float, default=getattr(DEFAULTS, name), help=" ")
    add("--augment", action=argparse.BooleanOptionalAction, default=True, help="crops and flips")
    _add_backend(parser)


def _add_evaluate(commands):
    parser = commands.add_parser("evaluate", help="measure a run's model on the test images")
    parser.set_defaults(command=evaluate)
    parser.add_argument("run", help="the run's folder")
    parser.add_argument("--which", choices=("last", "best"), default="last")
    parser.add_argument("--data", metavar="FOLDER", help="where the data set's archives are")
    _add_backend(parser)


def _add_backend(parser):
    # Read by backend_choice before Keras is imported; here it is only described.
    parser.add_argument(
        "--backend", choices=list(backend_choice.BACKENDS), help="instead of KERAS_BACKEND"
    )


def _flag(name):
    return f"--{name.replace('_', '-')}"
