"""The data set and the network of a run, from the keys of its `config.toml`."""

import dataclasses
from pathlib import Path

import keras

from keras_bam import applications, checkpoints, data, spelled_network, spelling

IMAGE_SIZE_HELP = "of images in files, 224 by default; a detector's, by default the network's"
_DETECTION = {"shapes": "SSD96Small", "voc": "SSD300", "coco": "SSD300"}
_PRETRAINED = {
    "vgg16": keras.applications.VGG16,
    "keras_mobilenet": keras.applications.MobileNet,
    "resnet50": keras.applications.ResNet50,
    "resnet101": keras.applications.ResNet101,
}


def usual_model(dataset):
    """The network that `fit` takes for the data set of that name."""
    return _DETECTION.get(dataset, "CifarResNetSmall")


def load_data(config):
    """The data set that a run's `config.toml` names.

    Raises:
        ValueError: for splits of a data set that has none, and as the loader.
    """
    options = {name: config[name] for name in ("image_size", "train", "test") if name in config}
    splits = sorted({"train", "test"} & options.keys())
    if splits and config["dataset"] not in ("voc", "coco"):
        raise ValueError(f"--{splits[0]} is a split of voc or coco, not of {config['dataset']}")
    return data.load(config["dataset"], config.get("data"), **options)


def build(config, dataset):
    """The network of a run, and the data set normalised as its weights need it.

    Raises:
        ValueError: for a classifier on a data set of objects, a detector on one without, a
            `trunk` for a classifier, and as the builder and `checkpoints.load_trunk`.
    """
    name, arguments = spelling.parse(config["model"])
    finds_objects = isinstance(dataset, data.DetectionDataset)
    _check_kind(name, finds_objects, dataset)
    settings = {
        "attention": config.get("attention"),
        "after": spelled_network.places(config.get("after")),
        "weights": config.get("weights"),
        "classes": len(dataset.class_names),
    }
    if not finds_objects:
        if "trunk" in config:
            raise ValueError(f"--trunk is for detectors, and {name} is none: use --weights")
        settings["classifier_activation"] = "softmax"
    if not finds_objects or "image_size" in config:
        height, width, channels = dataset.input_shape
        channels_last = keras.config.image_data_format() == "channels_last"
        shape = (height, width, channels) if channels_last else (channels, height, width)
        settings["input_shape"] = shape
    model = spelled_network.build(config["model"], settings)
    if "trunk" in config:
        dataset = _with_trunk(model, config["trunk"], _backbone(name, arguments), dataset)
    return model, dataset


def _check_kind(name, finds_objects, dataset):
    if name in applications.names() and (name in applications.detectors()) != finds_objects:
        labelled = "objects, so the model must be a detector" if finds_objects else "no objects"
        raise ValueError(
            f"{name} does not fit {dataset.name}, whose images are labelled with {labelled}; "
            f"detectors are {', '.join(applications.detectors())}"
        )


def _backbone(name, arguments):
    row = getattr(applications, name)
    return arguments.get("backbone", row.backbone)


def _with_trunk(model, trunk, backbone, dataset):
    """Loads the trunk's weights; returns the data set as they need it."""
    if trunk == "imagenet":
        if backbone not in _PRETRAINED:
            raise ValueError(
                f"--trunk imagenet has weights for the backbones {', '.join(_PRETRAINED)}, and not "
                f"for {backbone!r}"
            )
        source = _PRETRAINED[backbone](weights="imagenet")
    elif Path(trunk).suffix == ".keras":
        source = keras.saving.load_model(trunk, compile=False)
    else:
        source = trunk
    preprocessing = checkpoints.load_trunk(model, source)
    if preprocessing is None:
        return dataset
    if preprocessing.reverse_channels:
        checkpoints.take_rgb(model)
    return dataclasses.replace(dataset, mean=preprocessing.mean, std=preprocessing.std)
