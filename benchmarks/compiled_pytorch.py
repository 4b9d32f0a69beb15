"""What `jit_compile=True` gains over eager mode on PyTorch, for a network with BAM.

    KERAS_BACKEND=torch python benchmarks/compiled_pytorch.py [--model NAME] [--rounds N]

Steps of training and prediction by `train_on_batch` and `predict_on_batch`, with the last, smaller
batch of an epoch among them; all ways in one process and in turn. With the compiler's
`layout_optimization`, its default, it copies the maps of channels-last networks. Written to
benchmarks/results/compiled_pytorch.json: medians and spread in milliseconds, ratios, and how many
functions the compiler took and graph breaks there were. It stops where the compiler's limit on
recompilation is met, behind which it would go on in eager mode. Needs a machine that does nothing
else; five minutes on two CPU cores.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import keras
import numpy as np
import torch

from keras_bam import applications
from keras_bam.files import write_text
from keras_bam.training.versions import versions

RESULT = Path(__file__).parent / "results/compiled_pytorch.json"
SIZES = (64, 64, 40)  # of batches, in turn


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="CifarResNetSmall")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    torch._dynamo.config.fail_on_recompile_limit_hit = True
    rng = np.random.default_rng(0)
    batches = [
        (
            torch.from_numpy(rng.normal(size=(n, 32, 32, 3)).astype("float32")),
            torch.from_numpy(rng.integers(0, 10, n)),
        )
        for n in SIZES
    ]
    models = {
        "eager": model(options.model, False),
        "compiled": model(options.model, True),
        "compiled, layout_optimization=False": model(options.model, True),
    }
    result = {"versions": versions(), "model": options.model, "attention": "bam", "seed": 0}
    result |= {"batch_sizes": SIZES, "rounds": options.rounds}
    for what in ("step", "inference"):
        torch._dynamo.utils.counters.clear()
        runs = {name: runner(network, what, batches) for name, network in models.items()}
        for name, run in runs.items():
            with torch._inductor.config.patch(layout_optimization="layout" not in name):
                for _ in range(3):
                    run()
        times = {name: [] for name in runs}
        for _ in range(options.rounds):
            for name, run in runs.items():
                start = time.perf_counter()
                run()
                times[name].append(1000 * (time.perf_counter() - start) / len(batches))
        medians = {name: statistics.median(found) for name, found in times.items()}
        counters = torch._dynamo.utils.counters
        result[what] = {
            "milliseconds": {
                name: {
                    "median": round(medians[name], 2),
                    "min": round(min(found), 2),
                    "max": round(max(found), 2),
                }
                for name, found in times.items()
            },
            "to_eager": {
                name: round(median / medians["eager"], 3) for name, median in medians.items()
            },
            "frames": dict(counters["frames"]),
            "graph_breaks": sum(counters["graph_break"].values()),
        }
        print(what, json.dumps(result[what]), flush=True)
    write_text(RESULT, json.dumps(result, indent=1) + "\n")


def model(name, jit_compile):
    keras.utils.set_random_seed(0)
    network = applications.build(name, attention="bam", classes=10)
    loss = keras.losses.SparseCategoricalCrossentropy()
    network.compile(keras.optimizers.SGD(1e-3, 0.9), loss, jit_compile=jit_compile)
    return network


def runner(network, what, batches):
    def run():
        for images, labels in batches:
            if what == "step":
                network.train_on_batch(images, labels)
            else:
                network.predict_on_batch(images)

    return run


if __name__ == "__main__":
    main()
