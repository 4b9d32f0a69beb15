"""A small StairNet on BCCD's photographs of blood cells, with BAM and without.

    KERAS_BACKEND=jax python benchmarks/fit_bccd.py --data ARCHIVE [--epochs N] [--attention bam]

ARCHIVE is `bccd_voc.zip`, or a folder in VOC's form: 292 images to train on and 72 to test, in
BCCD's own split, with red and white cells and platelets. StairNet96Small at 192 pixels from random
weights, recipe `shapes`. Writes mean average precisions to benchmarks/results/bccd.json, where
what is there of other runs stays, and leaves the run in --runs, for
`benchmarks/detections_picture.py`. Ten minutes a run on two CPU cores.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import keras

from keras_bam.files import write_text

RESULT = Path(__file__).parent / "results/bccd.json"
KEPT = ("last", "best", "best_epoch", "epochs", "seconds", "parameters", "multiply_adds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=60, help="default: %(default)s")
    parser.add_argument(
        "--attention", nargs="+", choices=("plain", "bam"), default=("plain", "bam")
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="default: %(default)s")
    options = parser.parse_args()
    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        if options.data.suffix == ".zip":
            zipfile.ZipFile(options.data).extractall(folder)
        else:
            folder = options.data
        for attention in options.attention:
            backend = keras.backend.backend()
            name = f"{attention}, {backend}, seed {options.seed}, {options.epochs} epochs"
            results[name] = run(folder, attention, options)
            write_text(RESULT, json.dumps(results, indent=2) + "\n")
            print(f"{name}: mAP {100 * results[name]['last']['mAP']:.2f} %", flush=True)


def run(folder, attention, options):
    run = options.runs / f"bccd-{attention}-{options.seed}"
    command = (
        f"{sys.executable} -m keras_bam fit voc --data {folder} --model StairNet96Small "
        f"--image-size 192 --recipe shapes --epochs {options.epochs} --seed {options.seed} "
        f"--run-dir {run} --overwrite"
    )
    if attention != "plain":
        command += f" --attention {attention}"
    subprocess.run(command.split(), check=True)
    summary = json.loads((run / "summary.json").read_text())
    with (run / "per_class.csv").open(newline="") as file:
        precisions = {row["class"]: float(row["AP"]) for row in csv.DictReader(file)}
    return {
        **{name: summary[name] for name in KEPT},
        "AP of each class": precisions,
        "versions": json.loads((run / "versions.json").read_text()),
    }


if __name__ == "__main__":
    main()
