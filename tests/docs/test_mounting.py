"""Pages of the repository in the documentation: where they are, and where their links lead."""

from __future__ import annotations

import posixpath
import re
import subprocess

import pytest

from docs.generate.markdown import code, prose, table
from docs.generate.mounting import FENCED, PAGES, ROOT, mounted, page_text, with_links
from docs.generate.pages import dialect_pages, made
from docs.generate.rendering import rendered
from gateway.spi.registry import installed_adapters
from tests.docs.commands import agrees, steps

PLACES = mounted()


def linked(text: str, source: str, target: str) -> tuple[str, list[str]]:
    said: list[str] = []
    return with_links(text, source, target, PLACES, said.append), said


@pytest.mark.parametrize(
    ("source", "target", "link", "shown"),
    [
        ("README.md", "index.md", "[a](gateway/README.md)", "[a](explanation/map.md)"),
        ("README.md", "index.md", "[a](docs/pages/how-to/postgresql.md#x)", "[a](how-to/postgresql.md#x)"),
        ("gateway/README.md", "explanation/map.md", "[a](DECISIONS.md)", "[a](decisions.md)"),
        (
            "gateway/README.md",
            "explanation/map.md",
            "[a](../adapters/resurs/README.md#facts)",
            "[a](../reference/dialects/resurs-facts.md#facts)",
        ),
        ("docs/pages/how-to/postgresql.md", "how-to/postgresql.md", "[a](production.md)", "[a](production.md)"),
        ("docs/pages/how-to/postgresql.md", "how-to/postgresql.md", "[a](../../../README.md)", "[a](../index.md)"),
        (
            "docs/pages/explanation/speed.md",
            "explanation/speed.md",
            "![a](../../../tests/bench/results/peers.png)",
            "![a](bench/results/peers.png)",
        ),
        ("README.md", "index.md", "[`rules`](gateway/core/rules.py)", "`rules`"),
        ("README.md", "index.md", "[a](https://example.com/b) [c](#d)", "[a](https://example.com/b) [c](#d)"),
        (
            "README.md",
            "index.md",
            "```sh\n[a](gateway/README.md)\n```\n[a](CHANGELOG.md)",
            "```sh\n[a](gateway/README.md)\n```\n[a](reference/changelog.md)",
        ),
    ],
)
def test_links_lead_to_the_page(source: str, target: str, link: str, shown: str) -> None:
    assert linked(link, source, target) == (shown, [])


def test_a_link_that_leads_nowhere_is_named() -> None:
    assert linked("[a](gateway/REDME.md)", "README.md", "index.md") == (
        "a",
        ["README.md links to gateway/REDME.md, which is not there"],
    )


def test_links_work_in_the_repository_too() -> None:
    """People read the pages there as well. Only pages that are made have no file."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    wrong = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        if not (ROOT / name).is_file():
            continue
        for link in re.findall(r"\]\(([^()\s#]+)[^()\s]*\)", FENCED.sub("", (ROOT / name).read_text(encoding="utf-8"))):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
            is_made = path.removeprefix(PAGES) in made() and path.startswith(PAGES)
            if ":" not in link and not is_made and not (ROOT / path).exists():
                wrong.append(f"{name}: {link}")
    assert not wrong


def test_every_dialect_has_its_pages() -> None:
    found = {name: pages for each in dialect_pages() for name, pages in each.items()}
    assert set(found) == set(installed_adapters())
    for name, pages in found.items():
        paths = [f"reference/dialects/{name}{ending}.md" for ending in ("", "-facts", "-sources")]
        rooms = sorted(path.parent.name for path in (ROOT / "adapters" / name).glob("*/README.md"))
        paths += [f"reference/dialects/{name}-{room}-facts.md" for room in rooms]
        assert [path for page in pages for path in page.values()] == paths
        assert len({title for page in pages for title in page}) == len(pages)
    assert page_text("compose.yaml").startswith("# compose.yaml\n\n```yaml\n")


def test_a_diagram_becomes_a_table() -> None:
    page = 'a\n\n```mermaid\nflowchart TD\n    main["__main__"] --> cli --> server\n    server --> web & journal\n```\n\nb\n'
    shown = rendered(page)
    assert "| `__main__` | `cli` |" in shown
    assert "| `server` | `web`, `journal` |" in shown
    assert "mermaid" not in shown
    assert rendered("```output\nx\n```") == "```text\nx\n```"


def test_text_means_nothing_to_markdown() -> None:
    assert prose("a_b *c* <d> [e] `x|y` f|g") == r"a\_b \*c\* &lt;d&gt; \[e\] <code>x&#124;y</code> f&#124;g"
    assert code("") == ""
    assert table(("a",), []) == []


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\n", "a", True),
        ("a…c\n", "a\nb\nc\n", True),
        ("…b…\n", "a b c", True),
        ("a…c\n", "a\nb\n", False),
        ("a.c\n", "abc", False),
        ("a  \nb", "a\nb  ", True),
    ],
)
def test_what_agrees_with_a_page(expected: str, printed: str, same: bool) -> None:
    assert agrees(expected, printed) is same


def test_the_steps_of_a_page() -> None:
    page = (
        "```sh\none\n```\n\n```output\n1\n```\n\n<!-- not run: why -->\n```bash\ntwo\n```\n"
        '```yaml title="a.yaml"\nb: c\n```\n```python\nx\n```\n'
    )
    found = steps(page)
    assert [(step.file, step.text, step.expected, step.why_not) for step in found] == [
        ("", "one\n", "1\n", ""),
        ("", "two\n", None, "why"),
        ("a.yaml", "b: c\n", None, ""),
    ]
