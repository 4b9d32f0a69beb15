"""Batches of a data set, whether its images are in memory or in files."""

from keras_bam.data.batches import Batches
from keras_bam.data.file_batches import FileBatches
from keras_bam.data.image_files import ImageFiles
from keras_bam.data.objects import DetectionBatches, DetectionImages


def batches_of(
    dataset, images, batch_size: int, **options
) -> Batches | FileBatches | DetectionBatches:
    """Batches of `images`, normalised, sized and, with `augment`, flipped as `dataset` says.

    Args:
        dataset: a `Dataset`, `FolderDataset` or `DetectionDataset`.
        images: its `train` or `test`, or some of them.
        batch_size: images a batch.
        options: others of `Batches`, of `FileBatches` for `ImageFiles`, or of `DetectionBatches`
            for `DetectionImages`.
    """
    shared = {"mean": dataset.mean, "std": dataset.std, "flip": dataset.flip} | options
    if isinstance(images, DetectionImages):
        shared = {"size": dataset.image_size} | shared
        return DetectionBatches(images, batch_size, **shared)
    if isinstance(images, ImageFiles):
        return FileBatches(images, batch_size, size=dataset.input_shape[0], **shared)
    return Batches(images, batch_size, **shared)
