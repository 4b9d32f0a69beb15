"""The recipes that networks were published with, as rows.

Milestones are shares of the run: He et al. divide the rate at 32,000 and 48,000 of 64,000 steps,
which is .5 and .75. Weight decay is PyTorch's (`keras_bam.training.SGD`), and acts on all weights
unless a row says otherwise.
"""

import dataclasses
from typing import Any

from keras_bam.naming import unknown
from keras_bam.training.recipe import Recipe, check_names

_PUBLISHED: dict[str, Any] = {"warmup": 0.0, "nesterov": False, "decay_all": True}
_HALF_AND_THREE_QUARTERS: dict[str, Any] = {"schedule": "step", "milestones": (0.5, 0.75)}
_CIFAR: dict[str, Any] = {
    **_PUBLISHED,
    "batch_size": 128,
    "learning_rate": 0.1,
    **_HALF_AND_THREE_QUARTERS,
}
_THIRDS: dict[str, Any] = {"schedule": "step", "milestones": (1 / 3, 2 / 3)}
_SSD: dict[str, Any] = {
    **_PUBLISHED,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "schedule": "step",
    "milestones": (2 / 3, 5 / 6),
    "weight_decay": 5e-4,
}

_FASTER_RCNN: dict[str, Any] = {
    **_PUBLISHED,
    "batch_size": 1,
    "learning_rate": 1e-3,
    "schedule": "step",
    "weight_decay": 1e-4,
    "decay_all": False,
}

# Published for CIFAR-10 and CIFAR-100 alike.
RECIPES = {
    # Short runs of small networks; what `fit` takes if no recipe is named.
    "quick": Recipe(),
    # arXiv:1512.03385, section 4.2: 64,000 steps are 164 epochs of 50,000 images.
    "cifar-resnet": Recipe(**_CIFAR, epochs=164, weight_decay=1e-4),
    # arXiv:1603.05027, appendix: the rate is .01 for the first 400 steps.
    "cifar-preresnet": Recipe(
        **{**_CIFAR, "warmup": 400 / 64_000},
        warmup_factor=0.1,
        warmup_shape="constant",
        epochs=164,
        weight_decay=1e-4,
    ),
    # arXiv:1605.07146, section 3: the rate falls to a fifth at epochs 60, 120 and 160 of 200.
    "cifar-wide-resnet": Recipe(
        **{**_CIFAR, "nesterov": True, "milestones": (0.3, 0.6, 0.8)},
        decay_factor=0.2,
        epochs=200,
        weight_decay=5e-4,
        padding_mode="reflect",
    ),
    # arXiv:1611.05431, section 5.3.
    "cifar-resnext": Recipe(**_CIFAR, epochs=300, weight_decay=5e-4),
    # arXiv:1608.06993, section 4.2.
    "cifar-densenet": Recipe(
        **{**_CIFAR, "nesterov": True, "batch_size": 64}, epochs=300, weight_decay=1e-4
    ),
    # For networks whose papers have no CIFAR: one recipe of the widespread weiaicunzai/
    # pytorch-cifar100, with an epoch of warm-up.
    "cifar-uniform": Recipe(
        **{**_CIFAR, "nesterov": True, "milestones": (0.3, 0.6, 0.8), "warmup": 1 / 200},
        decay_factor=0.2,
        epochs=200,
        weight_decay=5e-4,
    ),
    # What the BAM paper's CIFAR networks were most likely trained with: the defaults of
    # bearpaw/pytorch-classification, whose parameter counts Table 3 has.
    "cifar-300": Recipe(**_CIFAR, epochs=300, weight_decay=5e-4),
    # The authors' train_imagenet.py; ResNet, ResNeXt and MobileNet alike.
    "imagenet": Recipe(
        **{**_PUBLISHED, **_THIRDS},
        epochs=90,
        batch_size=256,
        learning_rate=0.1,
        weight_decay=1e-4,
    ),
    # The authors' solver: 170,000 steps of 512 images, linearly to zero. There is no batch norm in
    # it, and a rate of .1 diverges.
    "imagenet-squeezenet": Recipe(
        **_PUBLISHED,
        schedule="linear",
        epochs=68,
        batch_size=512,
        learning_rate=0.04,
        weight_decay=2e-4,
    ),
    # One cycle (arXiv:1708.07120), label smoothing, cutout; for CIFAR's 32 pixels.
    "short": Recipe(
        schedule="linear",
        warmup=0.2,
        epochs=30,
        batch_size=512,
        learning_rate=0.4,
        weight_decay=5e-4,
        label_smoothing=0.1,
        padding_mode="reflect",
        cutout=8,
    ),
    # The configuration of one of StairNet's authors: 120,000 steps of 32 of the 16,551 images of
    # VOC 07+12, with a tenth of the rate from step 80,000 and from 100,000 on.
    "ssd-voc": Recipe(**_SSD, epochs=232),
    # arXiv:1512.02325, section 3.4: 160,000, 40,000 and 40,000 steps of 32 of the 118,287 images
    # of trainval35k.
    "ssd-coco": Recipe(**_SSD, epochs=65),
    # endernewton/tf-faster-rcnn and its port to PyTorch: 490,000 steps of one of COCO's 117,266
    # images with objects, and 110,000 of VOC 07+12's 16,551, to the nearest epoch.
    "faster-rcnn-coco": Recipe(**_FASTER_RCNN, epochs=4, milestones=(35 / 49,)),
    "faster-rcnn-voc": Recipe(**_FASTER_RCNN, epochs=7, milestones=(8 / 11,)),
    # Ours, for small detectors with batch norm on the generated shapes. Expansion would leave
    # some of them four pixels.
    "shapes": Recipe(epochs=40, batch_size=16, learning_rate=0.1, warmup=0.1, expand=1.0),
}
_ON_CIFAR = {
    "CifarResNet18": "cifar-resnet",
    "CifarResNet34": "cifar-resnet",
    "CifarResNet50": "cifar-resnet",
    "CifarResNet101": "cifar-resnet",
    "CifarResNet152": "cifar-resnet",
    "CifarResNetSmall": "cifar-resnet",
    "CifarPreResNet110": "cifar-preresnet",
    "CifarWideResNet28": "cifar-wide-resnet",
    "CifarResNeXt29": "cifar-resnext",
    "CifarDenseNet100BC": "cifar-densenet",
}
_ON_IMAGENET = {"SqueezeNet1p1": "imagenet-squeezenet"}
# Data set: the recipe of a network, and of those that have none of their own.
PAPER = {
    "cifar10": (_ON_CIFAR, "cifar-uniform"),
    "cifar100": (_ON_CIFAR, "cifar-uniform"),
    "imagenet": (_ON_IMAGENET, "imagenet"),
    "voc": ({"FasterRCNN": "faster-rcnn-voc"}, "ssd-voc"),
    "coco": ({"FasterRCNN": "faster-rcnn-coco"}, "ssd-coco"),
}
_USUAL = {"voc": "paper", "coco": "paper", "shapes": "shapes"}


def names():
    """What `recipe` knows."""
    return ["paper", *RECIPES]


def usual(dataset):
    """The name of what `keras-bam fit` takes for that data set if no recipe is named."""
    return _USUAL.get(dataset, "quick")


def resolve(name, dataset=None, model=None):
    """The name of a row; for "paper" that of the network's original recipe on that data set.

    Args:
        name: of a row, or "paper".
        dataset: name of a data set; for "paper".
        model: name of a network of `keras_bam.applications`; for "paper".

    Raises:
        ValueError: if there is none.
    """
    if name != "paper":
        if name not in RECIPES:
            raise unknown("recipe", name, names())
        return name
    if dataset not in PAPER:
        raise ValueError(
            f"recipe 'paper' knows {', '.join(PAPER)}, and not the data set {dataset!r}; name one "
            f"of {', '.join(RECIPES)}"
        )
    of_networks, otherwise = PAPER[dataset]
    return of_networks.get(model, otherwise)


def recipe(name="quick", *, dataset=None, model=None, **changes):
    """A recipe by name, with fields of it changed: `recipe("cifar-resnet", epochs=20)`.

    Args:
        name, dataset, model: see `resolve`.
        **changes: fields of `Recipe`.

    Raises:
        ValueError: for an unknown name or field, or a wrong value.
    """
    check_names(changes)
    if changes.get("schedule", "step") != "step":
        changes = {"milestones": (), **changes}
    return dataclasses.replace(RECIPES[resolve(name, dataset, model)], **changes)
