"""The paper's tables against exact counts that were made without this package.

`facts/paper_counts.csv` has, for every row, the parameters in three layouts of batch norm and the
multiply-adds in units of 1e9; those of MobileNet at 192x192 are known to five decimals.
"""

import csv
from pathlib import Path

import pytest

import keras_bam
from keras_bam import paper, paper_report
from keras_bam.layers import BAM

pytestmark = pytest.mark.once

with Path(__file__).with_name("facts").joinpath("paper_counts.csv").open(newline="") as file:
    FACTS = list(csv.DictReader(file))
ROWS = list(zip(paper.rows(), FACTS, strict=True))
# The same network stands in several tables; one row of each is enough for the long check.
WITH_BAM = {row.network + row.attention + row.after: pair for pair in ROWS if (row := pair[0])}
WITH_BAM = [(row, fact) for row, fact in WITH_BAM.values() if fact["official"]]


def known(row):
    return f"{row.table} {row.architecture} {row.variant}".replace(" ", "-")


def test_rows_are_the_papers():
    assert len(ROWS) == 84
    for row, fact in ROWS:
        assert (row.table, row.architecture, row.variant, str(row.size)) == (
            fact["table"],
            fact["architecture"],
            fact["variant"],
            fact["size"],
        )


@pytest.mark.slow
@pytest.mark.parametrize("row, fact", ROWS, ids=[known(row) for row, _ in ROWS])
def test_counts(row, fact):
    counts = paper.count(row)
    numbers = ["" if n is None else str(n) for n in (counts.paper, counts.official, counts.third)]
    assert numbers == [fact["paper"], fact["official"], fact["third"]]
    assert counts.multiply_adds / 1e9 == pytest.approx(float(fact["multiply_adds_g"]), abs=4e-6)


@pytest.mark.slow
@pytest.mark.parametrize("row, fact", WITH_BAM, ids=[known(row) for row, _ in WITH_BAM])
def test_official_form_as_built(row, fact):
    counted = keras_bam.complexity(row.build(form="official"))
    assert counted.parameters == int(fact["official"])


@pytest.mark.slow
@pytest.mark.parametrize("row", paper.rows(), ids=known)
def test_a_reason_stands_where_the_printed_figures_differ(row):
    counts = paper.count(row)
    layouts = counts.layouts_as_printed(row)
    parameters_differ = bool(row.parameters) and "paper" not in layouts
    assert bool(row.reason) == (parameters_differ or counts.multiply_adds_as_printed(row) is False)


@pytest.mark.slow
def test_the_page_of_the_docs_is_current():
    page = Path(__file__).parent.parent / "docs" / "paper-tables.md"
    text = page.read_text(encoding="utf-8")
    assert paper_report.as_markdown() in text
    assert paper_report.summary() in text


# networks.md of the project's facts, section 2: layouts of one BAM, r = 16.
@pytest.mark.parametrize(
    "channels, by_layout",
    [(64, (1_271, 1_173, 1_429)), (216, (12_182, 11_852, 12_716)), (512, (69_283, 68_513, 70_561))],
)
def test_parameters_of_one_bam(channels, by_layout):
    layer = BAM(kernel_initializer="zeros")
    layer.build((None, 8, 8, channels))
    layouts = ("paper", "official", "third")
    assert tuple(paper.bam_parameters(layer, channels, layout) for layout in layouts) == by_layout


# The rule of networks.md, section 1: three decimals half up, then two.
@pytest.mark.parametrize(
    "number, like, text",
    [
        (2_434_670_000, "2.44", "2.44"),
        (4_984_710_000, "0.00", "4.99"),
        (244_524_132, "0.245", "0.245"),
        (9_901_619_000, "9.9", "9.9"),
        (23_705_252, "23.71M", "23.71M"),
        (23_401_012, "23.4M", "23.4M"),
    ],
)
def test_rounding(number, like, text):
    assert paper.printed(number, like) == text
