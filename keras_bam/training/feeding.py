"""What `fit` is fed: batches of a data set, as a recipe has them."""

import keras
import numpy as np

from keras_bam.data import ImageFiles, Prefetch, RandAugment, SoftLabels, batches_of


def fit_batches(dataset, recipe, **reading):
    """Batches to train on and those to measure each epoch on, both with soft labels.

    Args:
        dataset: a `Dataset`, or a `FolderDataset`.
        recipe: a `Recipe`.
        reading: `threads` and `on_error` of `FileBatches`, for a `FolderDataset`.

    Returns:
        The two, and how many images there are to train on.

    Raises:
        ValueError: for a recipe that does not fit the data set.
    """
    train, validation = dataset.train, dataset.test
    if recipe.validation_fraction:
        train, validation = split(train, recipe)
    augmentation = {
        "augment": recipe.augment,
        "randaugment": RandAugment(magnitude=recipe.randaugment) if recipe.randaugment else None,
        "cutout": recipe.cutout,
    }
    if not isinstance(train, ImageFiles):
        augmentation["padding_mode"] = recipe.padding_mode
    images = _batches(
        train,
        recipe.forward_batch_size,
        dataset,
        seed=recipe.seed,
        shuffle=True,
        **augmentation,
        **reading,
    )
    soft = SoftLabels(
        images,
        len(dataset.class_names),
        label_smoothing=recipe.label_smoothing,
        mixup=recipe.mixup,
        cutmix=recipe.cutmix,
        seed=recipe.seed,
    )
    measured = plain_batches(validation, dataset, recipe.forward_batch_size, **reading)
    return Prefetch(soft), measured, len(train)


def plain_batches(images, dataset, batch_size, **reading):
    """Batches of all `images` as they are, in their order, with one-hot labels."""
    batches = _batches(images, min(batch_size, len(images)), dataset, **reading)
    return Prefetch(SoftLabels(batches, len(dataset.class_names)))


def _batches(images, batch_size, dataset, threads=None, on_error="raise", **options):
    options["data_format"] = keras.config.image_data_format()
    if isinstance(images, ImageFiles):
        options |= {"threads": threads, "on_error": on_error}
    return batches_of(dataset, images, batch_size, **options)


def split(images, recipe):
    """Those to train on, and those that `validation_fraction` holds out."""
    order = np.random.default_rng(recipe.seed).permutation(len(images))
    held_out = round(recipe.validation_fraction * len(images))
    if not 0 < held_out < len(images):
        raise ValueError(
            f"validation_fraction={recipe.validation_fraction} of {len(images)} images leaves "
            "none to train on or none to validate on"
        )
    return tuple(images.take(np.sort(part)) for part in (order[held_out:], order[:held_out]))
