"""What the pages for people share: one HTML document each, in one style, that loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --get: #0a7d55; --post: #1f6feb; --put: #a35c00;
--patch: #8250df; --delete: #c93c37; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem 1.25rem 4rem; }
body.wide { max-width: 90rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
nav a { margin-right: .8rem; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .35rem .7rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } pre { background: var(--soft); overflow: auto; padding: .6rem; }
.verb { border-radius: 4px; color: #fff; display: inline-block; font: 600 12px/1.6 ui-monospace, monospace;
margin-right: .5rem; padding: 0 .4rem; text-align: center; width: 4rem; }
.get { background: var(--get); } .post { background: var(--post); } .put { background: var(--put); }
.patch { background: var(--patch); } .delete { background: var(--delete); }
table { border-collapse: collapse; width: 100%; } td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem;
text-align: left; vertical-align: top; } th { font-weight: 600; } td:first-child { white-space: nowrap; }
.wide td:first-child { white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 40rem) { td:first-child { white-space: normal; } }
"""


def document(title: str, parts: Iterable[str], *, wide: bool = False) -> str:
    """A whole page.

    title: as text.
    parts: as HTML.
    wide: for a page with a wide table.
    """
    head = [
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body{' class=wide' if wide else ''}>",
        f"<h1>{escape(title)}</h1>",
    ]
    return "\n".join([*head, *parts, "</body></html>"])


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table.

    heads: as text.
    rows: cells as HTML.
    """
    yield f"<table><tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"
    yield from (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    yield "</table>"
