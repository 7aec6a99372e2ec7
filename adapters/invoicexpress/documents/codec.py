"""From documents to bytes, and from parameters to forms, as a Rails 2.3 application writes and reads them.

Layout and order are those of recorded answers. An empty value is `<x></x>`. Source: R-28.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from gateway.spi.findings import Finding
from gateway.wire.rails.builder import INSTRUCT, decimal_to_s, escape
from gateway.wire.rails.parameters import Parameters
from schemas.invoicexpress.documents import (
    ClientForm,
    Document,
    DocumentForm,
    Event,
    Item,
    ItemForm,
    State,
    StateForm,
    Tax,
)

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


def _text(indent: bytes, name: bytes, value: str | None) -> bytes:
    return b"%b<%b>%b</%b>\n" % (indent, name, escape(value) if value else b"", name)


def _amount(indent: bytes, name: bytes, value: Decimal | None) -> bytes:
    return b"%b<%b>%b</%b>\n" % (indent, name, b"" if value is None else decimal_to_s(value), name)


def _date(indent: bytes, name: bytes, value: dt.date | None) -> bytes:
    return _text(indent, name, None if value is None else f"{value:%d/%m}/{value.year:04}")


def _nested(indent: bytes, name: bytes, children: Iterable[bytes], attributes: bytes = b"") -> bytes:
    return b"%b<%b%b>\n%b%b</%b>\n" % (indent, name, attributes, b"".join(children), indent, name)


class DocumentWriter:
    """Writes documents in the shape of a generation. Every element is written with its indent, so nothing is copied later."""

    def __init__(self, is_v1: bool) -> None:
        self._is_v1 = is_v1

    def one(self, document: Document, root: str, detail: Detail) -> bytes:
        """One document."""
        return INSTRUCT + self._document(document, root.encode(), detail, b"")

    def page(self, documents: Iterable[Document], root: str, item_root: str, head: bytes, tail: bytes) -> bytes:
        """A page of a list.

        head, tail: what stands before and after the documents.
        """
        name, own = root.encode(), item_root.encode()
        body = b"".join(self._document(document, own, Detail.LISTED, _STEP) for document in documents)
        return INSTRUCT + b'<%b type="array">\n' % name + head + body + tail + b"</%b>\n" % name

    def _document(self, document: Document, root: bytes, detail: Detail, indent: bytes) -> bytes:
        is_short = detail is Detail.CREATED and not self._is_v1
        own = indent + _STEP
        return _nested(
            indent, root, (*self._head(document, is_short, own), *self._rest(document, detail, is_short, own))
        )

    def _head(self, document: Document, is_short: bool, indent: bytes) -> Iterator[bytes]:
        yield b"%b<id>%d</id>\n" % (indent, document.id)
        yield _text(indent, b"status", document.status)
        if not is_short:
            yield b"%b<archived>false</archived>\n" % indent
        yield _text(indent, b"type", document.type)
        yield _text(indent, b"sequence_number", document.sequence_number)
        if document.inverted_sequence_number is not None:
            yield _text(indent, b"inverted_sequence_number", document.inverted_sequence_number)
        if document.sequence_id is not None:
            yield b"%b<sequence_id>%d</sequence_id>\n" % (indent, document.sequence_id)

    def _rest(self, document: Document, detail: Detail, is_short: bool, indent: bytes) -> Iterator[bytes]:
        inner = indent + _STEP
        yield _date(indent, b"date", document.date)
        yield _date(indent, b"due_date", document.due_date)
        yield _text(indent, b"reference", document.reference)
        yield _text(indent, b"observations", document.observations)
        yield _amount(indent, b"retention", document.retention)
        yield _text(indent, b"permalink", document.permalink)
        client = document.client.items()
        yield _nested(indent, b"client", [_text(inner, name.encode(), str(value)) for name, value in client])
        yield _text(indent, b"currency", document.currency)
        items = [_nested(inner, b"item", _item_lines(item, is_short, inner + _STEP)) for item in document.items]
        yield _nested(indent, b"items", items, b' type="array"')
        yield _amount(indent, b"sum", document.sum)
        yield _amount(indent, b"discount", document.discount)
        yield _amount(indent, b"before_taxes", document.before_taxes)
        yield _amount(indent, b"taxes", document.taxes)
        yield _amount(indent, b"total", document.total)
        if detail is Detail.WHOLE or (detail is Detail.CREATED and self._is_v1):
            events = [_nested(inner, b"event", self._event_lines(event, inner + _STEP)) for event in document.timeline]
            yield _nested(indent, b"invoice_timeline", events, b' type="array"')

    def _event_lines(self, event: Event, indent: bytes) -> Iterator[bytes]:
        """One event of the timeline. Day and hour have a type in the legacy generation. Source: R-36."""
        day, hour = (b"", b"") if self._is_v1 else (b' type="date"', b' type="time"')
        yield _text(indent, b"type", event.type)
        yield b"%b<date%b>%b</date>\n" % (indent, day, event.at.strftime("%d/%m/%Y").encode())
        yield b"%b<time%b>%b</time>\n" % (indent, hour, event.at.strftime("%H:%M").encode())
        yield _text(indent, b"user", event.user)


def _item_lines(item: Item, is_short: bool, indent: bytes) -> Iterator[bytes]:
    yield _text(indent, b"name", item.name)
    yield _text(indent, b"description", item.description)
    yield _amount(indent, b"unit_price", item.unit_price)
    yield _text(indent, b"unit", item.unit)
    yield _amount(indent, b"quantity", item.quantity)
    yield _nested(indent, b"tax", _tax_lines(item.tax, indent + _STEP))
    yield _amount(indent, b"discount", item.discount)
    if not is_short:
        yield _amount(indent, b"subtotal", item.subtotal)
        yield _amount(indent, b"tax_amount", item.tax_amount)
        yield _amount(indent, b"discount_amount", item.discount_amount)
        yield _amount(indent, b"total", item.total)


def _tax_lines(tax: Tax, indent: bytes) -> Iterator[bytes]:
    if tax.id is not None:
        yield b"%b<id>%d</id>\n" % (indent, tax.id)
    yield _text(indent, b"name", tax.name)
    yield _amount(indent, b"value", tax.value)


def write_state(state: State, root: str) -> bytes:
    """What change-state answers. Source: R-33."""
    name = root.encode()
    message = b"" if state.message is None else _text(_STEP, b"message", state.message)
    number = escape(state.sequence_number)
    return _STATE % (name, state.id, escape(state.type), number, escape(state.state), message, name)


def page_elements(page: int, pages: int, entries: int, per_page: int) -> bytes:
    """What stands after the documents of a page of invoices. Source: R-37."""
    numbers = ((b"current_page", page), (b"total_pages", pages), (b"total_entries", entries), (b"per_page", per_page))
    return _counts(_STEP, numbers)


def page_results(page: int, shown: int, entries: int) -> bytes:
    """What stands before the documents of a page of credit or debit notes. Source: R-37."""
    numbers = ((b"current_page", page), (b"entries", shown), (b"total_entries", entries))
    return _nested(_STEP, b"results", [_counts(_STEP * 2, numbers)])


def _counts(indent: bytes, numbers: Iterable[tuple[bytes, int]]) -> bytes:
    return b"".join(b"%b<%b>%d</%b>\n" % (indent, name, number, name) for name, number in numbers)
