"""How fast one BAM is: ours on each backend beside pytorchcv's, a straightforward one and a copy.

    python benchmarks/bam_speed.py [--quick] [--batch N] [--compiled] [--rounds N]

Forward, and forward with backward, at six shapes, in float32 and bfloat16, channels last and first.
Each backend and pytorchcv have a process of their own; in every case all contenders run in turn,
round after round, each for a fifth of a second after a run that is not counted. Written to
benchmarks/results/bam_speed.json: medians and spread, and ratios of medians. The floor is 1.5 times
the time of a copy: a map that is read twice and written once. --quick is float32, channels last
alone; --compiled adds torch.compile, which takes minutes. Needs a machine that does nothing else;
a quarter of an hour on two CPU cores. On a GPU pass --batch 256.
"""

import argparse
import itertools
import json
import math
from pathlib import Path

from turns import SECONDS, Process, milliseconds

RESULT = Path(__file__).parent / "results/bam_speed.json"
SHAPES = [(56, 56, 256), (28, 28, 512), (14, 14, 1024), (32, 32, 256), (16, 16, 512), (8, 8, 1024)]
PROCESSES = ("pytorchcv", "torch", "jax", "tensorflow")
PEERS = ("pytorchcv eager, channels first", "pytorchcv eager, channels last")
COMPILED_PEERS = tuple(name.replace("eager", "compiled") for name in PEERS)


def ratios(cases):
    """Ours to the faster of pytorchcv's two memory formats: of each case, and their geometric mean
    over the shapes, for each way of running, dtype and data format."""
    table = {}
    for case in cases:
        found = case["milliseconds"]
        for name in found:
            if not name.startswith(("keras_bam", "straightforward")):
                continue
            compiled = "compiled" in name or "XLA" in name
            peers = COMPILED_PEERS if compiled and COMPILED_PEERS[0] in found else PEERS
            peer = min(found[p]["median"] for p in peers)
            key = f"{name}, {case['what']}, {case['dtype']}, {case['data_format']}"
            row = table.setdefault(key, {"to": peers[0].partition(",")[0], "shapes": {}})
            shape = "x".join(map(str, case["shape"]))
            row["shapes"][shape] = round(found[name]["median"] / peer, 3)
    for row in table.values():
        values = row["shapes"].values()
        row["geometric_mean"] = round(math.exp(sum(map(math.log, values)) / len(values)), 3)
        row["largest"] = max(values)
    return table


def markdown(cases, dtype="float32", data_format="channels_last"):
    """A table a "what", in milliseconds."""
    lines = []
    for what in ("forward", "both"):
        chosen = [
            c
            for c in cases
            if (c["what"], c["dtype"], c["data_format"]) == (what, dtype, data_format)
        ]
        if not chosen:
            continue
        shapes = ["x".join(map(str, c["shape"])) for c in chosen]
        title = "forward" if what == "forward" else "forward and backward"
        lines += [f"| {title}, ms | " + " | ".join(shapes) + " |"]
        lines += ["| --- |" + " --- |" * len(chosen)]
        for name in dict.fromkeys(n for c in chosen for n in c["milliseconds"]):
            cells = [
                f"{c['milliseconds'][name]['median']:.2f}" if name in c["milliseconds"] else ""
                for c in chosen
            ]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", nargs="+", default=PROCESSES, choices=PROCESSES)
    options = parser.parse_args()
    dtypes = ["float32"] if options.quick else ["float32", "bfloat16"]
    formats = ["channels_last"] if options.quick else ["channels_last", "channels_first"]
    processes = {name: Process("bam_contenders", name) for name in options.processes}
    keras_process = next(processes[name] for name in processes if name != "pytorchcv")
    result = {"versions": keras_process.ask({"versions": True}), "seed": 0, "batch": options.batch}
    result |= {"rounds": options.rounds, "seconds_a_round": SECONDS, "cases": []}
    for dtype, data_format, what, shape in itertools.product(
        dtypes, formats, ("forward", "both"), SHAPES
    ):
        case = {"shape": shape, "batch": options.batch, "what": what, "dtype": dtype}
        plain = dtype == "float32" and data_format == "channels_last"
        case |= {"data_format": data_format, "compiled": options.compiled and plain}
        found = milliseconds(processes, case, options.rounds)
        result["cases"].append({**case, "milliseconds": found})
        print(what, *shape, dtype, data_format, flush=True)
        for name, values in sorted(found.items(), key=lambda item: item[1]["median"]):
            print(f"  {name:<45} {values['median']:8.3f} ms", flush=True)
        result["ratios_to_pytorchcv"] = ratios(result["cases"])
        RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(markdown(result["cases"]))
    for name, row in result["ratios_to_pytorchcv"].items():
        print(f"{name:<75} {row['geometric_mean']:.2f} (largest {row['largest']:.2f}) {row['to']}")


if __name__ == "__main__":
    main()
