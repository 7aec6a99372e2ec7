"""The documentation is built with every link checked, and its pages load nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from docs.generate.mounting import PAGES, ROOT, mounted
from docs.generate.pages import made
from tests.processes import clean_environment
from tests.skips import require_or_skip

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data", "form": "action"}
SHOWN_LINKS = {"canonical", "next", "prev"}


class Loads(HTMLParser):
    """Collects what a browser would load for a page, and text that Markdown should have changed."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.classes: set[str] = set()
        self.raw: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.classes |= set((given.get("class") or "").split())
        if tag in LOADED:
            self.addresses.append(given.get(LOADED[tag]) or "")
        if tag == "link" and not SHOWN_LINKS & set((given.get("rel") or "").split()):
            self.addresses.append(given.get("href") or "")
        if tag in {"p", "code", "pre", "script", "style", "li", "td"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            del self._inside[len(self._inside) - 1 - self._inside[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        where = self._inside[-1] if self._inside else ""
        if where in {"p", "li", "td"} and re.search(r"\]\(|^- |\n- |\*\*|^\||```", data):
            self.raw.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    if importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("material") is None:
        require_or_skip("mkdocs-material", "the documentation is built with it; `make .venv/.docs` installs it")
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--config-file", "docs/mkdocs.yml", "--site-dir", str(folder)],
        cwd=ROOT,
        env=clean_environment(NO_MKDOCS_2_WARNING="1", PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> Mapping[str, Loads]:
    """Every page of the site by its path."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        found[path.relative_to(site).as_posix()] = loads = Loads()
        loads.feed(path.read_text(encoding="utf-8"))
    return found


def test_every_page_is_there(pages: Mapping[str, Loads]) -> None:
    written = {path.relative_to(ROOT / PAGES).as_posix() for path in (ROOT / PAGES).rglob("*.md")}
    wanted = written | set(made()) | {page for page in mounted().values() if page.endswith(".md")}
    assert {page.removesuffix(".md") + ".html" for page in wanted} | {"404.html"} == set(pages)


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: Mapping[str, Loads]) -> None:
    assert {
        page: [one for one in own.addresses if "//" in one]
        for page, own in pages.items()
        if any("//" in one for one in own.addresses)
    } == {}
    assert not [page for page, own in pages.items() if any("mermaid" in name for name in own.classes)]
    for sheet in site.rglob("*.css"):
        loaded = re.findall(r"(?:url\(|@import\s*)[\"']?([^\"')\s]+)", sheet.read_text(encoding="utf-8"))
        assert not [address for address in loaded if re.match(r"https?:|//", address)], sheet.name


def test_all_markdown_has_become_something(pages: Mapping[str, Loads]) -> None:
    assert {page: own.raw for page, own in pages.items() if own.raw} == {}


def test_the_search_knows_what_is_made(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = {entry["location"]: entry["text"] for entry in index["docs"]}
    assert any("assert_gapless" in text for place, text in texts.items() if place.startswith("reference/pytest.html"))
    assert (site / "search" / "search_index.js").is_file()
    assert (site / "assets" / "iframe-worker.js").is_file()


def test_what_breaks_a_build() -> None:
    config = yaml.safe_load((ROOT / "docs/mkdocs.yml").read_text(encoding="utf-8"))
    assert config["strict"] is True
    assert config["theme"]["font"] is False
    assert set(config["validation"]["links"].values()) == {"warn"}
    assert set(config["validation"]["links"]) >= {"not_found", "anchors", "absolute_links", "unrecognized_links"}
    assert config["validation"]["nav"]["omitted_files"] == "warn"
