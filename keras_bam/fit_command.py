"""The command `fit`: what is asked for, from the command line, a TOML file and a recipe."""

import dataclasses
import sys
from pathlib import Path

import keras

from keras_bam import data, recipe_options, run_parts, spelling, training
from keras_bam.training import recipes
from keras_bam.training.callback_paths import callback_from_path
from keras_bam.training.config import KEYS, read_config
from keras_bam.training.devices import run_in_processes
from keras_bam.training.fitting import check_extras
from keras_bam.training.precision import dtype_policy
from keras_bam.training.progress import closing_line

_NOT_IN_FOLDER_NAMES = str.maketrans(":=,/", "____")


def run(options):
    """`keras-bam fit`."""
    if options.resume:
        _take_from_run(options)
    config, recipe = resolve(options)
    check_extras(config.get("tensorboard", False))
    if config.get("deterministic"):
        training.deterministic()
    config["backend"] = keras.backend.backend()
    status = run_in_processes(config.get("devices", "1"), options.arguments)
    if status:
        sys.exit(status)
    if status == 0:
        return
    devices = _open_devices(config, options)
    if options.scale_learning_rate:
        scaled = recipe.learning_rate * devices.count
        recipe = dataclasses.replace(recipe, learning_rate=scaled)
    more = [callback_from_path(path) for path in config.get("callback", ())]
    dataset = run_parts.load_data(config)
    keras.utils.set_random_seed(recipe.seed)
    with dtype_policy(recipe.precision), devices.scope():
        model, dataset = run_parts.build(config, dataset)
    run_dir = options.run_dir or Path("runs", _run_name(config, recipe))
    summary = training.fit(
        model,
        dataset,
        recipe,
        run_dir,
        config=config,
        overwrite=options.overwrite,
        resume=options.resume is not None,
        log_steps=config.get("log_steps", False),
        tensorboard=config.get("tensorboard", False),
        callbacks=more,
        devices=devices,
        checkpoints={
            "every_minutes": options.checkpoint_minutes,
            "every_steps": options.checkpoint_steps,
            "keep": options.keep_checkpoints,
        },
        threads=options.threads,
        on_error=options.on_error,
    )
    if devices.is_first:
        _print(summary, run_dir)


def _take_from_run(options):
    """Makes the run to be resumed the one that `options` speak of."""
    if options.config or options.run_dir:
        raise ValueError("--resume takes these from the run: leave --config and --run-dir out")
    run = training.RunFolder.open(options.resume)
    options.config, options.run_dir = run["config.toml"], options.resume


def _print(summary, run_dir):
    print(f"\n{closing_line(summary['last'])}")
    name, title = ("mAP", "test mAP  ") if "mAP" in summary["last"] else ("accuracy", "test top-1")
    print(f"{title}     {100 * (summary['last'][name] or 0):.2f} % after the last epoch")
    print(f"parameters     {summary['parameters']:,}")
    print(f"multiply-adds  {summary['multiply_adds']:,} for one image")
    print(f"training took  {summary['seconds']} s on {keras.backend.backend()}")
    print(f"run folder     {run_dir}")


def resolve(options):
    """What is to be run: a dict of the keys of `config.toml`, and a `Recipe`.

    What the command line says goes before the file `--config`, and that before the recipe's row;
    `--recipe` takes the place of all that the file says of one.
    """
    config, changes = read_config(options.config) if options.config else ({}, {})
    if options.recipe is not None:
        changes = {"name": options.recipe}
    given = vars(options)
    config = config | {key: given[key] for key in KEYS if given.get(key) is not None}
    if "dataset" not in config:
        raise ValueError(f"fit needs a data set, one of {', '.join(data.names())}")
    config = {"model": run_parts.usual_model(config["dataset"]), **config}
    changes |= recipe_options.given(options)
    network, _ = spelling.parse(config["model"])
    name = recipes.resolve(
        changes.pop("name", recipes.usual(config["dataset"])), config["dataset"], network
    )
    return {**config, "recipe": {"name": name}}, training.recipe(name, **changes)


def _open_devices(config, options):
    return training.open_devices(
        config.get("devices", "all" if options.coordinator else "1"),
        synchronize_batch_norm=config.get("sync_batch_norm", False),
        coordinator=options.coordinator,
        processes=options.processes,
        process=options.process,
    )


def _run_name(config, recipe):
    attention = config.get("attention", "plain")
    parts = [config["dataset"], config["model"], attention, keras.backend.backend(), recipe.seed]
    return "-".join(str(part).translate(_NOT_IN_FOLDER_NAMES) for part in parts)


def add_parser(commands):
    """Adds `fit` to the commands of `keras-bam`; returns its parser."""
    parser = commands.add_parser("fit", help="train a network on a data set")
    parser.set_defaults(command=run)
    add = parser.add_argument
    add("dataset", nargs="?", help=f"one of {', '.join(data.names())}")
    add("--config", metavar="FILE", help="a TOML file with these options, such as a run's")
    add("--data", metavar="FOLDER", help="where the data set's archives or images are")
    add("--image-size", type=int, metavar="PIXELS", help=run_parts.IMAGE_SIZE_HELP)
    add("--train", metavar="SPLIT", help="of voc or coco, to train on, such as 2007/trainval")
    add("--test", metavar="SPLIT", help="of voc or coco, to measure on")
    help = f"the network; by default {run_parts.usual_model(None)}, or a detector"
    add("--model", metavar="NAME[:KEY=VALUE,...]", help=help)
    help = "bam, se or extra_block; none by default"
    add("--attention", metavar="NAME[:KEY=VALUE,...]", help=help)
    help = "bottlenecks, blocks, classifiers (of a detector), or layer names"
    add("--after", metavar="PLACES", help=help)
    add("--weights", metavar="FILE", help="a .weights.h5 or .keras file to start from")
    help = "a classifier's weights for a detector's trunk, or imagenet, which Keras downloads"
    add("--trunk", metavar="FILE", help=help)
    add("--run-dir", metavar="FOLDER", help="for the run; by default one below runs/")
    add("--overwrite", action="store_true", help="replace a run that is there")
    help = "go on with the run in that folder, from its newest checkpoint, to the bit"
    add("--resume", metavar="RUN", help=help)
    help = "steps that repeat to the bit on the same machine, which may be slower"
    add("--deterministic", action="store_true", default=None, help=help)
    add("--log-steps", action="store_true", default=None, help="write the loss at each step too")
    add("--tensorboard", action="store_true", default=None, help="write logs for TensorBoard too")
    help = "one more Keras callback, such as keras.callbacks:EarlyStopping:patience=5; repeatable"
    add("--callback", action="append", metavar="MODULE:CLASS[:KEY=VALUE,...]", help=help)
    help = "minutes between checkpoints within an epoch; 10 by default"
    add("--checkpoint-minutes", type=float, default=10.0, metavar="MINUTES", help=help)
    add("--checkpoint-steps", type=int, metavar="STEPS", help="one every so many steps, too")
    help = "how many checkpoints stay; 2 by default"
    add("--keep-checkpoints", type=int, default=2, metavar="N", help=help)
    add("--threads", type=int, metavar="N", help="that decode images; one for each processor")
    help = "what to do with an image that can't be read: raise (by default) or skip"
    add("--on-error", choices=("raise", "skip"), default="raise", help=help)
    _add_devices(parser.add_argument_group("devices", "see docs/several-devices.md"))
    recipe_options.add(parser)
    return parser


def _add_devices(group):
    add = group.add_argument
    add("--devices", metavar="all|N|cpu:N", help="to divide each batch among; 1 by default")
    help = "batch norm over the whole batch, on TensorFlow and PyTorch"
    add("--sync-batch-norm", action="store_true", default=None, help=help)
    help = "multiply the learning rate by the number of devices"
    add("--scale-learning-rate", action="store_true", help=help)
    help = "of several JAX processes the first one's address, or cluster to be told by SLURM"
    add("--coordinator", metavar="HOST:PORT", help=help)
    add("--processes", type=int, metavar="N", help="how many JAX processes there are")
    add("--process", type=int, metavar="I", help="which one this is, from 0")
