"""The paper's table with ours beside it, as Markdown, CSV and JSON."""

import csv
import dataclasses
import io
import json
from pathlib import Path

from keras_bam.files import write_text
from keras_bam.training.recipes import RECIPES
from keras_bam.training.versions import versions

_HEADER = (
    "architecture",
    "variant",
    "parameters, printed",
    "parameters",
    "G multiply-adds, printed",
    "G multiply-adds",
    "error %, printed",
    "error %",
    "change, printed",
    "change [95 % interval]",
    "pairs",
    "seconds a run",
)
_NOTES = """\
"Printed" is what the paper has, on CIFAR-100 with the network of that name. Error is top-1 on the
test images after the last epoch, mean and sample standard deviation over the seeds; nothing is
chosen by the test images. Change is the error less that of the baseline of the same seed, whose
shared layers start alike and which sees the same images in the same order: mean and 95 % interval
by Student's t over the pairs. It covers chance between seeds, not that between test sets or between
ways of training."""


def write(reproduction, folder):
    """Writes `table-1b.md`, `.csv` and `.json`, with the table's name, into `folder`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder, f"table-{reproduction.table}")
    write_text(path.with_suffix(".md"), as_markdown(reproduction))
    write_text(path.with_suffix(".csv"), as_csv(reproduction))
    write_text(path.with_suffix(".json"), json.dumps(as_data(reproduction), indent=1) + "\n")


def as_markdown(reproduction):
    """A page: what was run, the table, and what its numbers are."""
    cells = [_cells(reproduction, measured) for measured in reproduction.rows]
    rule = ["---", "---", *["---:"] * (len(_HEADER) - 2)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in (_HEADER, rule, *cells))
    parts = (
        f"# Table {reproduction.table} on {reproduction.dataset}",
        _what_was_run(reproduction),
        table,
        f"{_NOTES}\n{_verdict(reproduction)}",
        *map(_made_with, reproduction.versions),
    )
    return "\n\n".join(parts) + "\n"


def as_csv(reproduction):
    """A line a row, numbers in full; what is not known is empty."""
    lines = [_numbers(reproduction, measured) for measured in reproduction.rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def as_data(reproduction):
    """A dict for JSON: what was run, and each row with the errors of its seeds."""
    return {
        "table": reproduction.table,
        "dataset": reproduction.dataset,
        "training_images": reproduction.images[0],
        "test_images": reproduction.images[1],
        "seeds": list(reproduction.seeds),
        "recipes": reproduction.recipes,
        "rows": [
            {
                **_numbers(reproduction, measured),
                "errors": measured.errors,
                "diverged": measured.diverged,
            }
            for measured in reproduction.rows
        ],
        "versions": reproduction.versions,
        "table_written_with": versions(),
    }


def _numbers(reproduction, measured):
    row, difference = measured.row, reproduction.difference(measured)
    parameters, multiply_adds = measured.counts or (None, None)
    return {
        "architecture": row.printed.architecture,
        "variant": row.printed.variant,
        "network": row.network,
        "attention": row.attention,
        "after": row.after,
        "printed_parameters": row.printed.parameters or None,
        "parameters": parameters,
        "printed_g_multiply_adds": row.printed.gflops or None,
        "multiply_adds": multiply_adds,
        "printed_error": float(row.printed.error),
        "error_mean": measured.mean,
        "error_deviation": measured.deviation,
        "printed_change": reproduction.printed_difference(measured),
        **{
            f"change_{name}": value
            for name, value in (
                dataclasses.asdict(difference)
                if difference
                else dict.fromkeys(("mean", "low", "high", "pairs"))
            ).items()
        },
        "seconds_a_run": measured.seconds,
    }


def _cells(reproduction, measured):
    printed, difference = measured.row.printed, reproduction.difference(measured)
    parameters, multiply_adds = measured.counts or (None, None)
    return (
        printed.architecture,
        printed.variant,
        printed.parameters,
        "" if parameters is None else f"{parameters:,}",
        printed.gflops,
        "" if multiply_adds is None else f"{multiply_adds / 1e9:.4g}",
        printed.error,
        _error(measured),
        _signed(reproduction.printed_difference(measured)),
        _change(difference),
        str(difference.pairs if difference else ""),
        "" if measured.seconds is None else f"{measured.seconds:.1f}",
    )


def _error(measured):
    if measured.mean is None:
        shown = ""
    elif measured.deviation is None:
        shown = f"{measured.mean:.2f}"
    else:
        shown = f"{measured.mean:.2f} ± {measured.deviation:.2f}"
    lost = len(measured.diverged)
    return f"{shown} ({lost} diverged)".strip() if lost else shown


def _change(difference):
    if difference is None:
        return ""
    if difference.low is None:
        return _signed(difference.mean)
    return f"{_signed(difference.mean)} [{_signed(difference.low)}, {_signed(difference.high)}]"


def _signed(value):
    return "" if value is None else f"{value:+.2f}"


def _what_was_run(reproduction):
    train, test = reproduction.images
    seeds = len(reproduction.seeds)
    lines = [f"Images to train on: {train:,}, to test on: {test:,}; seeds: {seeds}.", ""]
    networks = {m.row.printed.architecture: m.row.network for m in reproduction.rows}
    for architecture, network in networks.items():
        fields = reproduction.recipes[network]
        changed = ", ".join(
            f"{name} {value}"
            for name, value in fields.items()
            if name != "name" and value != getattr(RECIPES[fields["name"]], name)
        )
        recipe = f"recipe `{fields['name']}`" + (f" with {changed}" if changed else "")
        lines.append(f"- {architecture}: `{network}`, {recipe}")
    return "\n".join(lines)


def _verdict(reproduction):
    found = [reproduction.difference(measured) for measured in reproduction.rows]
    intervals = [difference for difference in found if difference and difference.low is not None]
    if not intervals:
        return "A single pair gives no interval, and shows no effect."
    count = sum(difference.excludes_zero for difference in intervals)
    return (
        f"Intervals that leave out zero: {count} of {len(intervals)}; where nothing has an effect, "
        "one in twenty does so by chance."
    )


def _made_with(made):
    packages = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    return (
        f"Runs of {made['date']} on {made['backend']}, {made['device']}, {made['machine']} with "
        f"{made['cpus']} CPU cores: Python {made['python']}, {packages}."
    )
