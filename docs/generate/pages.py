"""All pages that are not in `docs/pages`: those made from the code, and those that stand elsewhere in the repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from docs.generate import (
    admin_api,
    command_line,
    configuration,
    dialects,
    exit_codes,
    metrics,
    pytest_plugin,
    vocabulary,
)
from docs.generate.mounting import mounted, page_text
from gateway.spi.registry import installed_adapters

DIALECTS: Final = "reference/dialects"
_ABOUT_A_DIALECT: Final = {"": "Operations and settings", "-facts": "Facts and differences", "-sources": "Sources"}
_MADE: Final[Mapping[str, Callable[[], str]]] = {
    "reference/admin-api.md": admin_api.text,
    "reference/command-line.md": command_line.text,
    "reference/configuration.md": configuration.text,
    "reference/exit-codes.md": exit_codes.text,
    "reference/metrics.md": metrics.text,
    "reference/pytest.md": pytest_plugin.text,
    "reference/words.md": vocabulary.text,
}


def made() -> Mapping[str, Callable[[], str]]:
    """The pages made from the code: path in the documentation → what makes the page."""
    shown = set(mounted().values())
    found = dict(_MADE)
    for name in sorted(installed_adapters()):
        facts = f"{name}-facts.md"
        link = facts if f"{DIALECTS}/{facts}" in shown else ""
        found[f"{DIALECTS}/{name}.md"] = partial(dialects.text, name, link)
    return found


def _about_services(name: str) -> list[tuple[str, str]]:
    """The pages of a dialect's services: title and path. The title is that of the page."""
    pattern = re.compile(rf"adapters/{name}/[^/]+/README\.md")
    sources = [(source, page) for source, page in mounted().items() if pattern.fullmatch(source)]
    return [(page_text(source).partition("\n")[0].lstrip("# "), page) for source, page in sources]


def dialect_pages() -> list[dict[str, list[dict[str, str]]]]:
    """The section of the dialects in the table of contents: for each one the title and path of its pages."""
    shown = {*made(), *mounted().values()}
    found = []
    for name in sorted(installed_adapters()):
        places = [(title, f"{DIALECTS}/{name}{ending}.md") for ending, title in _ABOUT_A_DIALECT.items()]
        found.append({name: [{title: path} for title, path in (*places, *_about_services(name)) if path in shown]})
    return found
