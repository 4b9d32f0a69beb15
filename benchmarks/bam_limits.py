"""Where the time of one BAM goes, and how close it is to what its convolutions alone take.

    python benchmarks/bam_limits.py [--rounds N]

As bam_speed.py at its six shapes, float32, channels last, batch 8; beside each backend's BAM the
four convolutions of the spatial branch alone, bare, in the fastest way that the framework has. A
BAM cannot be faster than these and one pass over the map that reads it twice and writes it (1.5
copies; 3 with the gradient, whose pass reads the map and a gradient and writes one). Written to
benchmarks/results/bam_limits.json: for each backend and case that limit, ours and pytorchcv's
BamBlock, eager, in the faster of its memory formats; and what each takes on a map of next to
nothing, the price of the calls themselves. Needs a machine that does nothing else; six minutes on
two CPU cores.
"""

import argparse
import json
from pathlib import Path

from bam_speed import PEERS, PROCESSES, SHAPES
from turns import SECONDS, Process, milliseconds

from keras_bam.files import write_text

RESULT = Path(__file__).parent / "results/bam_limits.json"
COPIES = {"forward": 1.5, "both": 3}
NEXT_TO_NOTHING = {"shape": (2, 2, 16), "batch": 2}
WAYS = {"PyTorch eager": "PyTorch", "JAX jit": "JAX", "TensorFlow graph": "TensorFlow"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    processes = {name: Process("limit_contenders", name) for name in PROCESSES}
    result = {"versions": processes["torch"].ask({"versions": True}), "seed": 0, "batch": 8}
    result |= {"rounds": options.rounds, "seconds_a_round": SECONDS, "cases": []}
    for what in COPIES:
        form = {"what": what, "dtype": "float32", "data_format": "channels_last"}
        form["compiled"] = False
        found = milliseconds(processes, {**NEXT_TO_NOTHING, **form}, options.rounds)
        result[f"calls, {what}"] = found
        for shape in SHAPES:
            case = {"shape": shape, "batch": 8, **form}
            found = milliseconds(processes, case, options.rounds)
            rows = {way: limits(found, way, what) for way in WAYS}
            result["cases"].append({**case, "limits": rows, "milliseconds": found})
            write_text(RESULT, json.dumps(result, indent=1) + "\n")
            for way, row in rows.items():
                print(what, *shape, way, json.dumps(row), flush=True)


def limits(found, way, what):
    median = {name: values["median"] for name, values in found.items()}
    alone = f"convolutions alone, {WAYS[way]}"
    convolutions = min(ms for name, ms in median.items() if name.startswith(alone))
    passes = COPIES[what] * median["copy"]
    ours, theirs = median[f"keras_bam, {way}"], min(median[name] for name in PEERS)
    return {
        "convolutions": convolutions,
        "passes": round(passes, 3),
        "ours": ours,
        "pytorchcv": theirs,
        "ours_to_limit": round(ours / (convolutions + passes), 3),
        "limit_to_pytorchcv": round((convolutions + passes) / theirs, 3),
    }


if __name__ == "__main__":
    main()
