"""One training step of KerasCV's RetinaNet on a ResNet50 that BAM was inserted into.

    KERAS_BACKEND=tensorflow python benchmarks/retinanet.py

prints what came of it; `benchmarks/zoo.py` runs and records it. KerasCV's detectors train on
TensorFlow only.
"""

import json
import sys
from pathlib import Path

import keras
import keras_cv
import numpy as np

import keras_bam
from keras_bam.layers import BAM
from keras_bam.training.versions import versions

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from ecosystem import NETWORKS  # noqa: E402

SEED = 0
BACKBONE = "KerasCV ResNet50"
SIZE = 256

keras.utils.set_random_seed(SEED)
plain = next(network for network in NETWORKS if network.name == BACKBONE).build()
# Without a layer scale: at a scale of 0 the first step changes the scales alone.
backbone = keras_bam.insert(plain, BAM)
modules = [layer for layer in backbone.layers if isinstance(layer, BAM)]

detector = keras_cv.models.RetinaNet(backbone=backbone, num_classes=3, bounding_box_format="xywh")
inside = [layer.name for layer in detector.feature_extractor.layers if isinstance(layer, BAM)]
detector.compile(
    box_loss="smoothl1",
    classification_loss="focal",
    optimizer=keras.optimizers.SGD(0.01),
)
draw = np.random.default_rng(SEED)
images = draw.uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")
boxes = {
    "boxes": np.array([[[32, 40, 96, 80]], [[100, 60, 120, 128]]], "float32"),
    "classes": np.array([[0], [2]], "float32"),
}
weights = [weight for layer in modules for weight in layer.trainable_weights]
before = [keras.ops.convert_to_numpy(weight).copy() for weight in weights]
history = detector.fit(images, boxes, batch_size=len(images), verbose=0)  # one step
changed = [
    weight.path
    for weight, old in zip(weights, before, strict=True)
    if not np.array_equal(keras.ops.convert_to_numpy(weight), old)
]
print(
    json.dumps(
        {
            "versions": versions(),
            "keras-cv": keras_cv.__version__,
            "seed": SEED,
            "backbone": BACKBONE,
            "places": keras_bam.bottlenecks(plain),
            "pyramid_level_inputs": {
                "plain": plain.pyramid_level_inputs,
                "inserted": backbone.pyramid_level_inputs,
            },
            "modules_in_feature_extractor": inside,
            "loss": {name: values[0] for name, values in history.history.items()},
            "trainable_weights_of_modules": len(weights),
            "changed_by_the_step": len(changed),
            "unchanged": [weight.path for weight in weights if weight.path not in changed],
        }
    )
)
