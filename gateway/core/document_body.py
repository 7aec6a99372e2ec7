"""A document's lines and extras as one text, which stores keep beside what a document can be searched by (ADR-64).

    2 <highest line id> <characters of the extras>⏎
    <extras as JSON><lines as JSON>

Each half stays text until somebody asks for something in it. So a document that is only listed, numbered or moved to another
state is not decoded, and a half that nobody changed is written as it was read. A text that begins with `{` is the first
form, one JSON object. It is read, and becomes the second form when its document is saved again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from gateway.core import extras
from gateway.core.documents import Document, Line, LineId, LineKind
from gateway.core.kept import KeptMapping, KeptSequence

_FORM: Final = "2"
_FIRST_FORM: Final = "{"
_LINE_KIND: Final = {kind.value: kind for kind in LineKind}


class Body(NamedTuple):
    """What a text holds."""

    last_line: LineId
    extras: Mapping[str, Any]
    lines: Sequence[Line]


def written(document: Document) -> str:
    """The text of a document. Raises ValueError when its extras cannot be kept."""
    own, lines = document.extras, document.lines
    own_text = own.text if isinstance(own, KeptMapping) else extras.encode(own)
    lines_text = lines.text if isinstance(lines, KeptSequence) else extras.encode([_row(line) for line in lines])
    return f"{_FORM} {document.last_line} {len(own_text)}\n{own_text}{lines_text}"


def read(text: str) -> Body:
    """What a text holds, not decoded yet. Raises ValueError for a form that this version does not know."""
    if text.startswith(_FIRST_FORM):
        body = extras.decode(text)
        return Body(body["last_line"], body["extras"], _lines_of(body["lines"]))
    start = text.index("\n") + 1
    form, last_line, length = text[:start].split(" ")
    if form != _FORM:
        raise ValueError(f"a document of form {form!r}, which this version cannot read")
    end = start + int(length)
    return Body(LineId(int(last_line)), KeptMapping(text[start:end], extras.decode), KeptSequence(text[end:], _decoded))


def _row(line: Line) -> tuple[Any, ...]:
    return (
        line.id,
        line.position,
        line.kind.value,
        line.product,
        line.description,
        str(line.quantity),
        str(line.unit_price),
        str(line.discount_percent),
        str(line.vat_rate),
        line.extras,
    )


def _decoded(text: str) -> tuple[Line, ...]:
    return _lines_of(extras.decode(text))


def _lines_of(rows: Iterable[Sequence[Any]]) -> tuple[Line, ...]:
    return tuple([_line(row) for row in rows])


def _line(row: Sequence[Any]) -> Line:
    own, position, kind, product, description, quantity, price, discount, vat, more = row
    return Line(
        description,
        Decimal(quantity),
        Decimal(price),
        Decimal(discount),
        Decimal(vat),
        product,
        _LINE_KIND[kind],
        position,
        own,
        more,
    )
