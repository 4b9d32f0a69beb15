"""What `jit_compile=True` gains over eager mode on PyTorch, for a network with BAM.

    KERAS_BACKEND=torch python benchmarks/compiled_pytorch.py [--model NAME] [--recompile-limit N]

Steps of training and prediction, by `train_on_batch` and `predict_on_batch`, on batches of two
sizes, both ways in turn in one process. With --recompile-limit no function of Keras's stays in
eager mode: it ends with an error where one would. Without it the compiler's own limit holds, and
some do. Medians and extremes in milliseconds, ratios, and the seconds of compilation go to
benchmarks/results/compiled_pytorch.json, by the limit. Needs a machine that does nothing else; some
minutes on two CPU cores.
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
WARM = 3  # times through them before it counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="CifarResNetSmall")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--recompile-limit", type=int)
    options = parser.parse_args()
    torch._inductor.config.layout_optimization = False
    if options.recompile_limit:
        torch._dynamo.config.recompile_limit = options.recompile_limit
        torch._dynamo.config.accumulated_recompile_limit = 4 * options.recompile_limit
        torch._dynamo.config.fail_on_recompile_limit_hit = True
    result = {"model": options.model, "attention": "bam", "batch_sizes": SIZES, "seed": 0}
    result |= {"rounds": options.rounds, "versions": versions()}
    for what in ("step", "inference"):
        runs = {name: runner(options.model, name, what) for name in ("eager", "compiled")}
        start = time.perf_counter()
        for run in runs.values():
            for _ in range(WARM):
                run()
        seconds = time.perf_counter() - start
        times = {name: [] for name in runs}
        for _ in range(options.rounds):
            for name, run in runs.items():
                start = time.perf_counter()
                run()
                times[name].append(1000 * (time.perf_counter() - start) / len(SIZES))
        found = {name: extremes(values) for name, values in times.items()}
        result[what] = {
            "milliseconds": found,
            "compiled_to_eager": round(found["compiled"]["median"] / found["eager"]["median"], 3),
            "seconds_to_compile_and_warm_up": round(seconds),
        }
        print(what, result[what], flush=True)
    result["functions_compiled"] = torch._dynamo.utils.counters["frames"]["ok"]
    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    results[str(options.recompile_limit or "default")] = result
    write_text(RESULT, json.dumps(results, indent=2) + "\n")


def runner(name, how, what):
    """All the batches once."""
    keras.utils.set_random_seed(0)
    network = applications.build(name, attention="bam", classes=10)
    loss = keras.losses.SparseCategoricalCrossentropy()
    network.compile(keras.optimizers.SGD(1e-3, 0.9), loss, jit_compile=how == "compiled")
    rng = np.random.default_rng(0)
    shape, classes = network.input_shape[1:], network.output_shape[-1]
    batches = [
        (
            torch.from_numpy(rng.normal(size=(size, *shape)).astype("float32")),
            torch.from_numpy(rng.integers(0, classes, size)),
        )
        for size in SIZES
    ]

    def run():
        for images, labels in batches:
            if what == "step":
                network.train_on_batch(images, labels)
            else:
                network.predict_on_batch(images)

    return run


def extremes(values):
    found = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 2) for name, value in found.items()}


if __name__ == "__main__":
    main()
