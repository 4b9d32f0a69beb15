"""Images a second of `fit` on one device and on two, on as many CPU cores.

    python benchmarks/scaling.py [--backends jax torch] [--model CifarResNetSmall] [--rounds N]

Each backend trains a network with BAM on random images three ways, in turn: one device on one
core, one device on two cores, and two devices on two cores (JAX: two virtual devices of a process;
TensorFlow: two logical devices of a process; PyTorch: two processes of one thread, under torchrun
with gloo). The batch is the same in all. On so few cores two devices can't be faster than one that
has both: the ratio of the second to the third is the overhead of sharing. JAX has a fourth way, two
processes of one core each. Written to benchmarks/results/scaling.json: the medians over the rounds.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

RESULT = Path(__file__).parent / "results/scaling.json"
BACKENDS = ("jax", "tensorflow", "torch")
SEED = 0


def train(options):
    """Images a second of a second epoch; the first one compiles."""
    import keras
    import numpy as np

    from keras_bam import applications, training
    from keras_bam.data import Dataset, LabelledImages
    from keras_bam.training import classifier, feeding, optimizers
    from keras_bam.training.versions import versions

    several = {}
    if options.coordinator:
        several = {
            "coordinator": options.coordinator,
            "processes": options.count,
            "process": options.process,
        }
    devices = training.open_devices(options.devices, **several)
    recipe = training.recipe("quick", batch_size=options.batch_size, learning_rate=1e-4)
    count = options.batch_size * options.steps
    images = np.random.default_rng(SEED).integers(0, 256, (count, 32, 32, 3), "uint8")
    part = LabelledImages(images, np.arange(count) % 10, tuple("0123456789"))
    batches, _, _ = feeding.fit_batches(Dataset("random", part, part), recipe)
    keras.utils.set_random_seed(SEED)
    with devices.scope():
        model = applications.build(options.model, classes=10, attention="bam")
        classifier.compile_classifier(model, optimizers.optimizer(recipe, 1000))
    batches = devices.divide(batches)
    times = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: times.append(time.perf_counter()),
        on_epoch_end=lambda epoch, logs: times.append(time.perf_counter()),
    )
    with devices.training(model, batches):
        model.fit(batches, epochs=2, shuffle=False, verbose=0, callbacks=[clock])
    if devices.is_first:
        found = {"images_a_second": count / (times[3] - times[2]), **devices.facts()}
        Path(options.out).write_text(json.dumps(found | {"versions": versions()}))
    devices.on_first(lambda: None)


def ways(backend, options):
    """Name -> the commands that run at once, each with the cores it may take."""
    child = [__file__, "--child", "--out", options.out, "--model", options.model]
    child += ["--steps", str(options.steps), "--batch-size", str(options.batch_size)]
    one = [*child, "--devices", "1"]
    two = [*child, "--devices", "cpu:2"]
    found = {
        "1 device, 1 core": [(one, {0})],
        "1 device, 2 cores": [(one, {0, 1})],
        "2 devices, 2 cores": [(two, {0, 1})],
    }
    if backend == "torch":
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        found["2 devices, 2 cores"] = [([*torchrun, *two], {0, 1})]
    if backend == "jax":
        with socket.socket() as free:
            free.bind(("localhost", 0))
            address = f"localhost:{free.getsockname()[1]}"
        cluster = [*child, "--devices", "1", "--coordinator", address, "--count", "2"]
        found["2 processes, 2 cores"] = [
            ([*cluster, "--process", str(process)], {process}) for process in (0, 1)
        ]
    return found


def run(backend, commands):
    """Runs them at once; each thread pool is as large as its process's cores are many."""
    threads = 2 if len(commands) == 1 and len(commands[0][1]) == 2 else 1
    if "torch.distributed.run" in commands[0][0]:
        threads = 1
    started = [
        subprocess.Popen(
            [sys.executable, *command],
            env={
                **os.environ,
                "KERAS_BACKEND": backend,
                "OMP_NUM_THREADS": str(threads),
                "BAM_CORES": ",".join(map(str, cores)),
            },
            stdout=subprocess.DEVNULL,
        )
        for command, cores in commands
    ]
    if any([process.wait() for process in started]):
        raise RuntimeError(f"{backend}: {commands} failed; its error is above")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backends", nargs="+", default=BACKENDS, choices=BACKENDS)
    parser.add_argument("--model", default="CifarResNetSmall", help="default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=128, help="default: %(default)s")
    parser.add_argument("--steps", type=int, default=8, help="an epoch; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--out", default=str(RESULT.with_name(".scaling.json")))
    for name, of in [("devices", str), ("coordinator", str), ("count", int), ("process", int)]:
        parser.add_argument(f"--{name}", type=of, help=argparse.SUPPRESS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        os.sched_setaffinity(0, {int(core) for core in os.environ["BAM_CORES"].split(",")})
        train(options)
        return
    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for backend in options.backends:
        rates: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            for name, commands in ways(backend, options).items():
                run(backend, commands)
                found = json.loads(Path(options.out).read_text())
                rates.setdefault(name, []).append(found["images_a_second"])
                Path(options.out).unlink()
        medians = {name: statistics.median(values) for name, values in rates.items()}
        results[backend] = {
            "versions": found["versions"],
            "model": options.model,
            "batch_size": options.batch_size,
            "steps": options.steps,
            "seed": SEED,
            "images_a_second": rates,
            "medians": medians,
            "two_devices_over_one_with_both_cores": medians["2 devices, 2 cores"]
            / medians["1 device, 2 cores"],
        }
        RESULT.write_text(json.dumps(results, indent=2) + "\n")
        for name, median in medians.items():
            print(f"{backend:<11} {name:<20} {median:7.1f} images a second", flush=True)


if __name__ == "__main__":
    main()
