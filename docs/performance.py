"""Writes docs/performance.md and docs/growth.png from what the benchmarks of speed recorded, and
prints the README's table.

python docs/performance.py
"""

import json
from pathlib import Path

import matplotlib.pyplot as plt

from keras_bam.files import replacing, write_text

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"
PAGE = """# Performance

Each backend computes BAM in a way of its own, behind the same operations (`keras_bam.ops`), and
each way is tested against the plain formula, values and gradients. Whatever the backend, nothing of
the map's size is kept for the gradient but the map itself: M(F) is computed anew.

- JAX: the 1x1 reduction is a matrix product, which XLA's CPU convolution is not; M(F) by a tanh;
  `jax.checkpoint` around F'.
- TensorFlow, in a graph: F' in one pass that XLA makes of the formula; one operation a dilated
  convolution; averages and the gradient's sums as matrix products.
- PyTorch, eager: no copies around a convolution (Keras makes two); F' in two passes over blocks of
  images, without an exponential for each element; an autograd function of its own; sublayers are
  called without Keras's bookkeeping, which takes longer than their arithmetic on small maps.
- PyTorch, `jit_compile=True`: one graph without a break; logits are computed once a channel and
  once a position, not once an element.

`with keras_bam.ops.portable():`, or `KERAS_BAM_PORTABLE=1` for a process, switches all of it off;
`export_model` does so itself. Keras's own ONNX export of a model on TensorFlow needs it too, since
tf2onnx does not take a function that XLA compiles.

All numbers of this page are medians on {cpus} CPU cores ({machine}); Keras {keras}, TensorFlow
{tensorflow}, PyTorch {torch}, JAX {jax}. Nothing was measured on a GPU yet; the scripts run there.

## One BAM beside pytorchcv's

{rounds} rounds in which all contenders ran in turn, each backend and pytorchcv in a process of its
own; batch {batch}, {date}. "Straightforward Keras" is the same module as one would write it in
Keras at first (`benchmarks/straightforward_bam.py`), "copy" one copy of the map. Here float32,
channels last; bfloat16 and channels first are in `benchmarks/results/bam_speed.json`. Memory that a
process has freed stays with it, for all alike (glibc's thresholds are set): otherwise it hangs on a
process's past whether a map's memory comes from the system, which takes as long as a BAM.

{tables}
Ratios of these medians to those of pytorchcv's `BamBlock` in the faster of its two memory formats,
over the six shapes: geometric mean, and largest. XLA's and compiled ones are to pytorchcv's
compiled, the others to its eager mode.

{ratios}

## What the limits are

We aimed at .55 (forward) and .65 (with gradients) of pytorchcv eager in the mean, .8 at most.
{met}

A BAM can't do without the convolutions of its spatial branch and one pass over the map.
`benchmarks/bam_limits.py` measures, in turn with ours, those four convolutions bare, in the fastest
way that each framework has, and a copy ({limits_date}); the limit is their sum, with 1.5 copies
forward and 3 with gradients. What ours and theirs take above it is the rest: averages, small dense
layers, batch norms, and the calls of some forty operations. On a map of next to nothing, where only
the calls are left, one BAM takes

{calls}

which at the smallest maps is a good part of the whole, and more on PyTorch eager for ours than for
pytorchcv, since a Keras layer costs more to call than a module.

{limits}

## A whole network

`ResNet50`, 224 pixels, batch {network_batch}, {network_date} (`benchmarks/network_speed.py`).

{networks}

Memory is what a training step takes at its highest beyond weights and what was there before; of
TensorFlow it can't be seen from outside, since it keeps what it has freed.

## `jit_compile=True` on PyTorch

One BAM is one graph. A whole Keras network is many, layer by layer, and needs two settings of
PyTorch's compiler before its first step:

```text
torch._inductor.config.layout_optimization = False
torch._dynamo.config.recompile_limit = 64
```

With the first on, as it is by itself, the compiler takes the maps of a channels-last model for
channels-first ones, copies them back and forth, and ends with a TypeError ("cannot determine truth
value of Relational") where it has met BAMs on maps of two sizes. Without the second it falls back
to eager mode for what is left, unseen. Then batches of any size train, with eager mode's losses
(`tests/layers/test_bam_compiled_by_pytorch.py`); to compile takes minutes.

## How cost grows

![Time and memory of one BAM against map side, channels and batch](growth.png)

{growth}

Forward with gradients, and its memory at the highest beyond the map itself, {growth_date}
(`benchmarks/bam_growth.py`). Multiply-adds grow with the map's area and the batch linearly, with
the channels quadratically (C²/16 a position for the 1x1 reduction, 9C²/256 for each dilated
convolution); the passes over the map, most of the time at 256 channels and fewer, linearly.
At the small end each call costs the same whatever the size.

## Import

`import keras_bam` after `import keras`, {import_date} (`benchmarks/import_time.py`):

{imports}

## Anew

```
python benchmarks/bam_speed.py --compiled
python benchmarks/bam_limits.py
python benchmarks/network_speed.py
python benchmarks/bam_growth.py
python benchmarks/import_time.py
python docs/performance.py
```
"""
PARTS = {"forward": "forward", "both": "forward and backward"}
WAYS = ("JAX jit", "TensorFlow graph", "PyTorch eager")
TARGETS = {"forward": (0.55, 0.8), "both": (0.65, 0.8)}


def main():
    names = (
        *("bam_speed", "bam_limits", "network_speed"),
        *("bam_growth", "import_time"),
    )
    read = {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in names}
    speed, limits, network, growth, imports = read.values()
    packages = speed["versions"]["packages"]
    page = PAGE.format(
        **{name: packages[name] for name in ("keras", "tensorflow", "torch", "jax")},
        **{name: speed["versions"][name] for name in ("cpus", "machine", "date")},
        rounds=speed["rounds"],
        batch=speed["batch"],
        tables=speed_tables(speed["cases"]),
        ratios=speed_ratios(speed["ratios_to_pytorchcv"]),
        met=met(speed["ratios_to_pytorchcv"]),
        limits=limit_table(limits["cases"]),
        limits_date=limits["versions"]["date"],
        calls=calls_table(limits),
        networks=network_table(network["cases"]),
        network_batch=network["cases"][0]["batch"],
        network_date=network["versions"]["date"],
        growth=growth_table(growth["cases"]),
        growth_date=growth["versions"]["date"],
        imports=import_table(imports["milliseconds"]),
        import_date=imports["versions"]["date"],
    )
    growth_plot(growth["cases"])
    print(readme_table(speed["ratios_to_pytorchcv"], network["cases"]))
    write_text(HERE / "performance.md", page)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def shown(shape):
    return "x".join(map(str, shape))


def readme_table(ratios, cases):
    """For each backend: one BAM to pytorchcv's in the mean, ResNet50 with BAM to without."""
    of_network = {case["what"]: case["with_BAM_to_plain"] for case in cases}
    rows = []
    for way in WAYS:
        row = [way]
        for what in PARTS:
            found = ratios[f"keras_bam, {way}, {what}, float32, channels_last"]
            row.append(f"{found['geometric_mean']:.2f} (at most {found['largest']:.2f})")
        row += [f"{of_network[what][f'keras_bam, {way}']:.2f}" for what in ("inference", "step")]
        rows.append(row)
    theirs = (f"{of_network[what]['pytorchcv eager']:.2f}" for what in ("inference", "step"))
    rows.append(["pytorchcv, PyTorch eager", "1", "1", *theirs])
    head = ["to pytorchcv's `BamBlock`, eager; to the plain network"]
    head += ["one BAM, forward", "forward and backward"]
    return table([*head, "`ResNet50`, inference", "`ResNet50`, training step"], rows) + "\n"


def speed_tables(cases):
    tables = []
    for what, title in PARTS.items():
        chosen = [
            case
            for case in cases
            if (case["what"], case["dtype"], case["data_format"])
            == (what, "float32", "channels_last")
        ]
        names = dict.fromkeys(name for case in chosen for name in case["milliseconds"])
        rows = [
            [name, *(f"{case['milliseconds'][name]['median']:.2f}" for case in chosen)]
            for name in names
            if all(name in case["milliseconds"] for case in chosen)
        ]
        head = [f"{title}, ms", *(shown(case["shape"]) for case in chosen)]
        tables.append(table(head, rows) + "\n")
    return "\n".join(tables)


def speed_ratios(ratios):
    ways = dict.fromkeys(key.split(", forward")[0] for key in ratios if ", forward" in key)
    rows = []
    for way in ways:
        cells = [
            f"{row['geometric_mean']:.2f}, {row['largest']:.2f}"
            for what in PARTS
            for dtype in ("float32", "bfloat16")
            if (row := ratios.get(f"{way}, {what}, {dtype}, channels_last"))
        ]
        rows.append([way, *cells, *[""] * (4 - len(cells))])
    parts = [f"{title}, {dtype}" for title in PARTS.values() for dtype in ("float32", "bfloat16")]
    return table(["", *parts], rows)


def met(ratios):
    """A sentence a way of running: which of the two aims it meets, in float32, channels last."""
    sentences = []
    for way in WAYS:
        parts = []
        for what, (mean, largest) in TARGETS.items():
            row = ratios[f"keras_bam, {way}, {what}, float32, channels_last"]
            fine = row["geometric_mean"] <= mean and row["largest"] <= largest
            parts.append(f"{'meets' if fine else 'misses'} the {PARTS[what]} aim")
        sentences.append(f"{way} {' and '.join(parts)}")
    return "; ".join(sentences) + "."


def limit_table(cases):
    rows = []
    for case in cases:
        for way, row in case["limits"].items():
            rows.append(
                [
                    f"{PARTS[case['what']]}, {shown(case['shape'])}, {way}",
                    f"{row['convolutions']:.2f}",
                    f"{row['passes']:.2f}",
                    f"{row['ours']:.2f}",
                    f"{row['pytorchcv']:.2f}",
                    f"{row['ours_to_limit']:.2f}",
                    f"{row['limit_to_pytorchcv']:.2f}",
                ]
            )
    head = ["ms", "convolutions", "passes", "ours", "pytorchcv eager"]
    return table([*head, "ours to limit", "limit to pytorchcv"], rows)


def calls_table(limits):
    found = {what: limits[f"calls, {what}"] for what in PARTS}
    ways = (*(f"keras_bam, {way}" for way in WAYS), "pytorchcv eager, channels first")
    rows = [[way, *(f"{found[what][way]['median']:.2f}" for what in PARTS)] for way in ways]
    return table(["ms", *PARTS.values()], rows)


def network_table(cases):
    by_what = {case["what"]: case for case in cases}
    inference, step = by_what["inference"], by_what["step"]
    rows = []
    for name in inference["milliseconds"]:
        if name.endswith(", plain"):
            plain = name
        row = [name]
        for case in (inference, step):
            median = case["milliseconds"][name]["median"]
            row += [f"{median:.0f}", f"{median / case['milliseconds'][plain]['median']:.2f}"]
        memory = step.get("mebibytes", {})
        known = plain in memory
        row += (
            [f"{memory[name]:.0f}", f"{memory[name] - memory[plain]:+.0f}"] if known else ["", ""]
        )
        rows.append(row)
    head = ["", "inference, ms", "to plain", "training step, ms", "to plain"]
    return table([*head, "memory of a step, MiB", "beyond plain"], rows)


def short(name):
    return name.removeprefix("keras_bam, ")


def growth_table(cases):
    times, memory = (list(cases[0][part]) for part in ("both, ms", "both, MiB"))
    rows = []
    for case in cases:
        row = [f"{case['grows']} {case['value']}", f"{shown(case['shape'])}, batch {case['batch']}"]
        row += [f"{case['both, ms'][way]['median']:.1f}" for way in times]
        row += [f"{case['both, MiB'][way]:.1f}" for way in memory]
        rows.append(row)
    heads = (*(f"{short(way)}, ms" for way in times), *(f"{short(way)}, MiB" for way in memory))
    return table(["grows", "map", *heads], rows)


def growth_plot(cases):
    kinds = list(dict.fromkeys(case["grows"] for case in cases))
    figure, axes = plt.subplots(2, len(kinds), figsize=(10, 6), sharex="col", layout="constrained")
    for column, kind in enumerate(kinds):
        chosen = [case for case in cases if case["grows"] == kind]
        values = [case["value"] for case in chosen]
        for row, part in enumerate(("both, ms", "both, MiB")):
            axis = axes[row, column]
            for way in chosen[0][part]:
                found = [case[part][way] for case in chosen]
                heights = [x["median"] if isinstance(x, dict) else x for x in found]
                axis.loglog(values, heights, marker="o", label=short(way))
            axis.set_xticks(values, map(str, values))
            axis.minorticks_off()
            axis.grid(alpha=0.3)
        axes[1, column].set_xlabel(kind)
    axes[0, 0].set_ylabel("forward and backward, ms")
    axes[1, 0].set_ylabel("memory at its highest, MiB")
    axes[0, 0].legend(frameon=False, fontsize="small")
    with replacing(HERE / "growth.png") as temporary:
        figure.savefig(temporary, dpi=110, format="png")


def import_table(milliseconds):
    parts = ("import keras", "import keras_bam")
    rows = [
        [backend, *(f"{found[part]['median']:.0f}" for part in parts)]
        for backend, found in milliseconds.items()
    ]
    return table(["backend", *(f"{part}, ms" for part in parts)], rows)


if __name__ == "__main__":
    main()
