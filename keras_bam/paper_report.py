"""The counted tables of the paper as text and as Markdown."""

from keras_bam.paper import count, rows

HEADER = (
    "table",
    "architecture",
    "variant",
    "parameters, printed",
    "paper form",
    "official form",
    "third layout",
    "printed is",
    "G multiply-adds, printed",
    "ours",
    "equal",
    "reason",
)
_RIGHT = range(3, 10)  # columns of numbers, but for "printed is"


def as_text():
    """One line a row, in columns, and a summary."""
    cells = [HEADER, *_cells()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if number in _RIGHT and number != 7 else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([*lines, "", summary()])


def as_markdown():
    """The same as a Markdown table, without the summary."""
    rule = ["---:" if number in _RIGHT and number != 7 else "---" for number in range(len(HEADER))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEADER, rule, *_cells()))


def summary():
    """How many of the printed figures the networks have."""
    counted = [(row, count(row)) for row in rows()]
    with_parameters = [(row, counts) for row, counts in counted if row.parameters]
    equal = [bool(counts.layouts_as_printed(row)) for row, counts in with_parameters]
    paper = ["paper" in counts.layouts_as_printed(row) for row, counts in with_parameters]
    gflops = [counts.multiply_adds_as_printed(row) for row, counts in counted if row.gflops]
    return (
        f"{len(counted)} rows; of {len(equal)} printed parameter counts {sum(paper)} are those of "
        f"the paper form and {sum(equal)} those of one of the three layouts; of {len(gflops)} "
        f"printed multiply-adds {sum(gflops)} are ours."
    )


def _cells():
    for row in rows():
        counts = count(row)
        layouts = ", ".join(counts.layouts_as_printed(row))
        equal = {True: "yes", False: "no", None: ""}[counts.multiply_adds_as_printed(row)]
        yield (
            row.table,
            row.architecture,
            row.variant,
            row.parameters,
            _number(counts.paper),
            _number(counts.official),
            _number(counts.third),
            layouts if counts.official else ("equal" if layouts else ""),
            row.gflops,
            f"{counts.multiply_adds / 1e9:.6f}",
            equal,
            row.reason,
        )


def _number(value):
    return "" if value is None else f"{value:,}"
