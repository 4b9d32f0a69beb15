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
from keras_bam.data.objects import (
    VOC_CLASSES,
    DetectionAugment,
    DetectionBatches,
    DetectionDataset,
    DetectionImages,
    ImageObjects,
    load_coco,
    load_shapes,
    load_voc,
    unlabelled,
)
from keras_bam.data.prefetching import Prefetch
from keras_bam.data.randaugment import RandAugment
from keras_bam.data.sharing import Share, SharedBatches
from keras_bam.data.validation_folder import load_validation

__all__ = [
    "VOC_CLASSES",
    "Batches",
    "Dataset",
    "DetectionAugment",
    "DetectionBatches",
    "DetectionDataset",
    "DetectionImages",
    "FileBatches",
    "FolderDataset",
    "ImageFiles",
    "ImageObjects",
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
    "load_coco",
    "load_digits",
    "load_imagenet",
    "load_shapes",
    "load_validation",
    "load_voc",
    "names",
    "normalize",
    "unlabelled",
]
