"""One training run on TensorFlow, PyTorch and JAX from the same initial weights.

    KERAS_BACKEND=jax python benchmarks/three_backends.py --data FOLDER

trains CifarResNetSmall with BAM on CIFAR-10 through `keras-bam fit` on each backend, one after the
other (about four minutes an epoch and backend on two CPU cores), and writes the losses of all steps
to benchmarks/results/three_backends.json and a figure to docs/three_backends.png. Data, crops and
their order are the same; the three differ only in the order of floating-point sums.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import matplotlib

from keras_bam import applications
from keras_bam.backend_choice import BACKENDS
from keras_bam.files import replacing, write_text
from keras_bam.training import RunFolder

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FIRST = 40  # steps shown by themselves
SEED = 0

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--data", required=True, help="folder that holds CIFAR-10")
parser.add_argument("--epochs", type=int, default=2)
options = parser.parse_args()

results: dict = {"epochs": options.epochs, "batch_size": 128, "seed": SEED, "runs": {}}
with tempfile.TemporaryDirectory() as folder:
    weights = Path(folder, "initial.weights.h5")
    keras.utils.set_random_seed(SEED)
    applications.CifarResNetSmall(classes=10, attention="bam").save_weights(weights)
    for backend in BACKENDS:
        arguments = (
            f"fit cifar10 --data {options.data} --attention bam --weights {weights} --seed {SEED} "
            f"--epochs {options.epochs} --batch-size 128 --learning-rate 0.2 --log-steps "
            f"--backend {backend} --run-dir {folder}/{backend}"
        )
        subprocess.run([sys.executable, "-m", "keras_bam", *arguments.split()], check=True)
        run = RunFolder.open(Path(folder, backend))
        with run["steps.csv"].open(newline="", encoding="utf-8") as file:
            losses = [float(row["loss"]) for row in csv.DictReader(file)]
        results["runs"][backend] = {
            "versions": json.loads(run["versions.json"].read_text()),
            "summary": json.loads(run["summary.json"].read_text()),
            "mean_loss_of_epoch_up_to_step": [round(loss, 6) for loss in losses],
        }

curves = {name: run["mean_loss_of_epoch_up_to_step"] for name, run in results["runs"].items()}
results["largest_difference"] = {
    f"first {steps} steps": max(
        max(values) - min(values) for values in list(zip(*curves.values(), strict=True))[:steps]
    )
    for steps in (1, 5, 10, FIRST)
}
write_text(ROOT / "benchmarks/results/three_backends.json", json.dumps(results, indent=1) + "\n")

figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for (name, losses), style in zip(curves.items(), ("-", "--", ":"), strict=True):
    left.plot(range(1, FIRST + 1), losses[:FIRST], style, label=name, linewidth=2)
    right.plot(range(1, len(losses) + 1), losses, style, label=name, linewidth=1.5)
left.set_title(f"first {FIRST} steps")
right.set_title(f"{options.epochs} epochs (the mean starts anew at each)")
for axes in (left, right):
    axes.set_xlabel("step")
    axes.set_ylabel("mean loss of the epoch so far")
    axes.grid(alpha=0.3)
    axes.legend()
with replacing(ROOT / "docs/three_backends.png") as temporary:
    figure.savefig(temporary, dpi=120)
print(json.dumps(results["largest_difference"], indent=1))
