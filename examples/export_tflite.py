"""A trained run as an int8 TFLite file, run on a photograph.

    KERAS_BACKEND=jax python examples/export_tflite.py RUN PHOTOGRAPH [FOLDER]

RUN is the folder of `keras-bam fit cifar10 --data FOLDER --attention bam`, PHOTOGRAPH any picture
that Pillow opens; without FOLDER Keras downloads CIFAR-10, whose training images say which values
the numbers inside the network take. Took half a minute of processor time (PyTorch 2.13 on a CPU),
most of it to read CIFAR-10 and to start Keras on TensorFlow; the file has 0.75 MB.
"""

import os
import sys

import keras
import numpy as np
from PIL import Image

import keras_bam
from keras_bam import applications, data
from keras_bam.export import open_file
from keras_bam.training import RunFolder

SEED = 0
CALIBRATION_IMAGES = 200
SMOKE = os.environ.get("KERAS_BAM_SMOKE")  # an untrained network on random images, for our tests
generator = np.random.default_rng(SEED)

if SMOKE:
    images = generator.integers(0, 256, (32, 32, 32, 3), "uint8")
    part = data.LabelledImages(images, np.arange(32) % 10, tuple("0123456789"))
    cifar10 = data.Dataset("random", train=part, test=part)
    keras.utils.set_random_seed(SEED)
    model = applications.CifarResNetSmall(classes=10, attention="bam")
    photograph = Image.fromarray(generator.integers(0, 256, (48, 64, 3), "uint8"))
else:
    run, photograph, *folder = sys.argv[1:]
    cifar10 = data.load("cifar10", *folder)
    model = RunFolder.open(run).load_model("last")
    photograph = Image.open(photograph).convert("RGB")

normalised = {"mean": cifar10.mean, "std": cifar10.std}
chosen = generator.permutation(len(cifar10.train))[:CALIBRATION_IMAGES]
calibration = data.normalize(cifar10.train.images[chosen], **normalised)

exported = keras_bam.export_model(
    model, "model.tflite", precision="int8", calibration=calibration, dynamic_batch=False
)
print(exported)

# The largest square in the middle, at the size of the training images.
side = min(photograph.size)
left, top = ((size - side) // 2 for size in photograph.size)
square = photograph.crop((left, top, left + side, top + side))
height, width, _ = cifar10.input_shape
pixels = np.asarray(square.resize((width, height), Image.Resampling.BOX))
(probabilities,) = open_file(exported.path).predict(data.normalize(pixels[None], **normalised))

print("top-5")
for index in np.argsort(-probabilities[0])[:5]:
    print(f"{cifar10.class_names[index]:<12} {100 * probabilities[0, index]:5.1f} %")
