"""Does BAM help on CIFAR-10? Half-width ResNet-18 with and without, several seeds, one GPU.

    KERAS_BACKEND=jax python benchmarks/bam_against_plain.py --data FOLDER

All seeds of a network train at once (`jax.vmap` over their weights), with the images on the device
and an epoch in one compiled scan: about ten minutes on an H100. Beside BAM and none stand the
controls of the paper's Table 1: one branch alone, and one more block at each bottleneck. Networks
of one seed share the initial weights of all layers they share, the order of the images, crops,
flips and cutouts. Nothing is chosen by the test images: the number is that after the last epoch.

The recipe is `short`: one cycle to .4, batch 512, label smoothing .1, cutout 8, weight decay 5e-4
on kernels, 30 epochs. Writes every seed's accuracy, means, standard deviations and the paired
differences from the plain network with their 95 % intervals to
benchmarks/results/bam_against_plain.json. `--images 2000 --epochs 2 --seeds 2 --widen .125` tries
it on a CPU.
"""

import argparse
import dataclasses
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax
from scipy import stats

from keras_bam import applications, data
from keras_bam.files import write_text
from keras_bam.layers import BAM
from keras_bam.training import recipe
from keras_bam.training.schedules import schedule
from keras_bam.training.versions import versions

RESULT = Path(__file__).parent / "results/bam_against_plain.json"
_RATIO = 8  # of BAM, since the narrowest stage has 32 channels
NETWORKS = {
    "plain": None,
    "BAM": BAM(_RATIO),
    "channel branch": BAM(_RATIO, branches=("channel",)),
    "spatial branch": BAM(_RATIO, branches=("spatial",)),
    "extra block": "extra_block",
}


def initial(network, attention, seeds):
    """A model, and its variables for each seed along a new first axis.

    What a layer has in common with the plain network of that seed starts as there.
    """
    values = []
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        plain = network(classes=10)
        model = plain
        if attention is not None:
            model = network(classes=10, attention=attention)
            for layer in model.layers:
                if layer.name in {other.name for other in plain.layers}:
                    layer.set_weights(plain.get_layer(layer.name).get_weights())
        trained = [np.asarray(v) for v in model.trainable_variables]
        values.append((trained, [np.asarray(v) for v in model.non_trainable_variables]))
    return model, jax.tree.map(lambda *leaves: jnp.stack(leaves), *values)


def augmented(key, images, cutout):
    """Crops of the reflected border, flips, and a square of the mean colour."""
    count, side = images.shape[0], images.shape[1]
    padded = jnp.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)), "reflect")
    draws = jax.random.split(key, 4)
    corners = jax.random.randint(draws[0], (count, 2), 0, 9)

    def crop(image, corner):
        return lax.dynamic_slice(image, (corner[0], corner[1], 0), (side, side, 3))

    cropped = jax.vmap(crop)(padded, corners)
    flipped = jax.random.bernoulli(draws[1], 0.5, (count, 1, 1, 1))
    cropped = jnp.where(flipped, cropped[:, :, ::-1], cropped)
    centres = jax.random.randint(draws[2], (count, 2, 1), 0, side)
    inside = jnp.abs(jnp.arange(side) - centres + 0.5) < cutout / 2
    hidden = inside[:, 0, :, None] & inside[:, 1, None, :]
    return jnp.where(hidden[..., None], 0, cropped)


def epoch_of(model, row, rates, decays):
    """A function that trains all seeds for an epoch."""

    def loss(trained, others, images, labels):
        outputs, others = model.stateless_call(trained, others, images, training=True)
        soft = jax.nn.one_hot(labels, 10) * (1 - row.label_smoothing) + row.label_smoothing / 10
        return -(soft * jnp.log(outputs + 1e-7)).sum(axis=-1).mean(), others

    def step(state, batch, number):
        trained, others, velocity = state
        gradients, others = jax.grad(loss, has_aux=True)(trained, others, *batch)
        decayed = [
            g + row.weight_decay * w if decay else g
            for g, w, decay in zip(gradients, trained, decays, strict=True)
        ]
        velocity = [row.momentum * v + g for v, g in zip(velocity, decayed, strict=True)]
        ahead = [g + row.momentum * v for g, v in zip(decayed, velocity, strict=True)]
        moved = [w - rates[number] * a for w, a in zip(trained, ahead, strict=True)]
        return moved, others, velocity

    def one_seed(state, seed, epoch, images, labels):
        key = jax.random.fold_in(jax.random.key(seed), epoch)
        order = jax.random.permutation(key, len(labels))
        steps = len(labels) // row.batch_size

        def body(state, number):
            chosen = lax.dynamic_slice_in_dim(order, number * row.batch_size, row.batch_size)
            crops = augmented(jax.random.fold_in(key, number), images[chosen], row.cutout)
            return step(state, (crops, labels[chosen]), epoch * steps + number), None

        return lax.scan(body, state, jnp.arange(steps))[0]

    return jax.jit(jax.vmap(one_seed, in_axes=(0, 0, None, None, None)), donate_argnums=0)


def accuracies(model, state, images, labels):
    """Of each seed, on all test images."""

    @jax.jit
    @jax.vmap
    def right(trained, others):
        def of(batch):
            outputs, _ = model.stateless_call(trained, others, batch[0], training=False)
            return (outputs.argmax(axis=-1) == batch[1]).sum()

        parts = jax.tree.map(lambda x: x.reshape(-1, 500, *x.shape[1:]), (images, labels))
        return lax.map(of, parts).sum()

    return np.asarray(right(*state[:2])) / len(labels)


def train(network, attention, row, seeds, train_set, test_set):
    model, (trained, others) = initial(network, attention, seeds)
    steps = row.epochs * (len(train_set[1]) // row.batch_size)
    made = schedule(row, steps)
    rates = jnp.array([float(made(number)) for number in range(steps)])
    decays = [v.name == "kernel" for v in model.trainable_variables]
    run = epoch_of(model, row, rates, decays)
    state = (trained, others, jax.tree.map(jnp.zeros_like, trained))
    start = time.perf_counter()
    for epoch in range(row.epochs):
        state = run(state, jnp.arange(seeds), epoch, *train_set)
    found = accuracies(model, state, *test_set)
    return {
        "parameters": model.count_params(),
        "accuracies": [round(100 * float(value), 2) for value in found],
        "seconds": round(time.perf_counter() - start, 1),
    }


def compared(networks):
    """Adds means, deviations and what each gains over the plain network of the same seed."""
    plain = np.array(networks["plain"]["accuracies"])
    for found in networks.values():
        values = np.array(found["accuracies"])
        gains, count = values - plain, len(values)
        found |= {"mean": values.mean(), "gain": gains.mean()}
        if count > 1:
            reach = stats.t.ppf(0.975, count - 1) * gains.std(ddof=1) / count**0.5
            found["deviation"] = values.std(ddof=1)
            found["interval_of_gain"] = [gains.mean() - reach, gains.mean() + reach]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", help="folder that holds CIFAR-10; Keras downloads it without")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--widen", type=float, default=0.5, help="times ResNet-18's widths")
    parser.add_argument("--images", type=int, help="to train on; all by default")
    parser.add_argument("--precision", default="mixed_bfloat16")
    options = parser.parse_args()
    keras.config.set_dtype_policy(options.precision)
    row = recipe("short", epochs=options.epochs)
    cifar10 = data.load("cifar10", options.data)

    def on_device(part, count=None):
        images = data.normalize(part.images[:count], cifar10.mean, cifar10.std)
        return jnp.asarray(images), jnp.asarray(part.labels[:count])

    train_set, test_set = on_device(cifar10.train, options.images), on_device(cifar10.test)
    results = {
        "versions": versions(),
        "recipe": dataclasses.asdict(row),
        "options": {k: v for k, v in vars(options).items() if k != "data"},
        "networks": {},
    }
    network = dataclasses.replace(applications.CifarResNet18, widen=options.widen)
    for name, attention in NETWORKS.items():
        found = train(network, attention, row, options.seeds, train_set, test_set)
        results["networks"][name] = found
        print(name, found, flush=True)
    compared(results["networks"])
    write_text(RESULT, json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
