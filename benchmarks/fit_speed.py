"""How much slower a step of our `fit` is than the bare, jitted train step of the same model.

    python benchmarks/fit_speed.py [--backends jax torch] [--networks CifarResNet50] [--steps N]

Each backend runs in a process of its own: rounds of `fit`, with augmented batches made as it goes
and all callbacks of a run but those of an epoch's end, in turn with rounds of the model's own
`train_step`, compiled, on one batch that is already in memory. Written to
benchmarks/results/fit_speed.json: the median over the rounds of seconds a step, and their ratio.
ResNet50 reads JPEG files that the script writes. Takes half an hour on two CPU cores; on a GPU pass
a larger --batch.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RESULT = Path(__file__).parent / "results/fit_speed.json"
NETWORKS = {"CifarResNet50": 32, "ResNet50": 16}  # images a step
BACKENDS = ("jax", "tensorflow", "torch")
SEED = 0


def dataset(network, count):
    """Random images in memory for CIFAR, photographs' worth of JPEG files for ImageNet."""
    from PIL import Image

    from keras_bam.data import Dataset, LabelledImages, load

    draw = np.random.default_rng(SEED)
    names = tuple(map(str, range(10)))
    if network.startswith("Cifar"):
        images = draw.integers(0, 256, (count, 32, 32, 3), "uint8")
        part = LabelledImages(images, np.arange(count) % 10, names)
        return Dataset("random", part, part)
    folder = Path(tempfile.mkdtemp())
    for part, images in (("train", count), ("val", 10)):
        for number in range(images):
            path = folder / part / names[number % 10] / f"{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(draw.integers(0, 256, (12, 16, 3), "uint8"))
            coarse.resize((500, 375), Image.Resampling.BICUBIC).save(path, quality=90)
    return load("imagenet", folder)


def bare_step(model, batch):
    """A function that makes one step on `batch` and waits for it."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        step = jax.jit(model.train_step, donate_argnums=0)
        state = [model._get_jax_state(**dict.fromkeys(_STATE, True))]
        batch = jax.device_put(batch)

        def run():
            logs, state[0] = step(state[0], batch)
            jax.block_until_ready(logs)

    elif backend == "tensorflow":
        import tensorflow as tf

        step = tf.function(model.train_step, jit_compile=model.jit_compile, reduce_retracing=True)
        batch = tuple(map(tf.constant, batch))

        def run():
            float(step(batch)["loss"])

    else:
        batch = tuple(map(keras.ops.convert_to_tensor, batch))

        def run():
            float(model.train_step(batch)["loss"])

    return run


_STATE = (
    *("trainable_variables", "non_trainable_variables"),
    *("optimizer_variables", "metrics_variables"),
)


def measure(network, batch_size, steps, rounds):
    import keras

    from keras_bam import applications
    from keras_bam.training import recipe
    from keras_bam.training.callbacks import Measurements
    from keras_bam.training.classifier import compile_classifier
    from keras_bam.training.divergence import StopAtNaN
    from keras_bam.training.feeding import fit_batches
    from keras_bam.training.optimizers import optimizer
    from keras_bam.training.progress import Progress
    from keras_bam.training.resuming import ExactResume

    images = dataset(network, batch_size * steps)
    row = recipe("imagenet", batch_size=batch_size, learning_rate=1e-4)
    train, _, count = fit_batches(images, row)

    def built():
        keras.utils.set_random_seed(SEED)
        model = applications.build(network, classes=10, attention="bam", kernel_initializer="zeros")
        compile_classifier(model, optimizer(row, 1000))
        return model

    def once(model):
        callbacks = [StopAtNaN(), Measurements(count), Progress()]
        with tempfile.TemporaryDirectory() as folder:
            exact = ExactResume(folder, every_minutes=10)
            logs = exact.fit(model, train, epochs=1, verbose=2, callbacks=callbacks)
        return logs.history["seconds"][0] / steps

    fitted, other = built(), built()
    once(fitted)  # compiles
    x, y = train[0]
    train.epoch = 0  # drops what was made ahead
    other.train_on_batch(x, y)  # makes the optimizer's and the metrics' variables
    run = bare_step(other, (x, y))
    run()
    seconds = {"fit": [], "bare": []}
    for _ in range(rounds):
        seconds["fit"].append(once(fitted))
        start = time.perf_counter()
        for _ in range(steps):
            run()
        seconds["bare"].append((time.perf_counter() - start) / steps)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        "batch_size": batch_size,
        "steps_a_round": steps,
        "seconds_a_step": seconds,
        "medians": medians,
        "ratio": medians["fit"] / medians["bare"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backends", nargs="+", default=BACKENDS, choices=BACKENDS)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--steps", type=int, default=8, help="a round; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--batch", type=int, help="images a step; default: 32, of ResNet50 16")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        from keras_bam.training.versions import versions

        results = {"versions": versions(), "seed": SEED}
        for network in options.networks:
            size = options.batch or NETWORKS[network]
            results[network] = measure(network, size, options.steps, options.rounds)
        print(json.dumps(results))
        return
    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for backend in options.backends:
        done = subprocess.run(
            [sys.executable, __file__, "--child", *sys.argv[1:]],
            env={**os.environ, "KERAS_BACKEND": backend},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        results[backend] = json.loads(done.stdout.splitlines()[-1])
        RESULT.write_text(json.dumps(results, indent=2) + "\n")
        for network in options.networks:
            found = results[backend][network]
            print(f"{backend:<11} {network:<14} fit / bare {found['ratio']:.3f}", flush=True)


if __name__ == "__main__":
    main()
