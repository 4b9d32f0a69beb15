"""The fields of a recipe as options of a command."""

import argparse
import typing

from keras_bam.training import recipes
from keras_bam.training.recipe import FIELDS

_HELP = {
    "epochs": "passes over the training images",
    "batch_size": "images a step of the optimizer",
    "gradient_accumulation_steps": "parts that a batch goes through the network in",
    "learning_rate": "at its peak",
    "schedule": "of the rate behind the warm-up",
    "milestones": "shares of the run, with commas, at which schedule step changes the rate",
    "decay_factor": "of the rate at a milestone",
    "warmup": "share of the steps in which the rate rises",
    "warmup_factor": "of the rate at the first step",
    "warmup_shape": "of the warm-up",
    "momentum": "of the gradients",
    "nesterov": "Nesterov's momentum",
    "weight_decay": "added to the gradient, as in PyTorch",
    "decay_all": "decay batch norms and biases too",
    "label_smoothing": "share of a label that is spread over all classes",
    "mixup": "alpha of MixUp, 0 is off",
    "cutmix": "alpha of CutMix, 0 is off",
    "augment": "random crops and flips; of detectors SSD's augmentation",
    "expand": "of detectors, the most an image is made larger before its crop, 1 for never",
    "padding_mode": "around an image in memory before its crop",
    "cutout": "side of the square that is blanked, in pixels",
    "randaugment": "magnitude of RandAugment, 0 to 10",
    "precision": "dtype policy",
    "ema_momentum": "of the average of the weights that is measured and saved, 0 is off",
    "validation_fraction": "of the training images, held out to choose best.keras by",
    "seed": "of initial weights, order and augmentation",
}


def add(parser, without=()):
    """Adds `--recipe NAME`, and an option for each field of `Recipe` but those in `without`."""
    known = ", ".join(recipes.names())
    group = parser.add_argument_group("recipe", "what the named recipe has otherwise")
    help = f"one of {known}; by default quick, or a detector's"
    group.add_argument("--recipe", metavar="NAME", help=help)
    for name, field in FIELDS.items():
        if name not in without:
            _add_field(group, name, field)


def given(options):
    """The fields that are given among parsed options, as a dict."""
    return {name: value for name in FIELDS if (value := getattr(options, name, None)) is not None}


def _add_field(group, name, field):
    flag, help = f"--{name.replace('_', '-')}", _HELP[name]
    if field.type is bool:
        action = argparse.BooleanOptionalAction
        group.add_argument(flag, action=action, default=None, help=help)
    elif typing.get_origin(field.type) is typing.Literal:
        group.add_argument(flag, choices=typing.get_args(field.type), help=help)
    else:
        kind = _shares if name == "milestones" else field.type
        group.add_argument(flag, type=kind, metavar=kind.__name__.strip("_").upper(), help=help)


def _shares(text):
    return tuple(map(float, text.split(",")))
