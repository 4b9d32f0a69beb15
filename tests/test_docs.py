"""The pages' code runs as it stands, and the pages take other files' sections as they mean to."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from keras_bam import cli
from keras_bam.training.config import read_config

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(ROOT.glob("docs/**/*.md"))
README = ROOT / "README.md"
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (path.name, kind, code)
    for path in [README, *PAGES]
    for kind, code in FENCE.findall(path.read_text(encoding="utf-8"))
]
# Equations, a citation, and files for a cluster that is not at hand.
NOT_OURS = ("text", "yaml")


def blocks(kind, pages=True):
    chosen = [
        block for block in BLOCKS if block[1] == kind and not (pages and "README" in block[0])
    ]
    return pytest.mark.parametrize("page, kind, code", chosen, ids=[name for name, *_ in chosen])


def commands():
    """Each `keras-bam ...` of the README and the pages, whole, with the page's name."""
    for path in [README, *PAGES]:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(
            r"^ *(?:KERAS_BACKEND=\w+ )?keras-bam ([a-z].+)$", text, re.MULTILINE
        ):
            yield pytest.param(line, id=f"{path.stem}: {line[:40]}")


@pytest.fixture(scope="module")
def sections():
    spec = importlib.util.spec_from_file_location("sections", ROOT / "docs" / "sections.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@blocks("python")
def test_python_runs(page, kind, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, page, "exec"), {})


@blocks("python needs-network")
def test_python_that_needs_a_network_is_python(page, kind, code):
    compile(code, page, "exec")


@blocks("toml", pages=False)
def test_toml_is_a_config(page, kind, code, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(code)
    read_config(path)


@pytest.mark.parametrize("line", commands())
def test_commands_are_ours(line):
    cli._parser().parse_args(shlex.split(line, comments=True))


def test_every_block_is_of_a_kind_that_is_tested():
    kinds = {kind for _, kind, _ in BLOCKS}
    assert kinds - {"python", "python needs-network", "toml", "", *NOT_OURS} == set()
    assert len(list(commands())) > 20


def test_a_section_of_the_readme(sections):
    found = sections.on_page_markdown("# Networks\n\n{{ README: Networks }}\n")
    assert found.startswith("# Networks\n\n| family | names") and "## " not in found
    assert "[paper tables](paper-tables.md)" in found and "docs/" not in found


def test_the_top_of_the_readme(sections):
    found = sections.on_page_markdown("{{ README }}")
    assert "pip install" in found and not found.startswith("#")


def test_a_whole_file(sections):
    found = sections.on_page_markdown("{{ CHANGELOG: * }}")
    assert found.startswith("## 0.1.0") and "- `keras_bam.complexity`" in found


def test_links_to_files_that_are_no_pages(sections):
    found = sections.section("README", "Training")
    assert "rows of `recipes.py`" in found and "![Losses of one run on three" in found
    assert not re.search(r"\]\((?!https?:|\w[\w-]+\.(md|png))", found)


def test_links_from_a_page_to_code(sections):
    assert sections.on_page_markdown("[`a.py`](../a.py), [b](b.md)") == "`a.py`, [b](b.md)"


def test_the_mark_of_a_network_is_for_tests_alone(sections):
    text = sections.on_page_markdown("```python needs-network\ncode\n```")
    assert text == "```python\ncode\n```"


def test_a_section_that_there_is_not(sections):
    with pytest.raises(ValueError, match="README.md has no section 'Trainin'; it has Two commands"):
        sections.on_page_markdown("{{ README: Trainin }}")
