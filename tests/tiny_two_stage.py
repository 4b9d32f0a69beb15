"""A two-stage detector that is built and compiled in a moment, and a batch for it."""

import keras
import numpy as np

from keras_bam import detection
from keras_bam.layers import BAM

CANVAS = 32, 48
SETTINGS = {
    "training_candidates": 40,
    "training_proposals": 12,
    "candidates": 30,
    "proposals": 8,
    "anchor_samples": 16,
    "samples": 10,
    "random_samples": False,
    "pool_size": 2,
    "max_detections": 6,
}


def detector(classes=2, data_format="channels_last", settings=SETTINGS, **arguments):
    first = data_format == "channels_first"
    shape = lambda *side: (side[2], *side[:2]) if first else side  # noqa: E731
    anchors = detection.Anchors(
        canvas=CANVAS, grid=(4, 6), stride=8, sizes=(8, 16), ratios=(0.5, 1)
    )
    keras.utils.set_random_seed(0)
    convolution = {"padding": "same", "data_format": data_format}
    image = keras.Input(shape(*CANVAS, 3))
    x = keras.layers.Conv2D(8, 8, 8, name="stem_conv", **convolution)(image)
    x = keras.layers.BatchNormalization(1 if first else -1, name="stem_bn")(x)
    x = keras.layers.ReLU(name="out")(x)
    x = BAM(reduction_ratio=2, data_format=data_format, name="out_bam")(x)
    trunk = keras.Model(image, x, name="trunk")
    features = keras.Input(shape(4, 6, 8))
    ends = [
        keras.layers.Conv2D(values * 4, 1, name=name, **convolution)(features)
        for name, values in (("logits", 2), ("offsets", 4))
    ]
    proposer = keras.Model(features, ends, name="proposer")
    pooled = keras.Input(shape(2, 2, 8))
    x = keras.layers.Conv2D(8, 1, activation="relu", name="head_conv", **convolution)(pooled)
    x = keras.layers.GlobalAveragePooling2D(data_format=data_format)(x)
    ends = [
        keras.layers.Dense(values * (1 + classes), name=f"head_{name}")(x)
        for name, values in (("logits", 1), ("offsets", 4))
    ]
    head = keras.Model(pooled, ends, name="head")
    parts = trunk, proposer, head, anchors, settings
    return detection.TwoStageDetector(*parts, data_format=data_format, **arguments)


def batch(model, images=2, seed=0):
    """Images, of which the second is smaller than its canvas, and their targets."""
    rng = np.random.default_rng(seed)
    sizes = np.array([CANVAS, (24, 30)] * images)[:images].astype("int32")
    pixels = rng.normal(size=(images, *CANVAS, 3)).astype("float32")
    encode = detection.AnchorTargets(model.anchors, max_boxes=3)
    boxes = np.array([(0.1, 0.2, 0.4, 0.7), (0.05, 0.05, 0.3, 0.6)], "float32")
    targets = [encode(boxes, np.array([1, 0]), size) for size in sizes.tolist()]
    stacked = {name: np.stack([one[name] for one in targets]) for name in targets[0]}
    if model.data_format == "channels_first":
        pixels = np.moveaxis(pixels, -1, 1)
    return {"images": pixels, "sizes": sizes}, stacked
