"""The README's Python blocks run as they stand, and its numbers are those of the package."""

import json
import re
from pathlib import Path

import pytest

import keras_bam
from keras_bam import applications

README = Path(__file__).resolve().parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
PAGE = (README.parent / "docs/detection.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT + PAGE, re.DOTALL)
COUNTS = re.findall(r"^\| `(\w+)`.*?\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", TEXT, re.MULTILINE)


def test_first_code_comes_early():
    assert TEXT.splitlines().index("```python") < 25


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS)
def test_block(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, str(README), "exec"), {})


@pytest.mark.once
@pytest.mark.slow
def test_blocks_that_need_a_network():
    """They run without their downloads, after the block that imports."""
    imports = next(block for block in BLOCKS if "keras_bam.insert" in block)
    for block in re.findall(r"```python needs-network\n(.*?)```", TEXT, re.DOTALL):
        assert 'weights="imagenet"' in block
        exec(imports + block.replace('weights="imagenet"', "weights=None"), {})


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize("name, plain, bam, se", COUNTS)
def test_counts(name, plain, bam, se):
    classes = {"classes": 100} if name.startswith("Cifar") else {}
    for attention, count in ((None, plain), ("bam", bam), ("se", se)):
        model = applications.build(name, attention=attention, **classes)
        assert keras_bam.complexity(model).parameters == int(count.replace(",", ""))


LATENCIES = (  # columns of the README, keys of benchmarks/results/inference.json
    "{0}: ours, BAM to plain",
    "{0}: ours, stride in the 3x3, BAM to plain",
    "{0}: peer, BAM to plain",
    "{0}: BAM, ours to peer",
)


@pytest.mark.parametrize("runtime", ["TFLite", "ONNX Runtime", "OpenVINO"])
def test_latencies(runtime):
    measured = json.loads((README.parent / "benchmarks/results/inference.json").read_text())
    (row,) = re.findall(rf"^\| {runtime}(?: \(\w+\))? (\|.* \d\.\d\d .*\|)$", TEXT, re.MULTILINE)
    shown = [cell.strip() for cell in row.strip("|").split("|")]
    ratios = [measured["ratios"].get(key.format(runtime)) for key in LATENCIES]
    assert shown == ["no file" if ratio is None else f"{ratio:.2f}" for ratio in ratios]


def test_there_is_something_to_test():
    assert len(BLOCKS) >= 2 and len(COUNTS) >= 2
