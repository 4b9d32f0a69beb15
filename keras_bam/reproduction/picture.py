"""A reproduced table as a picture."""

import itertools
from pathlib import Path

import numpy as np

from keras_bam.extra import from_extra
from keras_bam.files import replacing

# Okabe and Ito's, which colour-blind readers tell apart.
_OURS, _PAPER = "#0072b2", "#d55e00"


def draw(reproduction, folder):
    """Writes `table-1b.png`, with the table's name, into `folder`.

    On the left the error of each seed, those of one seed joined by a line, and their mean with one
    standard deviation; on the right the change from the baseline with its 95 % interval, and the
    paper's.
    """
    rows = reproduction.rows
    # Without pyplot, which would change what the user's own figures are shown with.
    figure = from_extra("matplotlib.figure").Figure(
        figsize=(11, 1.9 + 0.36 * len(rows)), layout="constrained"
    )
    errors, changes = figure.subplots(1, 2, sharey=True)
    _draw_errors(errors, rows)
    _draw_changes(changes, reproduction)
    errors.set_yticks(range(len(rows)), [measured.row.name for measured in rows])
    errors.set_ylim(len(rows) - 0.5, -0.5)
    for axes in (errors, changes):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x", alpha=0.25, linewidth=0.6)
        axes.legend(
            frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2
        )
    _name(figure, reproduction)
    path = Path(folder, f"table-{reproduction.table}.png")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150)


def _name(figure, reproduction):
    networks = ", ".join(dict.fromkeys(measured.row.network for measured in reproduction.rows))
    figure.suptitle(
        f"Table {reproduction.table} on {reproduction.dataset}, {len(reproduction.seeds)} seeds: "
        f"{networks}"
    )


def _draw_errors(axes, rows):
    seeds = sorted({seed for measured in rows for seed in measured.errors})
    architectures = dict.fromkeys(measured.row.printed.architecture for measured in rows)
    for seed, architecture in itertools.product(seeds, architectures):
        points = [
            (measured.errors[seed], y)
            for y, measured in enumerate(rows)
            if seed in measured.errors and measured.row.printed.architecture == architecture
        ]
        label = (
            "one seed" if (seed, architecture) == (seeds[0], next(iter(architectures))) else None
        )
        axes.plot(
            *np.transpose(points or [(np.nan, 0)]), "o-", color="0.7", ms=3, lw=0.7, label=label
        )
    measured = [(y, each) for y, each in enumerate(rows) if each.mean is not None]
    means = [each.mean for _, each in measured]
    deviations = [each.deviation or 0 for _, each in measured]
    _bars(axes, means, [y for y, _ in measured], deviations, "mean ± standard deviation")
    axes.set_xlabel("top-1 error, %")


def _draw_changes(axes, reproduction):
    axes.axvline(0, color="0.4", linewidth=0.8)
    changed = [
        (y, difference, reproduction.printed_difference(measured))
        for y, measured in enumerate(reproduction.rows)
        if (difference := reproduction.difference(measured)) is not None
    ]
    places, ours, printed = zip(*changed, strict=True) if changed else ((), (), ())
    reaches = [0 if each.low is None else each.high - each.mean for each in ours]
    label = f"ours, on {reproduction.dataset}, 95 % interval"
    _bars(axes, [each.mean for each in ours], places, reaches, label)
    axes.plot(printed, places, "D", color=_PAPER, fillstyle="none", label="the paper's, CIFAR-100")
    axes.set_xlabel("change from the baseline, points")


def _bars(axes, values, places, reaches, label):
    axes.errorbar(values, places, xerr=reaches, fmt="o", color=_OURS, capsize=3, label=label)
