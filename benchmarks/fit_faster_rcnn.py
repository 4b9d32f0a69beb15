"""A small Faster R-CNN with BAM: on the generated shapes, and on 26 photographs of COCO.

    python benchmarks/fit_faster_rcnn.py shapes [--backends jax torch]
    python benchmarks/fit_faster_rcnn.py coco --data ARCHIVE [--backends jax]

The first runs `keras-bam fit shapes --model FasterRCNN96Small --attention bam --recipe shapes` and
notes mean average precisions on the 150 held-out images. The second trains on ARCHIVE,
`coco_open53.zip`, on a canvas of 160 pixels from random weights, for 1,050 steps, and notes each
term of the loss in the first epoch, where it was highest, and in the last: so few photographs show
that it learns them, not that it finds anything in others. Both write to
benchmarks/results/fit_faster_rcnn.json, where what is there of other runs stays, and leave their
runs in --runs.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from keras_bam.backend_choice import BACKENDS
from keras_bam.detection.two_stage_detector import LOSSES
from keras_bam.files import write_text

RESULT = Path(__file__).parent / "results/fit_faster_rcnn.json"
KEPT = ("last", "best", "best_epoch", "epochs", "seconds", "parameters", "multiply_adds")
MODEL = "--model FasterRCNN96Small --attention bam --recipe shapes"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("dataset", choices=("shapes", "coco"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--backends", nargs="+", default=list(BACKENDS), choices=list(BACKENDS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="default: %(default)s")
    options = parser.parse_args()
    for backend in options.backends:
        found = fit(options, backend)
        results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
        results[f"{options.dataset}, {backend}, seed {options.seed}"] = found
        write_text(RESULT, json.dumps(results, indent=2) + "\n")
        print(f"{options.dataset}, {backend}: {found}", flush=True)


def fit(options, backend):
    run = options.runs / f"faster-rcnn-{options.dataset}-{backend}-{options.seed}"
    arguments = MODEL
    with tempfile.TemporaryDirectory() as data:
        if options.dataset == "coco":
            zipfile.ZipFile(options.data).extractall(data)
            arguments += f" --data {data} --image-size 160 --batch-size 4 --epochs 150 --no-augment"
        command = (
            f"{sys.executable} -m keras_bam fit {options.dataset} {arguments} "
            f"--seed {options.seed} --backend {backend} --run-dir {run} --overwrite"
        )
        subprocess.run(command.split(), check=True)
    summary = json.loads((run / "summary.json").read_text())
    found = {name: summary[name] for name in KEPT}
    found["losses"] = dict(losses(run / "log.csv"))
    found["versions"] = json.loads((run / "versions.json").read_text())
    return found


def losses(log):
    """Of each term of the loss its name and its means in the first epoch, the epoch where it was
    highest, and the last."""
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for name in ("loss", *LOSSES):
        values = [float(row[name]) for row in rows]
        yield name, {"first": values[0], "highest": max(values), "last": values[-1]}


if __name__ == "__main__":
    main()
