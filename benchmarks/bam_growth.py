"""How the time and memory of one BAM grow with the map's size, its channels and the batch.

    python benchmarks/bam_growth.py [--rounds N]

Ours on each backend, float32, channels last; one of the three varies at a time around 28x28x256,
batch 8. Written to benchmarks/results/bam_growth.json: milliseconds of forward and of
forward with backward, in turn as in bam_speed.py, and on Linux's CPUs the memory of the latter at
its highest beyond the map itself. Needs a machine that does nothing else; ten minutes on two CPU
cores.
"""

import argparse
import json
from pathlib import Path

from turns import SECONDS, Process, mebibytes, milliseconds

from keras_bam.files import write_text

RESULT = Path(__file__).parent / "results/bam_growth.json"
PROCESSES = ("torch", "jax", "tensorflow")
GROWTH = {  # what grows: its values, and the map and batch of a value
    "map side": ((14, 28, 56, 112), lambda side: ((side, side, 256), 8)),
    "channels": ((64, 256, 1024), lambda channels: ((28, 28, channels), 8)),
    "batch": ((2, 8, 32), lambda batch: ((28, 28, 256), batch)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    processes = {name: Process("bam_contenders", name) for name in PROCESSES}
    result = {"versions": processes["torch"].ask({"versions": True}), "seed": 0}
    result |= {"rounds": options.rounds, "seconds_a_round": SECONDS, "cases": []}
    for what, (values, of_value) in GROWTH.items():
        for value in values:
            shape, batch = of_value(value)
            case = {"shape": shape, "batch": batch, "dtype": "float32"}
            case |= {"data_format": "channels_last", "compiled": False}
            measured = {"grows": what, "value": value, **case}
            for part in ("forward", "both"):
                times = milliseconds(processes, {**case, "what": part}, options.rounds)
                measured[f"{part}, ms"] = _ours(times)
            measured["both, MiB"] = _ours(mebibytes(processes, {**case, "what": "both"}))
            result["cases"].append(measured)
            write_text(RESULT, json.dumps(result, indent=1) + "\n")
            print(what, value, json.dumps(measured["both, MiB"]), flush=True)


def _ours(found):
    return {name: value for name, value in found.items() if name.startswith("keras_bam")}


if __name__ == "__main__":
    main()
