"""The command line: names of arguments, and calls into the package."""

import argparse
import sys

import keras

from keras_bam import (
    backend_choice,
    checkpoint_command,
    data,
    devices_command,
    explain_command,
    export_command,
    fit_command,
    paper_report,
    plot_command,
    predict_command,
    reproduce_command,
    run_parts,
    spelled_network,
    training,
)
from keras_bam.counting import complexity
from keras_bam.interruption import noted_interrupts
from keras_bam.mistakes import MISTAKES
from keras_bam.version import __version__


def main(arguments=None):
    """Runs one command; returns the exit status: 0, 2 for a mistake of the user, 130 on Ctrl-C."""
    options = _parser().parse_args(arguments)
    options.arguments = list(sys.argv[1:] if arguments is None else arguments)
    with noted_interrupts() as interrupts:
        try:
            _check_backend(options.backend)
            options.command(options)
        except MISTAKES as error:
            if not interrupts:
                print(f"keras-bam: error: {error}", file=sys.stderr)
                return 2
        except KeyboardInterrupt:
            pass
        else:
            return 0
    print("keras-bam: interrupted; what was saved is whole", file=sys.stderr)
    return 130


def evaluate(options):
    if export_command.is_file(options.run):
        results = export_command.evaluate(options)
    elif checkpoint_command.is_checkpoint(options.run):
        results = checkpoint_command.evaluate(options)
    else:
        results = _evaluate_run(options)
    for name, value in results.items():
        if value is not None:  # an average precision of objects that there are none of
            shown = f"{value:.4f}" if name == "loss" else f"{100 * value:.2f} %"
            print(f"test {name:<14} {shown}")


def _evaluate_run(options):
    run = training.RunFolder.open(options.run)
    config = run.read_config()
    if "dataset" not in config:
        raise ValueError(
            f"{run['config.toml']} names no dataset; only a run of keras-bam fit does, others are "
            "for keras_bam.training.evaluate"
        )
    if options.data is not None:
        config["data"] = options.data
    dataset = run_parts.load_data(config)
    if isinstance(dataset, data.DetectionDataset):
        dataset = training.as_trained(run, dataset)
    return training.evaluate(run.load_model(options.which), dataset)


def count(options):
    if options.paper:
        print(paper_report.as_text())
        return
    if options.model is None:
        raise ValueError(
            "count needs a model, such as ResNet50 or WideResNet18:widen=2, or --paper"
        )
    settings = {"attention": options.attention, "after": spelled_network.places(options.after)}
    settings["kernel_initializer"] = "zeros"  # nothing is trained, and zeros are quick
    if options.classes is not None:
        settings["classes"] = options.classes
    if options.input is not None:
        settings["input_shape"] = _input_shape(options.input)
    counted = complexity(spelled_network.build(options.model, settings))
    if options.layers:
        print(counted)
        return
    print(f"parameters         {counted.parameters:,}")
    print(f"moving statistics  {counted.moving_statistics:,}")
    print(f"multiply-adds      {counted.multiply_adds:,} for one image")


def _check_backend(name):
    """`backend_choice` does not see a shortened `--backend`, nor one passed to `main` in Python."""
    started = keras.backend.backend()
    if name not in (None, started):
        raise ValueError(
            f"--backend {name} comes too late, Keras has started on {started}; set "
            f"KERAS_BACKEND={name} before it is imported"
        )


def _input_shape(text):
    sizes = text.split("x")
    if len(sizes) != 3 or not all(size.isdecimal() for size in sizes):
        raise ValueError(f"--input must be like 224x224x3, received {text!r}")
    return tuple(map(int, sizes))


def _parser():
    parser = argparse.ArgumentParser(
        prog="keras-bam", description="Bottleneck attention for Keras 3."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_backend(fit_command.add_parser(commands))
    _add_evaluate(commands)
    _add_count(commands)
    _add_backend(predict_command.add_parser(commands))
    _add_backend(export_command.add_parser(commands))
    _add_backend(explain_command.add_parser(commands))
    _add_backend(plot_command.add_parser(commands))
    _add_backend(reproduce_command.add_parser(commands))
    _add_backend(devices_command.add_parser(commands))
    return parser


def _add_evaluate(commands):
    parser = commands.add_parser("evaluate", help="measure a run or a file on test images")
    parser.set_defaults(command=evaluate)
    add = parser.add_argument
    files = "an exported file, a .keras file or published weights (.pth, .safetensors, .h5)"
    add("run", metavar="RUN_OR_FILE", help=f"a run's folder, {files}")
    add("--which", choices=("last", "best"), default="last", help="model of a run")
    of_file = f"for a file the data set, {export_command.DATA_SET}"
    of_weights = "for published weights ImageNet's validation folder too"
    add("--data", help=f"for a run where its data set's archives are; {of_file}; {of_weights}")
    _add_backend(parser)


def _add_count(commands):
    parser = commands.add_parser("count", help="parameters and multiply-adds of a network")
    parser.set_defaults(command=count)
    add = parser.add_argument
    add("model", nargs="?", metavar="NAME[:KEY=VALUE,...]", help="the network")
    add("--paper", action="store_true", help="every row of the paper's tables instead")
    add("--attention", metavar="NAME[:KEY=VALUE,...]", help="bam, se or extra_block")
    add(
        "--after",
        metavar="PLACES",
        help="bottlenecks, blocks, classifiers (of a detector), or layer names",
    )
    add("--classes", type=int, help="of the classifier; the paper's by default")
    add("--input", metavar="SIZES", help="such as 32x32x3, in Keras's data format")
    add("--layers", action="store_true", help="layer by layer")
    _add_backend(parser)


def _add_backend(parser):
    # Read by backend_choice before Keras is imported; here it is only described.
    parser.add_argument(
        "--backend", choices=list(backend_choice.BACKENDS), help="instead of KERAS_BACKEND"
    )
