"""Where the time of one BAM goes on PyTorch in eager mode, forward, float32, channels last.

    python benchmarks/bam_steps.py [--rounds N]

The steps of one call, timed one after the other within it, as they find the caches there, and
pytorchcv's `BamBlock` in both memory formats: in each round some calls of each in turn. Written to
benchmarks/results/bam_steps.json: medians over all calls, in milliseconds.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from turns import KEPT_MEMORY

RESULT = Path(__file__).parent / "results/bam_steps.json"
SHAPES = ((56, 56, 256), (28, 28, 512), (14, 14, 1024), (32, 32, 256), (16, 16, 512), (8, 8, 1024))
BATCH = 8
CALLS = 20  # of each in each round, after three that are not counted


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    needed = {"KERAS_BACKEND": "torch", **KEPT_MEMORY}  # which a process reads when it starts
    if any(os.environ.get(name) != value for name, value in needed.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **needed})

    from keras_bam.files import write_text
    from keras_bam.training.versions import versions

    result = {"versions": versions(), "rounds": rounds, "calls": CALLS, "batch": BATCH, "cases": []}
    for shape in SHAPES:
        found = {"shape": shape, "milliseconds": measured(shape, rounds)}
        print(json.dumps(found))
        result["cases"].append(found)
    write_text(RESULT, json.dumps(result, indent=1) + "\n")


def measured(shape, rounds):
    import torch
    from bam_contenders import maps, pytorchcv_contenders

    from keras_bam.layers import BAM

    case = {"shape": shape, "batch": BATCH, "what": "forward", "dtype": "float32"}
    case |= {"data_format": "channels_last", "compiled": False}
    theirs = {k: run for k, run in pytorchcv_contenders(case).items() if k != "copy"}
    features, layer = torch.from_numpy(maps(case)), BAM()
    layer.build(features.shape)

    def timed(name, run):
        start = time.perf_counter()
        run()
        return {name: time.perf_counter() - start}

    contenders = [lambda name=name, run=run: timed(name, run) for name, run in theirs.items()]
    times = {}
    with torch.no_grad():
        for _ in range(rounds):
            for contender in (*contenders, lambda: steps(layer, features)):
                for call in range(3 + CALLS):
                    for name, seconds in contender().items():
                        if call >= 3:
                            times.setdefault(name, []).append(seconds)
    return {name: round(1000 * statistics.median(x), 3) for name, x in times.items()}


def steps(layer, features):
    """Seconds of each step of `layer(features)`."""
    from keras_bam.ops import refine

    seconds = {}

    def timed(name, call, *arguments, **keywords):
        start = time.perf_counter()
        outputs = call(*arguments, **keywords)
        seconds[name] = seconds.get(name, 0) + time.perf_counter() - start
        return outputs

    channel, spatial = layer.channel, layer.spatial
    average, reduced, features = timed("both reads", spatial.reduce.read_together, features)
    channel_logits = timed("channel branch", channel.of_average, average, 4, training=False)
    rest = "rest of spatial branch"
    (_, norm), *dilated, (project, last_norm) = spatial._steps()
    x = timed(rest, reduced.movedim, -1, 1)
    x = timed(rest, spatial._hidden, x, norm, training=False)
    for convolution, norm in dilated:
        x = timed("dilated convolutions", convolution, x)
        x = timed(rest, spatial._hidden, x, norm, training=False)
    x = timed(rest, last_norm, timed(rest, project, x), training=False)
    spatial_logits = timed(rest, x.movedim, 1, -1)
    timed("F'", refine, features, channel_logits, spatial_logits)
    return seconds


if __name__ == "__main__":
    main()
