"""Writes docs/performance.md and docs/growth.png from what the benchmarks of speed recorded, and
prints the README's table.

python docs/performance.py
"""

import json
from pathlib import Path

import matplotlib.pyplot as plt
from performance_tables import (
    calls_table,
    growth_table,
    import_table,
    limit_table,
    met,
    network_table,
    readme_table,
    short,
    speed_ratios,
    speed_tables,
    steps_table,
)

from keras_bam.files import replacing, write_text

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"
PAGE = """# Performance

Each backend computes BAM in a way of its own, behind the same operations (`keras_bam.ops`), and
each way is tested against the plain formula, values and gradients. Whatever the backend, nothing of
the map's size is kept for the gradient but the map itself: M(F) is computed anew.

- JAX: the 1x1 reduction is a matrix product, which XLA's CPU convolution is not, on large maps in
  two halves, since XLA takes up to four times as long for the kernel's gradient in one; M(F) by a
  tanh; `jax.checkpoint` around F'.
- TensorFlow, in a graph: F' and its gradient in one pass each that XLA makes of the formula; one
  operation a dilated convolution, and one its gradient to the map; averages one axis after the
  other, the gradient's sums as matrix products.
- PyTorch, eager: no copies around a convolution (Keras makes two), and the spatial branch's maps
  move their axes once; F' in two passes over blocks, in which each thread has images of its own,
  without an exponential for each element; the gradients of all that reads the map meet in one
  tensor; sublayers are called without Keras's bookkeeping, which takes longer than their arithmetic
  on small maps. As little Python as possible stands between two operations: behind a pass over a
  map it finds nothing of its own in the caches, and takes several times as long.
- PyTorch, `jit_compile=True`: one graph without a break; logits are computed once a channel and
  once a position, not once an element; no map of booleans is kept for a ReLU's gradient.

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
process has freed stays with it, for all alike (glibc's thresholds are set, and its one arena):
otherwise it hangs on a process's past whether a map's memory comes from the system, which takes as
long as a BAM.

{tables}
Ratios of these medians to those of pytorchcv's `BamBlock` in the faster of its two memory formats,
over the six shapes: geometric mean, and largest. In float32 XLA's and compiled ones are to
pytorchcv's compiled, all others to its eager mode.

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

which at the smallest maps is a good part of the whole.

{limits}

Where PyTorch's eager mode spends its time, forward, each step timed within a call
(`benchmarks/bam_steps.py`, {steps_date}). The reads and the dilated convolutions, about half of it
on the three smallest maps, are single kernels of PyTorch's, which pytorchcv calls too; F' takes two
passes, since no one operation of PyTorch's computes it.

{steps}

## A whole network

`ResNet50`, 224 pixels, batch {network_batch}, {network_date} (`benchmarks/network_speed.py`). "Bare
BAM" is F + Ms(F), without the channel branch, the sigmoid and the product, in the same places: what
no BAM can do without (`benchmarks/bare_bam.py`). We aimed at 1.05 times the plain network; from
run to run these ratios move by some hundredths.

{networks}

Memory is what a training step takes at its highest beyond weights and what was there before; of
TensorFlow it can't be seen from outside, since it keeps what it has freed.

## `jit_compile=True` on PyTorch

One BAM is one graph. A whole Keras network is many, layer by layer, and needs a setting of
PyTorch's compiler before its first step:

```text
torch._inductor.config.layout_optimization = False
```

With it on, as it is by itself, the compiler takes the maps of a channels-last model for
channels-first ones, copies them back and forth, and ends with a TypeError ("cannot determine truth
value of Relational") where it has met BAMs on maps of two sizes. Then batches of any size train,
with eager mode's losses (`tests/layers/test_bam_compiled_by_pytorch.py`).

It does not pay for whole networks on a CPU. One function of Keras's stands for the calls of all
layers; it is compiled for each of them, and at each call its conditions are checked one after the
other. `{compiled_model}` with BAM, on batches of 64 and 40 images, takes {compiled_step} times as
long as in eager mode for a training step and {compiled_inference} times for prediction with the
compiler's own `recompile_limit` of 8, behind which what is left of such functions stays in eager
mode, and {raised_step} and {raised_inference} times with one of 1,024, where nothing does
(`benchmarks/compiled_pytorch.py`, {compiled_date}).

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
python benchmarks/bam_steps.py
python benchmarks/network_speed.py
python benchmarks/bam_growth.py
KERAS_BACKEND=torch python benchmarks/compiled_pytorch.py
KERAS_BACKEND=torch python benchmarks/compiled_pytorch.py --recompile-limit 1024
python benchmarks/import_time.py
python docs/performance.py
```
"""


def main():
    names = (
        *("bam_speed", "bam_limits", "network_speed"),
        *("bam_growth", "import_time", "compiled_pytorch", "bam_steps"),
    )
    read = {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in names}
    speed, limits, network, growth, imports, compiled, steps = read.values()
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
        steps=steps_table(steps["cases"]),
        steps_date=steps["versions"]["date"],
        networks=network_table(network["cases"]),
        network_batch=network["cases"][0]["batch"],
        network_date=network["versions"]["date"],
        growth=growth_table(growth["cases"]),
        growth_date=growth["versions"]["date"],
        imports=import_table(imports["milliseconds"]),
        import_date=imports["versions"]["date"],
        compiled_model=compiled["default"]["model"],
        compiled_step=f"{compiled['default']['step']['compiled_to_eager']:.1f}",
        compiled_inference=f"{compiled['default']['inference']['compiled_to_eager']:.1f}",
        raised_step=f"{compiled['1024']['step']['compiled_to_eager']:.0f}",
        raised_inference=f"{compiled['1024']['inference']['compiled_to_eager']:.0f}",
        compiled_date=compiled["default"]["versions"]["date"],
    )
    growth_plot(growth["cases"])
    print(readme_table(speed["ratios_to_pytorchcv"], network["cases"]))
    write_text(HERE / "performance.md", page)


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


if __name__ == "__main__":
    main()
