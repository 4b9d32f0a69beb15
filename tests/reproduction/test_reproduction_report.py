import csv
import json

import pytest

from keras_bam.reproduction import report
from keras_bam.reproduction.results import MeasuredRow, Reproduction
from keras_bam.reproduction.rows import select
from keras_bam.reproduction.runs import Outcome
from keras_bam.training import recipe

pytestmark = pytest.mark.once

MADE = {
    "date": "2026-01-02",
    "backend": "jax",
    "python": "3.11",
    "packages": {"keras": "3.15"},
    "machine": "x86_64",
    "cpus": 2,
    "device": "cpu:0",
}


@pytest.fixture
def made():
    """-> a `Reproduction` of rows 1 and 6 of Table 1b with these errors."""

    def make(baseline, bam, seeds=2):
        rows = select("1b", [6], ["CifarResNetSmall"])
        outcomes = [
            {seed: Outcome(696_042, 26_289_418, e, 1.25, MADE) for seed, e in enumerate(errors)}
            for errors in (baseline, bam)
        ]
        measured = tuple(map(MeasuredRow, rows, outcomes))
        fields = {"name": "quick", **vars(recipe("quick", epochs=6))}
        recipes = {"CifarResNetSmall": fields}
        return Reproduction("1b", "digits", (1438, 359), recipes, tuple(range(seeds)), measured)

    return make


def test_markdown(made):
    text = report.as_markdown(made([5.0, 6.0], [4.0, 4.5]))
    assert text.startswith(
        "# Table 1b on digits\n\nImages to train on: 1,438, to test on: 359; seeds"
    )
    assert "- ResNet50: `CifarResNetSmall`, recipe `quick` with epochs 6\n" in text
    assert (
        "| ResNet50 | BAM both, SUM |  | 696,042 |  | 0.02629 | 20.00 | 4.25 ± 0.35 | -1.49 "
        "| -1.25 [-4.43, +1.93] | 2 | 1.2 |\n" in text
    )
    assert (
        "| ResNet50 | baseline |  | 696,042 |  | 0.02629 | 21.49 | 5.50 ± 0.71 |  |  |  | 1.2 |"
        in text
    )
    assert "Intervals that leave out zero: 0 of 1;" in text
    assert (
        "Runs of 2026-01-02 on jax, cpu:0, x86_64 with 2 CPU cores: Python 3.11, keras 3.15."
        in text
    )


def test_one_seed_and_one_that_diverged(made):
    text = report.as_markdown(made([5.0, 6.0], [4.0, None]))
    assert "| 4.00 (1 diverged) | -1.49 | -1.00 | 1 |" in text
    assert "A single pair gives no interval, and shows no effect." in text


def test_without_any_run(made):
    text = report.as_markdown(made([], []))
    assert "| ResNet50 | BAM both, SUM |  |  |  |  | 20.00 |  | -1.49 |  |  |  |" in text


def test_csv_and_json_hold_the_same_numbers(made, tmp_path):
    report.write(made([5.0, 6.0], [4.0, 4.5]), tmp_path)
    with (tmp_path / "table-1b.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    found = json.loads((tmp_path / "table-1b.json").read_text())
    assert [line["variant"] for line in lines] == ["baseline", "BAM both, SUM"]
    for line, row in zip(lines, found["rows"], strict=True):
        for name, text in line.items():
            assert text == ("" if row[name] is None else str(row[name]))
    assert found["rows"][1]["errors"] == {"0": 4.0, "1": 4.5}
    assert (found["seeds"], found["versions"]) == ([0, 1], [MADE])
    assert found["recipes"]["CifarResNetSmall"]["epochs"] == 6
    assert float(lines[1]["change_mean"]) == -1.25
