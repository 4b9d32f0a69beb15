"""Small detectors on the generated shapes, on the three backends, with BAM and without.

    python benchmarks/fit_shapes.py [--backends jax torch] [--networks SSD96Small]

runs `keras-bam fit shapes --recipe shapes` for each backend, network and attention in turn, and
writes mean average precisions on the 150 held-out images to benchmarks/results/fit_shapes.json;
what is there of other runs stays.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_bam.backend_choice import BACKENDS
from keras_bam.files import write_text

RESULT = Path(__file__).parent / "results/fit_shapes.json"
NETWORKS = ("SSD96Small", "StairNet96Small")
KEPT = ("last", "best", "best_epoch", "seconds", "parameters", "multiply_adds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backends", nargs="+", default=list(BACKENDS), choices=list(BACKENDS))
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for backend in options.backends:
        for network in options.networks:
            for attention in ("plain", "bam"):
                name = f"{network}, {attention}, {backend}, seed {options.seed}"
                found = run(backend, network, attention, options.seed)
                results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
                write_text(RESULT, json.dumps({**results, name: found}, indent=2) + "\n")
                print(f"{name}: mAP {100 * found['last']['mAP']:.2f} %", flush=True)


def run(backend, network, attention, seed):
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        command = (
            f"{sys.executable} -m keras_bam fit shapes --model {network} --recipe shapes "
            f"--seed {seed} --backend {backend} --run-dir {run}"
        )
        if attention != "plain":
            command += f" --attention {attention}"
        subprocess.run(command.split(), check=True)
        summary = json.loads((run / "summary.json").read_text())
        versions = json.loads((run / "versions.json").read_text())
    return {**{name: summary[name] for name in KEPT}, "versions": versions}


if __name__ == "__main__":
    main()
