"""What `import keras_bam` adds to `import keras`.

    python benchmarks/import_time.py [--rounds N]

On each backend new processes, one after the other, import keras and then keras_bam; written to
benchmarks/results/import_time.json: medians and spread of both, in milliseconds. A first process,
which writes bytecode, is not counted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from keras_bam.backend_choice import BACKENDS
from keras_bam.files import write_text
from keras_bam.training.versions import versions

RESULT = Path(__file__).parent / "results/import_time.json"
CODE = """
import time
times = [time.perf_counter()]
import keras
times.append(time.perf_counter())
import keras_bam
times.append(time.perf_counter())
print(1000 * (times[1] - times[0]), 1000 * (times[2] - times[1]))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    result = {"versions": versions(), "rounds": rounds, "milliseconds": {}}
    for backend in BACKENDS:
        measured(backend)
        pairs = [measured(backend) for _ in range(rounds)]
        result["milliseconds"][backend] = {
            name: {
                "median": round(statistics.median(times), 1),
                "min": round(min(times), 1),
                "max": round(max(times), 1),
            }
            for name, times in zip(
                ("import keras", "import keras_bam"), zip(*pairs, strict=True), strict=True
            )
        }
        print(backend, json.dumps(result["milliseconds"][backend]))
    write_text(RESULT, json.dumps(result, indent=1) + "\n")


def measured(backend):
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(text) for text in done.stdout.split()]


if __name__ == "__main__":
    main()
