"""Data sets and their batches: deterministic by (seed, epoch, index), NumPy only."""

from keras_bam.data.augmentation import crop_and_flip, draw_crops_and_flips
from keras_bam.data.batches import Batches
from keras_bam.data.cifar import load_cifar10, load_cifar100
from keras_bam.data.dataset import Dataset, LabelledImages
from keras_bam.data.digits import load_digits
from keras_bam.data.loading import load, names
from keras_bam.data.normalization import normalize

__all__ = [
    "Batches",
    "Dataset",
    "LabelledImages",
    "crop_and_flip",
    "draw_crops_and_flips",
    "load",
    "load_cifar10",
    "load_cifar100",
    "load_digits",
    "names",
    "normalize",
]
