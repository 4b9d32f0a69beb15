"""How long a step of a small detector takes on each backend.

    python benchmarks/detector_steps.py [--backends jax torch] [--steps N] [--rounds N]

Each backend trains SSD96Small, plain and with BAM, on one batch of generated shapes that is already
in memory: the compiled train step of `fit`, the loss and its metric included. The backends take
turns, a round each, in processes of their own that stay, so that what else the machine does hits
them alike. Writes the medians of seconds a step to benchmarks/results/detector_steps.json. Takes
two minutes on two CPU cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RESULT = Path(__file__).parent / "results/detector_steps.json"
BACKENDS = ("jax", "tensorflow", "torch")
NETWORKS = {"plain": None, "bam": "bam"}
BATCH, SEED = 16, 0


def child(steps):
    """Answers each line on stdin with the seconds a step of a round of each network."""
    import keras

    from keras_bam import applications, data
    from keras_bam.detection import task_of
    from keras_bam.training import detector, recipe
    from keras_bam.training.optimizers import optimizer
    from keras_bam.training.versions import versions

    row = recipe("shapes", batch_size=BATCH, seed=SEED)
    shapes = data.load("shapes", train=BATCH, test=1)
    runs = {}
    for name, attention in NETWORKS.items():
        keras.utils.set_random_seed(SEED)
        model = applications.SSD96Small(classes=3, attention=attention)
        task = task_of(model)
        batches, _, _ = detector.fit_batches(task, shapes, row)
        task.compile(optimizer(row, 1000))
        batch = batches[0]

        def run(model=model, batch=batch):
            model.train_on_batch(*batch)

        run()
        run()
        runs[name] = run
    print(json.dumps(versions()), flush=True)
    for _ in sys.stdin:
        seconds = {}
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(steps):
                run()
            seconds[name] = (time.perf_counter() - start) / steps
        print(json.dumps(seconds), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backends", nargs="+", default=BACKENDS, choices=BACKENDS)
    parser.add_argument("--steps", type=int, default=8, help="a round; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.steps)
        return
    processes = {}
    for backend in options.backends:
        processes[backend] = subprocess.Popen(
            [sys.executable, __file__, "--child", "--steps", str(options.steps)],
            env={**os.environ, "KERAS_BACKEND": backend},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    results = {"batch_size": BATCH, "steps_a_round": options.steps, "seed": SEED, "backends": {}}
    for backend, process in processes.items():
        facts = json.loads(process.stdout.readline())
        results["backends"][backend] = {"versions": facts, **{name: [] for name in NETWORKS}}
    for _ in range(options.rounds):
        for backend, process in processes.items():
            process.stdin.write("\n")
            process.stdin.flush()
            for name, seconds in json.loads(process.stdout.readline()).items():
                results["backends"][backend][name].append(seconds)
    for process in processes.values():
        process.communicate()
    for name in NETWORKS:
        medians = {
            backend: statistics.median(found[name])
            for backend, found in results["backends"].items()
        }
        fastest = min(medians.values())
        results[name] = medians
        for backend, seconds in medians.items():
            print(f"{name:<6} {backend:<11} {1000 * seconds:6.1f} ms  {seconds / fastest:.2f}")
    RESULT.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
