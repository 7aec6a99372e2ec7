"""From checked forms to documents of the core, from documents to messages, and the sums of a document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from hashlib import sha1
from typing import Any, Final

from adapters.invoicexpress.documents.forms import CheckedDocument, Dates
from adapters.invoicexpress.documents.lifecycle import BY_KIND, CANCELED, DIALECT, DRAFT, DocumentType, state_of
from adapters.invoicexpress.mapping import SequenceIds
from adapters.invoicexpress.settings import Settings
from gateway.core import documents as core
from gateway.core.documents import Line, Status
from gateway.core.totals import Rounding, Totals, document_totals, round_to
from gateway.core.values import SeriesId, TenantId
from schemas.invoicexpress.documents import Document, Event, Item, State, Tax

_CENT: Final = Decimal("0.01")
_EXACT: Final = Context(prec=200)
"""Wide enough for exact sums of any amounts that the core keeps."""
_CLIENT_FIELDS: Final = (
    "name",
    "code",
    "email",
    "address",
    "city",
    "postal_code",
    "country",
    "fiscal_id",
    "website",
    "phone",
    "fax",
    "observations",
)
"""What answers show of a client, in this order. No fixture shows `language` and `send_options`, which are kept. Source:
R-28."""


def facts_of(document: core.Document) -> Mapping[str, Any]:
    """What only this dialect knows of a document."""
    facts: Mapping[str, Any] = document.extras[DIALECT]
    return facts


def dates_of(document: core.Document) -> Dates:
    """Both dates as they stand."""
    return Dates(document.document_date, facts_of(document).get("due_date"))


def extras_with(document: core.Document, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The extras of the document with some of this dialect's facts changed."""
    return {**document.extras, DIALECT: {**facts_of(document), **changes}}


def with_event(document: core.Document, event: str, at: dt.datetime, user: str) -> Mapping[str, Any]:
    """The facts that one more event in the timeline changes. Source: R-36."""
    return {"events": [*facts_of(document)["events"], {"type": event, "at": at, "user": user}]}


def new_document(
    tenant: TenantId,
    kind: DocumentType,
    checked: CheckedDocument,
    series: SeriesId | None,
    at: dt.datetime,
    user: str,
) -> core.Document:
    """A draft from a form without problems. Source: R-25."""
    facts = {**checked.facts, "events": [{"type": "create", "at": at, "user": user}]}
    return core.Document(
        tenant=tenant,
        kind=kind.kind,
        status=Status.DRAFT,
        stage=DRAFT,
        series=series,
        customer=checked.customer,
        document_date=checked.date,
        lines=checked.lines or (),
        extras={DIALECT: facts},
    )


def edited_document(
    document: core.Document, checked: CheckedDocument, series: SeriesId | None, event: Mapping[str, Any]
) -> core.Document:
    """The draft with what the form sends. All else stays; items are replaced together. Source: R-34.

    event: the facts that the edit itself changes.
    """
    return document.with_fields(
        series=document.series if checked.sequence is None else series,
        customer=document.customer if "client" not in checked.facts else checked.customer,
        document_date=checked.date,
        lines=document.lines if checked.lines is None else _same_lines(document.lines, checked.lines),
        extras=extras_with(document, {**checked.facts, **event}),
    )


def _same_lines(before: Iterable[Line], after: Iterable[Line]) -> tuple[Line, ...]:
    """The new lines, each with the id of a former line of the same name: only the name identifies an item."""
    free: dict[str, list[Line]] = {}
    for line in before:
        free.setdefault(line.description, []).append(line)
    return tuple(
        line.numbered(free[line.description].pop(0).id) if free.get(line.description) else line for line in after
    )


# --- sums ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sums:
    """The amounts of a document.

    full: before discounts, with the amounts of each item.
    paid: after discounts, with the amounts of each item.
    total: what is to be paid.
    """

    full: Totals
    paid: Totals
    sum: Decimal
    discount: Decimal
    before_taxes: Decimal
    taxes: Decimal
    total: Decimal


def sums_of(lines: Sequence[Line], retention: Decimal | None, smallest: Decimal) -> Sums:
    """The sums of a document. Retention is a share of the amount before taxes. Source: R-29; the rounding is inferred.

    smallest: items are rounded to it, halves away from zero. The document is rounded to cents.
    """
    rounding = Rounding(unit=smallest)
    paid = document_totals(lines, rounding)
    full = paid
    if any(line.discount_percent for line in lines):
        full = document_totals([replace(line, discount_percent=Decimal(0)) for line in lines], rounding)
    gross, net, vat = (round_to(amount, _CENT) for amount in (full.net, paid.net, paid.vat))
    share = _EXACT.divide(_EXACT.multiply(net, retention or Decimal(0)), Decimal(100))
    total = _EXACT.subtract(_EXACT.add(net, vat), round_to(share, _CENT))
    return Sums(full, paid, gross, _EXACT.subtract(gross, net), net, vat, total)


# --- documents to messages --------------------------------------------------------------------------------------------


class Shape:
    """How documents are shown."""

    def __init__(self, settings: Settings, ids: SequenceIds) -> None:
        self._choices = settings.documents
        self._is_v1 = settings.generation == "v1"
        self._ids = ids

    def number(self, document: core.Document) -> str:
        """`N/serie`, or the word for a draft.

        The serie is the name that the sequence had when it was finalized. Source: R-35.
        """
        if document.number is None:
            return self._choices.draft_word
        return f"{document.number}/{facts_of(document).get('serie', '')}"

    def _inverted(self, document: core.Document) -> str | None:
        if not self._is_v1 or document.number is None:
            return None
        return f"{facts_of(document).get('serie', '')}/{document.number}"

    def _sequence_id(self, document: core.Document) -> int | None:
        if not self._choices.show_sequence_id or document.number is None or document.series is None:
            return None
        return self._ids.of_type(document.series, BY_KIND[document.kind].root, self._is_v1)

    def state(self, document: core.Document) -> State:
        """What change-state answers. Source: R-33."""
        state = state_of(document)
        return State(
            id=document.id,
            type=BY_KIND[document.kind].name,
            sequence_number=self.number(document),
            state=state,
            message=facts_of(document).get("message") if state == CANCELED else None,
        )

    def document(self, document: core.Document, base_url: str) -> Document:
        """The whole document. Source: R-28."""
        facts = facts_of(document)
        retention = facts.get("retention")
        sums = sums_of(document.lines, retention, self._choices.round_items_to)
        return Document(
            id=document.id,
            status=state_of(document),
            type=BY_KIND[document.kind].name,
            sequence_number=self.number(document),
            inverted_sequence_number=self._inverted(document),
            sequence_id=self._sequence_id(document),
            date=document.document_date,
            due_date=facts.get("due_date"),
            reference=facts.get("reference"),
            observations=facts.get("observations"),
            retention=retention,
            permalink=f"{base_url}/documents/{_permanent(document)}",
            client=_client(document),
            currency=self._choices.currency,
            items=tuple(_item(line, sums, index) for index, line in enumerate(document.lines)),
            sum=sums.sum,
            discount=sums.discount,
            before_taxes=sums.before_taxes,
            taxes=sums.taxes,
            total=sums.total,
            timeline=tuple(Event(**event) for event in facts["events"]),
        )


def _permanent(document: core.Document) -> str:
    """40 hexadecimal digits that are always the same for a document, as in the vendor's permalinks."""
    return sha1(f"{document.tenant}/{document.id}".encode(), usedforsecurity=False).hexdigest()


def _client(document: core.Document) -> dict[str, str | int]:
    client = facts_of(document)["client"]
    shown: dict[str, str | int] = {"id": document.customer or 0}
    return shown | {name: client[name] for name in _CLIENT_FIELDS if name in client}


def _item(line: Line, sums: Sums, index: int) -> Item:
    facts = line.extras[DIALECT]
    full, paid = sums.full.lines[index], sums.paid.lines[index]
    return Item(
        name=facts["name"],
        description=facts["description"],
        unit_price=line.unit_price,
        unit=facts["unit"],
        quantity=line.quantity,
        tax=Tax(id=facts["tax_id"], name=facts["tax_name"], value=line.vat_rate),
        discount=line.discount_percent,
        subtotal=full.net,
        tax_amount=paid.vat,
        discount_amount=_EXACT.subtract(full.net, paid.net),
        total=paid.gross,
    )
