"""Pieces of Markdown: cells, code, tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final

_CODE: Final = re.compile(r"(`[^`]+`)")
_SPECIAL: Final = re.compile(r"([*_|\[\]])")


def code(text: str) -> str:
    """Text as code, also in the cell of a table."""
    if "`" in text or "|" in text:
        return f"<code>{html.escape(text, quote=False).replace('|', '&#124;').replace('`', '&#96;')}</code>"
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Text for people, on one line. What stands in backticks stays code, and nothing else means anything to Markdown."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(code(part[1:-1]) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", html.escape(text, quote=False)).replace("\\|", "&#124;")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table and an empty line, without columns that no row fills. Nothing when there are no rows."""
    filled = [column for column in zip(head, *rows, strict=True) if any(column[1:])]
    if not filled:
        return []
    names, *lines = (f"| {' | '.join(row)} |" for row in zip(*filled, strict=True))
    return [names, "|---" * len(filled) + "|", *lines, ""]


def page(title: str, intro: str, *parts: Iterable[str]) -> str:
    """A whole page."""
    return "\n".join([f"# {title}", "", intro, "", *(line for part in parts for line in part)]).rstrip() + "\n"
