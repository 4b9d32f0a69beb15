"""A CIFAR ResNet with BAM at its bottlenecks, trained through `model.fit`.

    KERAS_BACKEND=jax python examples/fit_cifar.py [FOLDER]

FOLDER holds CIFAR-10 as its authors publish it; without one Keras downloads it. An epoch took about
two minutes on two CPU cores (TensorFlow 2.21). Two epochs of the same network and schedule reached
69 to 70 % test top-1 on three backends, see benchmarks/results/three_backends.json; what 200 epochs
of larger networks reach is in the paper's Table 2.
"""

import os
import sys

import keras
import numpy as np

from keras_bam import applications, complexity, data

EPOCHS = 10
BATCH_SIZE = 128
PEAK_LEARNING_RATE = 0.2
SEED = 0
SMOKE = os.environ.get("KERAS_BAM_SMOKE")  # two steps on random images, for our tests

keras.utils.set_random_seed(SEED)

if SMOKE:
    images = np.random.default_rng(SEED).integers(0, 256, (32, 32, 32, 3), "uint8")
    part = data.LabelledImages(images, np.arange(32) % 10, tuple("0123456789"))
    cifar10 = data.Dataset("random", train=part, test=part)
    EPOCHS, BATCH_SIZE = 1, 16
else:
    cifar10 = data.load("cifar10", *sys.argv[1:])

normalised = {"mean": cifar10.mean, "std": cifar10.std}
train = data.Batches(cifar10.train, BATCH_SIZE, **normalised, seed=SEED, shuffle=True, augment=True)
test = data.Batches(cifar10.test, BATCH_SIZE, **normalised)

model = applications.CifarResNetSmall(classes=10, attention="bam")
print(complexity(model))

steps = EPOCHS * len(train)
schedule = keras.optimizers.schedules.CosineDecay(
    0.0,
    decay_steps=steps - steps // 5,
    warmup_target=PEAK_LEARNING_RATE,
    warmup_steps=steps // 5,
)
optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=5e-3)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])


class EpochOfBatches(keras.callbacks.Callback):
    """Order and crops depend on seed and epoch alone; this tells the batches the epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        train.epoch = epoch


model.fit(train, validation_data=test, epochs=EPOCHS, shuffle=False, callbacks=[EpochOfBatches()])
loss, accuracy = model.evaluate(test, verbose=0)
print(f"test top-1 {100 * accuracy:.2f} %")
if not SMOKE:
    model.save("cifar10_bam.keras")
