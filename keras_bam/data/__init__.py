"""Data sets and their batches: deterministic by (seed, epoch, index), NumPy only."""

from keras_bam.data.augmentation import (
    crop_and_flip,
    cut_out,
    draw_crops_and_flips,
    draw_cutouts,
)
from keras_bam.data.batches import Batches
from keras_bam.data.batching import batches_of
from keras_bam.data.cifar import load_cifar10, load_cifar100
from keras_bam.data.dataset import Dataset, LabelledImages
from keras_bam.data.digits import load_digits
from keras_bam.data.file_batches import FileBatches
from keras_bam.data.image_files import ImageFiles
from keras_bam.data.imagenet import FolderDataset, load_imagenet
from keras_bam.data.loading import load, names
from keras_bam.data.mixing import SoftLabels
from keras_bam.data.normalization import normalize
from keras_bam.data.prefetching import Prefetch
from keras_bam.data.randaugment import RandAugment
from keras_bam.data.sharing import Share, SharedBatches
from keras_bam.data.validation_folder import load_validation

__all__ = [
    "Batches",
    "Dataset",
    "FileBatches",
    "FolderDataset",
    "ImageFiles",
    "LabelledImages",
    "Prefetch",
    "RandAugment",
    "Share",
    "SharedBatches",
    "SoftLabels",
    "batches_of",
    "crop_and_flip",
    "cut_out",
    "draw_crops_and_flips",
    "draw_cutouts",
    "load",
    "load_cifar10",
    "load_cifar100",
    "load_digits",
    "load_imagenet",
    "load_validation",
    "names",
    "normalize",
]
