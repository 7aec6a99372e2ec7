"""What MkDocs calls while it builds: adds the pages that are made or mounted, and renders each page (ADR-69)."""

from __future__ import annotations

import logging
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs.generate.mounting import PAGES, ROOT, mounted, page_text, with_links
from docs.generate.pages import dialect_pages, made
from docs.generate.rendering import rendered

log: Final = logging.getLogger("mkdocs.hooks.docs")  # with `strict`, a warning of MkDocs fails the build
_DIALECTS: Final = "Dialects"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill the section of dialects in the table of contents: those that are installed."""
    _fill(config.nav)
    return config


def _fill(entries: Any) -> None:
    for entry in entries if isinstance(entries, list) else ():
        for name, inner in entry.items() if isinstance(entry, dict) else ():
            if name == _DIALECTS:
                entry[name] = dialect_pages()
            else:
                _fill(inner)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are not in `docs/pages`."""
    for source, page in mounted().items():
        if page.endswith(".md"):
            files.append(File.generated(config, page, content=page_text(source)))
        else:
            files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    for page, text in made().items():
        files.append(File.generated(config, page, content=text()))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Change links and blocks of one page."""
    places = mounted()
    target = page.file.src_uri
    sources = {shown: source for source, shown in places.items()}
    source = sources.get(target, PAGES + target)
    return rendered(with_links(markdown, source, target, places, log.warning))
