"""`evaluate` of published weights: argument names and calls into the package."""

import dataclasses
from pathlib import Path

import keras

from keras_bam import checkpoints, data, export_command, training
from keras_bam.checkpoints.reading import is_checkpoint as is_checkpoint


def evaluate(options):
    """Loss and accuracies of a checkpoint, on images preprocessed as its weights need it."""
    if options.data is None:
        raise ValueError(
            f"{options.run} names no data set: pass --data FOLDER of ImageNet's validation images, "
            f"or --data {export_command.DATA_SET}"
        )
    checkpoint = checkpoints.read(options.run)
    preprocessing = checkpoint.preprocessing
    dataset = load_data(options.data, checkpoint)
    height, width, channels = dataset.input_shape
    channels_last = keras.config.image_data_format() == "channels_last"
    model = checkpoint.build(
        input_shape=(height, width, channels) if channels_last else (channels, height, width)
    )
    if preprocessing is not None:
        model = preprocessing.in_front_of(model)
    return training.evaluate(model, dataset)


def load_data(text, checkpoint):
    """The data set that `--data` spells, or the folder it names, normalised for the checkpoint.

    Raises:
        ValueError: for images in memory, where the weights need those of ImageNet.
    """
    preprocessing = checkpoint.preprocessing
    statistics = {}
    if preprocessing is not None:
        statistics = {"mean": preprocessing.mean, "std": preprocessing.std}
    if Path(text).is_dir() or text.partition(":")[0] not in data.names():
        return data.load_validation(text, **statistics)
    dataset = export_command.load_data(text)
    if preprocessing is None:
        return dataset
    if not isinstance(dataset, data.FolderDataset):
        raise ValueError(
            f"--data {text}: the weights of {checkpoint.network} are for photographs of ImageNet, "
            "preprocessed in their own way: pass a folder of its validation images"
        )
    return dataclasses.replace(dataset, **statistics)
