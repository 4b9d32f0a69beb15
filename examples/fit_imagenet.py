"""ResNet-50 with BAM on ImageNet, by the paper's recipe, with the command line's pieces.

    KERAS_BACKEND=torch python examples/fit_imagenet.py FOLDER RUN

FOLDER holds train/CLASS/*.JPEG and val/CLASS/*.JPEG, or any other images in such folders; RUN is
the folder that the run leaves behind. The paper has 24.02 % top-1 error after 90 epochs (Table 4);
those take days on one GPU, and we have not run them. With `--short` the images are 32 pixels, the
network is small and the run three epochs: how it was tried on CIFAR-10's JPEG files.
"""

import os
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

from keras_bam import applications, data, training

SEED = 0
SMOKE = os.environ.get("KERAS_BAM_SMOKE")  # two steps on random images, for our tests

if SMOKE:
    from PIL import Image

    folder, run = (Path(tempfile.mkdtemp(), name) for name in ("images", "run"))
    pixels = np.random.default_rng(SEED).integers(0, 256, (16, 40, 48, 3), "uint8")
    for number, image in enumerate(pixels):
        path = folder / ("train" if number < 8 else "val") / f"class{number % 2}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
else:
    folder, run = sys.argv[1:3]

if SMOKE or "--short" in sys.argv:
    imagenet = data.load("imagenet", folder, image_size=32)
    network = "CifarResNetSmall"
    recipe = training.recipe("quick", epochs=1 if SMOKE else 3, batch_size=4 if SMOKE else 128)
else:
    imagenet = data.load("imagenet", folder)
    network = "ResNet50"
    recipe = training.recipe("paper", dataset="imagenet", model=network, seed=SEED)

keras.utils.set_random_seed(recipe.seed)
classes = len(imagenet.class_names)
model = applications.build(network, classes=classes, attention="bam")
summary = training.fit(model, imagenet, recipe, run, on_error="skip")
print(f"test top-1 {100 * summary['last']['accuracy']:.2f} %")
