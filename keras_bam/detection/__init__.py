"""Detection with default boxes, as in SSD (arXiv:1512.02325): what stands around the networks.

Conventions, throughout the package:

- Boxes are float32 corners (x1, y1, x2, y2), x to the right, y down. Those of data sets are in
  pixels of their image; what is matched, encoded, or comes out of a network is relative to the
  image, 0 to 1.
- Labels of data sets, and the classes of `Detections`, count the foreground classes from 0. In
  encoded targets and in a network's outputs 0 is the background, and class c stands at c + 1.
- NumPy stands on the data's side: default boxes, matching, encoding, average precision. Losses,
  suppression and `Detections` are keras.ops with static shapes, for `jax.jit` and XLA.
- Saved detectors need this package at once, and what reads data sets never: its modules import
  `keras_bam.data` where they use it.
"""

from keras_bam.detection.anchor_targets import AnchorTargets as AnchorTargets
from keras_bam.detection.anchor_targets import match_anchors as match_anchors
from keras_bam.detection.anchors import Anchors as Anchors
from keras_bam.detection.average_precision import Detected as Detected
from keras_bam.detection.average_precision import Objects as Objects
from keras_bam.detection.average_precision import voc_average_precision as voc_average_precision
from keras_bam.detection.boxes import areas as areas
from keras_bam.detection.boxes import centres_to_corners as centres_to_corners
from keras_bam.detection.boxes import clip as clip
from keras_bam.detection.boxes import corners_to_centres as corners_to_centres
from keras_bam.detection.boxes import overlaps as overlaps
from keras_bam.detection.coco_precision import coco_average_precision as coco_average_precision
from keras_bam.detection.default_boxes import DefaultBoxes as DefaultBoxes
from keras_bam.detection.detections import Detections as Detections
from keras_bam.detection.detections import with_detections as with_detections
from keras_bam.detection.drawing import draw_detections as draw_detections
from keras_bam.detection.encoding import VARIANCES as VARIANCES
from keras_bam.detection.encoding import decode as decode
from keras_bam.detection.encoding import encode as encode
from keras_bam.detection.matching import match as match
from keras_bam.detection.multibox_loss import LocalizationLoss as LocalizationLoss
from keras_bam.detection.multibox_loss import MultiboxLoss as MultiboxLoss
from keras_bam.detection.multibox_output import MultiboxOutput as MultiboxOutput
from keras_bam.detection.multibox_output import default_boxes_of as default_boxes_of
from keras_bam.detection.proposals import propose as propose
from keras_bam.detection.roi_align import roi_align as roi_align
from keras_bam.detection.sampling import sample as sample
from keras_bam.detection.sampling import sample_regions as sample_regions
from keras_bam.detection.suppression import non_max_suppression as non_max_suppression
from keras_bam.detection.task import DetectionTask as DetectionTask
from keras_bam.detection.task import MultiboxTask as MultiboxTask
from keras_bam.detection.task import task_of as task_of
from keras_bam.detection.two_stage_detector import TwoStageDetector as TwoStageDetector
from keras_bam.detection.two_stage_settings import TwoStageSettings as TwoStageSettings
from keras_bam.detection.two_stage_task import TwoStageTask as TwoStageTask

__all__ = [
    "DefaultBoxes",
    "Detected",
    "DetectionTask",
    "Detections",
    "LocalizationLoss",
    "MultiboxLoss",
    "MultiboxOutput",
    "MultiboxTask",
    "Objects",
    "VARIANCES",
    "areas",
    "centres_to_corners",
    "clip",
    "coco_average_precision",
    "corners_to_centres",
    "decode",
    "default_boxes_of",
    "draw_detections",
    "encode",
    "match",
    "non_max_suppression",
    "overlaps",
    "task_of",
    "voc_average_precision",
    "with_detections",
    "AnchorTargets",
    "match_anchors",
    "Anchors",
    "propose",
    "roi_align",
    "sample",
    "sample_regions",
    "TwoStageDetector",
    "TwoStageSettings",
    "TwoStageTask",
]
