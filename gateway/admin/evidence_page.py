"""The page for people about what is known of each operation, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any, Final

from gateway.admin.context import Services
from gateway.admin.pages import document, table
from gateway.admin.resources.evidence import evidence_of
from gateway.conformance.evidence import EVERY_OPERATION, EvidenceRow
from gateway.spi.adapter import Evidence

_HEADS: Final = ("operation", "mark", *(kind.value for kind in Evidence), "refusals", "schema", "real clients")
_MEANINGS: Final = {
    Evidence.DOCUMENTED: "the vendor's documentation says it",
    Evidence.RECORDED: "the vendor's service was seen to answer so",
    Evidence.CLIENT_DERIVED: "clients of the service rely on it",
    Evidence.INFERRED: "nobody says it; the likeliest, and a setting where that matters",
}


async def page(services: Services) -> str:
    """The whole document, with the runs that were handed in. Raises Problem."""
    rows = await evidence_of(sorted(services.installed()), services.runs.values())
    return document("What is known of each operation, and how", _parts(rows, services), wide=True)


def _parts(rows: Iterable[EvidenceRow], services: Services) -> Iterator[str]:
    yield "<p>Made from the golden cases that are installed, and from the runs of them that were handed in. There is no "
    yield "score: an operation is known as well as its own row says. Machines read <a href='v1/evidence'>v1/evidence</a>; "
    yield "the other operations of this port are on <a href='docs'>docs</a>.</p>"
    yield from table(("mark", "how it is known"), ((kind.value, escape(text)) for kind, text in _MEANINGS.items()))
    for name, own in groupby(rows, lambda row: row.dialect):
        yield from _dialect(name, list(own), services.dialects.adapters)


def _dialect(name: str, rows: list[EvidenceRow], adapters: Mapping[str, Any]) -> Iterator[str]:
    title = adapters[name].title if name in adapters else f"{name} (not served here)"
    yield f"<h2 id='{escape(name)}'>{escape(title)}</h2>"
    yield "<p>Columns named like a mark count golden cases; refusals are those among them that expect one.</p>"
    heads = (*_HEADS, "this gateway", "real service")
    yield from table(heads, (_served(row) for row in rows if row.served))
    declined = [(escape(row.operation), escape(row.note)) for row in rows if not row.served]
    if declined:
        yield f"<details><summary>{len(declined)} operations are declined</summary>"
        yield from table(("operation", "why"), declined)
        yield "</details>"


def _served(row: EvidenceRow) -> list[str]:
    name = "every operation" if row.operation == EVERY_OPERATION else row.operation
    note = f"<br>{escape(row.note)}" if row.note else ""
    note += "".join(f"<br>broken case, not counted: {escape(case.name)}" for case in row.broken)
    return [
        f"<b>{escape(name)}</b>{note}",
        row.mark,
        *(str(count) if count else "–" for count in row.cases.values()),
        str(row.negative or "–"),
        "checked" if row.contract else "–",
        escape(", ".join(row.clients)) or "–",
        escape(row.on_gateway),
        escape(row.on_service),
    ]
