"""What `make demo` reaches: the digits with BAM, several seeds on each backend.

    KERAS_BACKEND=jax python benchmarks/demo.py

runs `keras-bam fit digits --attention bam --epochs 6` for each backend and seed in turn, and
writes test top-1 and seconds to benchmarks/results/demo.json, and prints the README's table.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_bam.backend_choice import BACKENDS
from keras_bam.files import write_text
from keras_bam.training import RunFolder

SEEDS = (0, 1, 2)
RESULTS = Path(__file__).resolve().parent / "results" / "demo.json"

results: dict = {"seeds": SEEDS, "runs": {}}
with tempfile.TemporaryDirectory() as folder:
    for backend in BACKENDS:
        summaries = []
        for seed in SEEDS:
            run = RunFolder(Path(folder, f"{backend}-{seed}"))
            arguments = (
                f"fit digits --attention bam --epochs 6 --seed {seed} --backend {backend} "
                f"--run-dir {run.path}"
            )
            subprocess.run([sys.executable, "-m", "keras_bam", *arguments.split()], check=True)
            summaries.append(json.loads(run["summary.json"].read_text()))
        results["runs"][backend] = {
            "versions": json.loads(run["versions.json"].read_text()),
            "top1": [summary["last"]["accuracy"] for summary in summaries],
            "seconds": [summary["seconds"] for summary in summaries],
            "parameters": summaries[0]["parameters"],
            "multiply_adds": summaries[0]["multiply_adds"],
        }
write_text(RESULTS, json.dumps(results, indent=1) + "\n")

print("| backend | parameters | multiply-adds | test top-1 of three seeds | training |")
print("| --- | --- | --- | --- | --- |")
for backend, run in results["runs"].items():
    top1 = " / ".join(f"{100 * value:.2f}" for value in run["top1"])
    print(
        f"| {backend} | {run['parameters']:,} | {run['multiply_adds']:,} "
        f"| {top1} % | {statistics.median(run['seconds']):.0f} s |"
    )
