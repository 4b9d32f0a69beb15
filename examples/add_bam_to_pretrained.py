"""BAM as an adapter: put into a trained network, and trained alone on images that look different.

    KERAS_BACKEND=jax python examples/add_bam_to_pretrained.py

A small ResNet learns handwritten digits; the same digits, faint and in noise, it can't read. With
BAM inserted (its layer scale at 0, so that nothing changes at first) and all else frozen, batch
norm statistics included, it learns to.
"""

import os

import keras
import numpy as np

import keras_bam
from keras_bam import applications, data
from keras_bam.layers import BAM

EPOCHS, ADAPTER_EPOCHS = 4, 10
BATCH_SIZE = 64
CONTRAST, NOISE = 0.4, 60.0  # of pixel values 0..255
SEED = 0

keras.utils.set_random_seed(SEED)
digits = data.load("digits")
train, test = digits.train, digits.test
if os.environ.get("KERAS_BAM_SMOKE"):  # two steps, for our tests
    train = data.LabelledImages(train.images[:64], train.labels[:64], train.class_names)
    EPOCHS, ADAPTER_EPOCHS, BATCH_SIZE = 1, 1, 32


def faint(images, seed):
    noise = np.random.default_rng(seed).normal(scale=NOISE, size=images.shape)
    return np.clip(CONTRAST * images + noise, 0, 255)


def normalised(images):
    return ((images / 255 - digits.mean) / digits.std).astype("float32")


def fit(model, images, epochs, learning_rate):
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate, epochs * -(-len(images) // BATCH_SIZE)
    )
    optimizer = keras.optimizers.Adam(schedule)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, train.labels, BATCH_SIZE, epochs, verbose=2)


def top1(model, images):
    return 100 * np.mean(model.predict(images, verbose=0).argmax(-1) == test.labels)


plain = applications.CifarResNetSmall(input_shape=(32, 32, 1), classes=10)
fit(plain, normalised(train.images), EPOCHS, 3e-3)
clear, noisy = normalised(test.images), normalised(faint(test.images, seed=SEED))
print(f"trained on digits:     test top-1 {top1(plain, clear):.2f} %")
print(f"faint, in noise:       test top-1 {top1(plain, noisy):.2f} %")

model = keras_bam.insert(plain, BAM(reduction_ratio=4, layer_scale_init_value=0))
print(f"BAM inserted:          test top-1 {top1(model, noisy):.2f} %")
keras_bam.freeze_except(model, BAM)
trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
share = 100 * trained / model.count_params()
fit(model, normalised(faint(train.images, seed=SEED + 1)), ADAPTER_EPOCHS, 1e-2)
print(f"only BAM trained:      test top-1 {top1(model, noisy):.2f} %, {share:.1f} % of the weights")
