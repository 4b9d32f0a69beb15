"""A hook of mkdocs: pages take what stands in other files instead of repeating it.

`{{ README: Training }}` alone on a line stands for the text below the heading "Training" of
README.md, up to the next heading of that level, `{{ README }}` for what stands between its title
and the first of them, and `{{ CHANGELOG: * }}` for all below a title. Links into docs/ lead to the
page, those to other files of the repository lose their link, those to code on every page.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_INCLUDED = re.compile(r"^\{\{ ([\w/-]+)(?:: (.+))? \}\}$", re.MULTILINE)
_NAMED_AS_FILE = re.compile(r"\[docs/([\w-]+)\.md\](?=\(docs/)")
_TO_DOCS = re.compile(r"\]\(docs/")
_TO_OTHER_FILES = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|docs/|#)[^)]+\)")
_TO_CODE = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\.py\)")


def on_page_markdown(markdown, page=None, **_):
    """What mkdocs calls with the text of each page."""
    included = _INCLUDED.sub(lambda match: section(match[1], match[2]), markdown)
    linked = _TO_CODE.sub(r"\1", included)
    # Marked for our tests; mkdocs takes no such words.
    return linked.replace("```python needs-network", "```python")


def section(name, heading=None):
    """The text below a heading of a file, its links made those of a page.

    Raises:
        ValueError: if the file has no such heading.
    """
    text = (ROOT / f"{name}.md").read_text(encoding="utf-8").partition("\n")[2]
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    sections = {None: parts[0], "*": text, **dict(zip(parts[1::2], parts[2::2], strict=True))}
    if heading not in sections:
        raise ValueError(f"{name}.md has no section {heading!r}; it has {', '.join(parts[1::2])}")
    found = sections[heading]
    found = _NAMED_AS_FILE.sub(lambda match: f"[{match[1].replace('-', ' ')}]", found)
    return _TO_DOCS.sub("](", _TO_OTHER_FILES.sub(r"\1", found)).strip()
