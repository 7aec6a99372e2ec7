"""From documents to bytes, and from parameters to forms, as a Rails 2.3 application writes and reads them.

Layout and order are those of recorded answers. An empty value is `<x></x>`. Source: R-28.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from gateway.spi.findings import Finding
from gateway.wire.rails.builder import INSTRUCT, decimal_to_s, escape
from gateway.wire.rails.parameters import Parameters
from schemas.invoicexpress.documents import ClientForm, Document, DocumentForm, Event, Item, ItemForm, State, StateForm

STATE_ROOT: Final = "invoice"
"""A root of change-state requests that every type of document takes beside its own. Source: R-32."""
_STEP: Final = b"  "
_STATE: Final = INSTRUCT + (
    b"<%b>\n  <id>%d</id>\n  <type>%b</type>\n  <sequence_number>%b</sequence_number>\n  <state>%b</state>\n%b</%b>\n"
)


class Detail(enum.Enum):
    """How much of a document an answer shows. Source: R-28.

    CREATED: the legacy generation leaves out `archived`, the timeline and the amounts of items.
    LISTED: everything but the timeline.
    WHOLE: everything.
    """

    CREATED = enum.auto()
    LISTED = enum.auto()
    WHOLE = enum.auto()


def read_document_form(parameters: Parameters, root: str) -> DocumentForm | None:
    """The form of a create or update request; None when its root is missing or misnamed, or has no children."""
    content = parameters.get(root)
    return DocumentForm.model_validate(content) if isinstance(content, dict) else None


def state_root(parameters: Parameters, own_root: str) -> str:
    """The root of a change-state request: the first one with children that the type of document takes. Source: R-32."""
    roots = (name for name in parameters if name in {STATE_ROOT, own_root} and isinstance(parameters[name], dict))
    return next(roots, STATE_ROOT)


def read_state_form(parameters: Parameters, root: str) -> StateForm:
    """The form of a change-state request. A missing or misnamed root counts as one without children."""
    content = parameters.get(root)
    return StateForm.model_validate(content) if isinstance(content, dict) else StateForm()


def document_findings(parameters: Parameters, root: str, model: type[BaseModel]) -> Iterator[tuple[Finding, str]]:
    """What the vendor ignores in silence: other roots, and elements that are no field. Source: R-26."""
    yield from ((Finding.UNKNOWN_ELEMENT, name) for name in parameters if name != root)
    content = parameters.get(root)
    if not isinstance(content, dict):
        return
    yield from _unknown(content, model, {"id"})
    if model is DocumentForm:
        yield from _unknown(content.get("client"), ClientForm, {"id"})
        items = content.get("items")
        for item in items if isinstance(items, list) else ():
            yield from _unknown(item, ItemForm, {"id"})


def _unknown(content: Any, model: type[BaseModel], tolerated: set[str]) -> Iterator[tuple[Finding, str]]:
    known = model.model_fields.keys() | tolerated
    for name in content if isinstance(content, dict) else ():
        if name not in known:
            yield Finding.UNKNOWN_ELEMENT, name


# --- writing ----------------------------------------------------------------------------------------------------------


def _text(name: bytes, value: str | None) -> bytes:
    return b"<%b>%b</%b>" % (name, escape(value) if value else b"", name)


def _amount(name: bytes, value: Decimal | None) -> bytes:
    return b"<%b>%b</%b>" % (name, b"" if value is None else decimal_to_s(value), name)


def _nested(name: bytes, children: Iterable[bytes], attributes: bytes = b"") -> list[bytes]:
    return [b"<%b%b>" % (name, attributes), *(_STEP + child for child in children), b"</%b>" % name]


def _joined(lines: Iterable[bytes], indent: bytes = b"") -> bytes:
    return b"".join(indent + line + b"\n" for line in lines)


class DocumentWriter:
    """Writes documents in the shape of a generation."""

    def __init__(self, is_v1: bool) -> None:
        self._is_v1 = is_v1

    def one(self, document: Document, root: str, detail: Detail) -> bytes:
        """One document."""
        return INSTRUCT + _joined(self._document(document, root.encode(), detail))

    def page(self, documents: Iterable[Document], root: str, item_root: str, head: bytes, tail: bytes) -> bytes:
        """A page of a list.

        head, tail: what stands before and after the documents.
        """
        name, own = root.encode(), item_root.encode()
        body = b"".join(_joined(self._document(document, own, Detail.LISTED), _STEP) for document in documents)
        return INSTRUCT + b'<%b type="array">\n' % name + head + body + tail + b"</%b>\n" % name

    def _document(self, document: Document, root: bytes, detail: Detail) -> list[bytes]:
        is_short = detail is Detail.CREATED and not self._is_v1
        lines = [b"<id>%d</id>" % document.id, _text(b"status", document.status)]
        if not is_short:
            lines.append(b"<archived>false</archived>")
        lines += [_text(b"type", document.type), _text(b"sequence_number", document.sequence_number)]
        if document.inverted_sequence_number is not None:
            lines.append(_text(b"inverted_sequence_number", document.inverted_sequence_number))
        if document.sequence_id is not None:
            lines.append(b"<sequence_id>%d</sequence_id>" % document.sequence_id)
        lines += [
            _date(b"date", document),
            _date(b"due_date", document),
            _text(b"reference", document.reference),
            _text(b"observations", document.observations),
            _amount(b"retention", document.retention),
            _text(b"permalink", document.permalink),
            *_nested(b"client", (_text(name.encode(), str(value)) for name, value in document.client.items())),
            _text(b"currency", document.currency),
            *_nested(b"items", self._items(document.items, is_short), b' type="array"'),
            _amount(b"sum", document.sum),
            _amount(b"discount", document.discount),
            _amount(b"before_taxes", document.before_taxes),
            _amount(b"taxes", document.taxes),
            _amount(b"total", document.total),
        ]
        if detail is Detail.WHOLE or (detail is Detail.CREATED and self._is_v1):
            lines += _nested(b"invoice_timeline", self._events(document.timeline), b' type="array"')
        return _nested(root, lines)

    def _items(self, items: Iterable[Item], is_short: bool) -> Iterator[bytes]:
        for item in items:
            yield from _nested(b"item", _item_lines(item, is_short))

    def _events(self, events: Iterable[Event]) -> Iterator[bytes]:
        """The timeline. Day and hour have a type in the legacy generation. Source: R-36."""
        day, hour = (b"", b"") if self._is_v1 else (b' type="date"', b' type="time"')
        for event in events:
            lines = [
                _text(b"type", event.type),
                b"<date%b>%b</date>" % (day, event.at.strftime("%d/%m/%Y").encode()),
                b"<time%b>%b</time>" % (hour, event.at.strftime("%H:%M").encode()),
                _text(b"user", event.user),
            ]
            yield from _nested(b"event", lines)


def _date(name: bytes, document: Document) -> bytes:
    value = document.date if name == b"date" else document.due_date
    return _text(name, None if value is None else f"{value:%d/%m}/{value.year:04}")


def _item_lines(item: Item, is_short: bool) -> list[bytes]:
    tax = [] if item.tax.id is None else [b"<id>%d</id>" % item.tax.id]
    lines = [
        _text(b"name", item.name),
        _text(b"description", item.description),
        _amount(b"unit_price", item.unit_price),
        _text(b"unit", item.unit),
        _amount(b"quantity", item.quantity),
        *_nested(b"tax", [*tax, _text(b"name", item.tax.name), _amount(b"value", item.tax.value)]),
        _amount(b"discount", item.discount),
    ]
    if is_short:
        return lines
    return [
        *lines,
        _amount(b"subtotal", item.subtotal),
        _amount(b"tax_amount", item.tax_amount),
        _amount(b"discount_amount", item.discount_amount),
        _amount(b"total", item.total),
    ]


def write_state(state: State, root: str) -> bytes:
    """What change-state answers. Source: R-33."""
    name = root.encode()
    message = b"" if state.message is None else _STEP + _text(b"message", state.message) + b"\n"
    number = escape(state.sequence_number)
    return _STATE % (name, state.id, escape(state.type), number, escape(state.state), message, name)


def page_elements(page: int, pages: int, entries: int, per_page: int) -> bytes:
    """What stands after the documents of a page of invoices. Source: R-37."""
    numbers = ((b"current_page", page), (b"total_pages", pages), (b"total_entries", entries), (b"per_page", per_page))
    return _joined((b"<%b>%d</%b>" % (name, number, name) for name, number in numbers), _STEP)


def page_results(page: int, shown: int, entries: int) -> bytes:
    """What stands before the documents of a page of credit or debit notes. Source: R-37."""
    numbers = ((b"current_page", page), (b"entries", shown), (b"total_entries", entries))
    return _joined(_nested(b"results", (b"<%b>%d</%b>" % (name, number, name) for name, number in numbers)), _STEP)
