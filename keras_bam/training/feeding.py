"""What `fit` is fed: batches of a data set, as a recipe has them."""

import keras
import numpy as np

from keras_bam.data import Batches, FileBatches, ImageFiles, Prefetch, SoftLabels


def fit_batches(dataset, recipe, workers=None):
    """Batches to train on and those to measure each epoch on, both with one-hot or soft labels.

    Args:
        dataset: a `Dataset`, or a `FolderDataset`.
        recipe: a `Recipe`.
        workers: threads that decode files; None for one a processor.

    Raises:
        ValueError: for a recipe that does not fit the data set.
    """
    train, validation = dataset.train, dataset.test
    if recipe.validation_fraction:
        train, validation = _split(train, recipe)
    classes = len(dataset.class_names)
    of_train = _images(
        train,
        recipe.forward_batch_size,
        dataset,
        workers,
        seed=recipe.seed,
        shuffle=True,
        augment=recipe.augment,
        flip=dataset.flip,
        cutout=recipe.cutout,
        randaugment=recipe.randaugment or None,
        **({} if isinstance(train, ImageFiles) else {"padding_mode": recipe.padding_mode}),
    )
    soft = SoftLabels(
        of_train,
        classes,
        label_smoothing=recipe.label_smoothing,
        mixup=recipe.mixup,
        cutmix=recipe.cutmix,
        seed=recipe.seed,
    )
    return Prefetch(soft), plain_batches(validation, dataset, recipe.forward_batch_size, workers)


def plain_batches(images, dataset, batch_size, workers=None):
    """Batches of all `images` as they are, in their order, with one-hot labels."""
    of_images = _images(images, min(batch_size, len(images)), dataset, workers)
    return Prefetch(SoftLabels(of_images, len(dataset.class_names)))


def _images(images, batch_size, dataset, workers, **arguments):
    arguments |= {
        "mean": dataset.mean,
        "std": dataset.std,
        "data_format": keras.config.image_data_format(),
    }
    if isinstance(images, ImageFiles):
        size = dataset.input_shape[0]
        return FileBatches(images, batch_size, size=size, workers=workers, **arguments)
    return Batches(images, batch_size, **arguments)


def _split(images, recipe):
    order = np.random.default_rng(recipe.seed).permutation(len(images))
    held_out = round(recipe.validation_fraction * len(images))
    if not 0 < held_out < len(images):
        raise ValueError(
            f"validation_fraction={recipe.validation_fraction} of {len(images)} images leaves "
            "none to train on or none to validate on"
        )
    return tuple(images.take(np.sort(part)) for part in (order[held_out:], order[:held_out]))
