"""What the callbacks of a run cost a step, and StopAtNaN an epoch. Needs a quiet machine.

    KERAS_BACKEND=jax python benchmarks/callback_cost.py

The network is small, so that the host has as much to do as the device: whoever makes training wait
for each step shows. `waiting` is such a callback: it does nothing, in the main thread. Prints the
median of the epochs after the first, microseconds a step, and milliseconds for ResNet-50's weights.
"""

import statistics
import time

import keras
import numpy as np

from keras_bam import applications
from keras_bam.training.callbacks import Measurements
from keras_bam.training.divergence import StopAtNaN
from keras_bam.training.progress import Progress

STEPS, BATCH, EPOCHS = 300, 32, 8


class Waiting(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        pass


class Images(keras.utils.PyDataset):
    """Made anew for each step, as augmentation does."""

    def __len__(self):
        return STEPS

    def __getitem__(self, index):
        random = np.random.default_rng(index)
        images = random.normal(size=(BATCH, 32, 32, 3)).astype("float32")
        return images, random.integers(0, 10, BATCH)


def seconds_an_epoch(callbacks):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), layers.Conv2D(8, 3, 2), layers.Flatten(), layers.Dense(10)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    times = [time.perf_counter()]
    after = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: times.append(time.perf_counter())
    )
    model.fit(Images(), epochs=EPOCHS, verbose=2, shuffle=False, callbacks=[*callbacks, after])
    return statistics.median(np.diff(times)[1:])


def milliseconds_for_weights():
    model = applications.build("ResNet50", attention="bam", kernel_initializer="zeros")
    stop = StopAtNaN()
    stop.set_model(model)
    stop.set_params({"steps": 1})
    stop.on_epoch_begin(0)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        stop.on_epoch_end(0, {})
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


print(keras.backend.backend())
for name, callbacks in (
    ("none", []),
    ("ours", [StopAtNaN(), Measurements(STEPS * BATCH), Progress()]),
    ("waiting", [Waiting()]),
):
    print(f"{name:8} {1e6 * seconds_an_epoch(callbacks) / STEPS:8.0f} microseconds a step")
print(f"weights of ResNet50 with BAM: {milliseconds_for_weights():.1f} ms an epoch")
