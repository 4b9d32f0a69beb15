"""Images with objects in them: VOC, COCO and generated shapes, their batches and augmentation."""

from keras_bam.data.objects.bad_boxes import BoxChecks
from keras_bam.data.objects.coco import load_coco
from keras_bam.data.objects.colours import Colours, draw_colours
from keras_bam.data.objects.detection_augment import DetectionAugment
from keras_bam.data.objects.detection_batches import DetectionBatches
from keras_bam.data.objects.detection_dataset import DetectionDataset
from keras_bam.data.objects.detection_images import DetectionImages, unlabelled
from keras_bam.data.objects.image_objects import FoundObject, ImageObjects, collect
from keras_bam.data.objects.placing import Placing
from keras_bam.data.objects.shapes import load_shapes
from keras_bam.data.objects.voc import VOC_CLASSES, load_voc

__all__ = [
    "VOC_CLASSES",
    "BoxChecks",
    "Colours",
    "DetectionAugment",
    "DetectionBatches",
    "DetectionDataset",
    "DetectionImages",
    "FoundObject",
    "ImageObjects",
    "Placing",
    "collect",
    "draw_colours",
    "load_coco",
    "load_shapes",
    "load_voc",
    "unlabelled",
]
