"""StairNet-300 with BAM on Pascal VOC, with the command line's pieces.

    KERAS_BACKEND=torch python examples/fit_voc.py FOLDER RUN

FOLDER holds VOCdevkit/VOC2007 (and VOC2012), or another folder in VOC's form; RUN is the folder
that the run leaves behind. Images are found again in it by `keras-bam predict RUN IMAGE --out
FOLDER`. The paper trains on 07+12 and tests on 07; that takes days on one GPU, and we have not run
it. With `--short` the network is small and the run as long as BCCD's blood cells
(github.com/Shenggan/BCCD_Dataset) need on two CPU cores; what came of it is in docs/detection.md.
"""

import os
import sys
import tempfile
from pathlib import Path

import keras

from keras_bam import applications, checkpoints, data, training

SEED = 0
SMOKE = os.environ.get("KERAS_BAM_SMOKE")  # two steps on generated shapes, for our tests

if SMOKE:
    run = Path(tempfile.mkdtemp(), "run")
    dataset = data.load("shapes", train=8, test=4, image_size=32)
    network, size = "StairNet96Small", 32
    recipe = training.recipe("shapes", epochs=1, batch_size=4)
else:
    folder, run = sys.argv[1:3]
    if "--short" in sys.argv:
        network, size = "StairNet96Small", 192
        recipe = training.recipe("shapes", epochs=60, seed=SEED)
    else:
        network, size = "StairNet300", 300
        recipe = training.recipe("paper", dataset="voc", model=network, seed=SEED)
    dataset = data.load("voc", folder, image_size=size)

keras.utils.set_random_seed(recipe.seed)
model = applications.build(
    network,
    classes=len(dataset.class_names),
    attention="bam",  # one right before every classifier
    input_shape=(size, size, 3),
)
if network == "StairNet300":
    vgg = keras.applications.VGG16()  # downloads its weights
    preprocessing = checkpoints.load_trunk(model, vgg)
    checkpoints.take_rgb(model)
    dataset = data.load("voc", folder, mean=preprocessing.mean, std=preprocessing.std)

summary = training.fit(model, dataset, recipe, run)
print(f"test mAP {100 * summary['last']['mAP']:.2f} % (VOC 2007, IoU .5)")
