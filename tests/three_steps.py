"""Three steps of SGD of a small network with a BAM, the same on every backend.

    python tests/three_steps.py

takes the steps on each of the three backends and writes their mean to tests/facts/three_steps.json,
with how far apart they are. About 20 s on two cores.
"""

import datetime
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

FACTS = Path(__file__).parent / "facts" / "three_steps.json"
BACKENDS = ("jax", "tensorflow", "torch")
SEED = 0


def network():
    """Its weights are drawn elsewhere: "zeros" is quick, random initializers are not on JAX."""
    import keras

    from keras_bam.layers import BAM

    zeros = {"kernel_initializer": "zeros"}
    layers = [
        keras.Input((8, 10, 3)),
        keras.layers.Conv2D(8, 3, use_bias=False, name="convolution", **zeros),
        keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="norm"),
        keras.layers.ReLU(name="relu"),
        BAM(reduction_ratio=2, dilation_rate=2, layer_scale_init_value=1, name="bam", **zeros),
        keras.layers.MaxPooling2D(name="pool"),
        BAM(reduction_ratio=2, form="official", name="official", **zeros),
        keras.layers.GlobalAveragePooling2D(name="mean"),
        keras.layers.Dense(4, name="logits", **zeros),
    ]
    return keras.Sequential(layers, name="network")


def trajectory():
    """The loss before each step, and every weight after the third, on the backend that runs."""
    import draws
    import keras

    model = network()
    for number, layer in enumerate(model.layers):
        draws.weights(layer, seed=SEED + number)
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    losses = []
    for step in range(3):
        images = draws.features(16, 8, 10, 3, seed=SEED + 100 + step)
        labels = np.random.default_rng(SEED + 200 + step).integers(0, 4, 16)
        model.reset_metrics()
        losses.append(float(model.train_on_batch(images, labels)))
    weights = {w.path: draws.array(w).astype(float).ravel().tolist() for w in model.weights}
    return {"loss": losses, **weights}


def on(backend):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, __file__, "print"]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    taken = [on(backend) for backend in BACKENDS]
    values = {name: np.array([one[name] for one in taken]) for name in taken[0]}
    packages = ("keras", "numpy", *BACKENDS)
    facts = {
        "written_by": "python tests/three_steps.py",
        "date": datetime.date.today().isoformat(),
        "versions": {name: importlib.metadata.version(name) for name in packages},
        "seed": SEED,
        "mean_of": BACKENDS,
        "largest_difference_of_two": max(float(np.ptp(v, axis=0).max()) for v in values.values()),
        "values": {name: np.round(v.mean(0), 7).tolist() for name, v in values.items()},
    }
    # One line a weight.
    lines = json.dumps(facts, indent=1).replace(",\n   ", ", ").replace("[\n   ", "[")
    FACTS.write_text(lines.replace("\n  ]", "]") + "\n")


if __name__ == "__main__":
    print(json.dumps(trajectory())) if sys.argv[1:] == ["print"] else main()
