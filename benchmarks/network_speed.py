"""What BAM costs a whole ResNet50: a training step and inference, with it and without.

    python benchmarks/network_speed.py [--batch N] [--size PIXELS] [--rounds N] [--dtype bfloat16]

Ours on each backend and pytorchcv's, in turn, each in a process of its own. Written to
benchmarks/results/network_speed.json: medians, spread, and the ratios of the medians with BAM to
those without. Needs a machine that does nothing else; ten minutes on two CPU cores. On a GPU:
--batch 256 --dtype bfloat16 --compiled.
"""

import argparse
import json
from pathlib import Path

from turns import Process, milliseconds

RESULT = Path(__file__).parent / "results/network_speed.json"
PROCESSES = ("pytorchcv", "torch", "jax", "tensorflow")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--compiled", action="store_true", help="pytorchcv's by torch.compile")
    parser.add_argument("--processes", nargs="+", default=PROCESSES, choices=PROCESSES)
    options = parser.parse_args()
    processes = {name: Process("network_contenders", name) for name in options.processes}
    keras_process = next(processes[name] for name in processes if name != "pytorchcv")
    result = {"versions": keras_process.ask({"versions": True}), "seed": 0, "cases": []}
    for what in ("inference", "step"):
        case = {"what": what, "batch": options.batch, "size": options.size}
        case |= {"dtype": options.dtype, "compiled": options.compiled}
        found = milliseconds(processes, case, options.rounds, seconds=0.5)
        plain = {name.removesuffix(", plain"): ms for name, ms in found.items() if "plain" in name}
        ratio = {
            name: round(found[f"{name}, with BAM"]["median"] / ms["median"], 3)
            for name, ms in plain.items()
            if f"{name}, with BAM" in found
        }
        result["cases"].append(
            {**case, "rounds": options.rounds, "milliseconds": found, "with_BAM_to_plain": ratio}
        )
        RESULT.write_text(json.dumps(result, indent=1) + "\n")
        for name, value in ratio.items():
            times = found[f"{name}, plain"]["median"], found[f"{name}, with BAM"]["median"]
            print(f"{what:<10} {name:<32} {times[0]:8.1f} {times[1]:8.1f} ms  {value:.3f}")


if __name__ == "__main__":
    main()
