"""The numbers of a change: canonical documents that draw from the invoice line, and what a client's own number does to it.

Pure. Source: P-60 to P-65, P-69.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from adapters.resurs.operation import DIALECT, Actor
from adapters.resurs.payments.model import Diff, DiffType, Payment, SpecLine
from adapters.resurs.payments.records import record_id
from gateway.core.commands import (
    ANYTHING,
    STRICT,
    Command,
    IssueRequest,
    SaveDocument,
    SaveDocuments,
    SetNext,
    UpdateSeries,
)
from gateway.core.documents import Document, Line
from gateway.core.results import DocumentsSaved
from gateway.core.together import Build, Part, SoFar
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, OnHeld, SeriesView

_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
_SMALLEST: Final = Decimal("1E-15")


@dataclass(frozen=True, slots=True)
class Draw:
    """A diff takes a number.

    chosen: the client's own (P-62); None for the next one (P-61).
    """

    chosen: str | None = None

    @property
    def claimed(self) -> int | None:
        """The chosen number as one of the canonical line; None for a text, which touches no line.

        Only the plain form of a whole number is one, because ids are compared as exact texts (P-65).
        """
        return None if self.chosen is None else whole_number(self.chosen)

    @property
    def is_canonical(self) -> bool:
        """True for a number of the canonical line, drawn or claimed."""
        return self.chosen is None or self.claimed is not None


def whole_number(text: str) -> int | None:
    """The number that a text writes in its plain form, if a line could give it out."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MAX_NUMBER)) or (text[0] == "0" and text != "0"):
        return None
    return int(text) if int(text) <= MAX_NUMBER else None


def numbering(actor: Actor, payment: Payment, place: int, draw: Draw) -> tuple[Part, ...]:
    """The parts of a transaction that number one diff; none for a number that is text.

    place: of the diff.
    """
    if not draw.is_canonical:
        return ()
    document = _numbered_document(actor, payment, place, draw)
    choice = actor.settings.explicit_number
    return (
        (document,)
        if draw.claimed is None or choice == "advance_if_next"
        else _held_apart(actor, document, draw.claimed)
    )


def _held_apart(actor: Actor, document: SaveDocuments, number: int) -> tuple[Part, ...]:
    """A claim that moves the line otherwise than claims do: not at all, or beyond a higher number, too. Source: P-63.

    An update that changes nothing says where the line stands before the claim.
    """
    line = CounterKey(actor.who.series, INVOICE)
    look = UpdateSeries(actor.tenant, line.series, STRICT, actor.by)

    def move(so_far: SoFar) -> Command[Any] | None:
        place = next(at for at in range(len(so_far.results) - 1, -1, -1) if _claims(so_far.results[at], number))
        view: SeriesView = so_far.results[place - 1].view
        stand = view.next_number(INVOICE)
        if actor.settings.explicit_number == "never":
            back = stand is None or stand == number
            return SetNext(actor.tenant, line, stand, ANYTHING, actor.by) if back else None
        counter = view.counters.get(INVOICE)
        last = MAX_NUMBER if counter is None or counter.last_number is None else counter.last_number
        ahead = stand is not None and stand < number < last
        return SetNext(actor.tenant, line, number + 1, STRICT, actor.by) if ahead else None

    return look, document, Build(move)


def _claims(result: Any, number: int) -> bool:
    return isinstance(result, DocumentsSaved) and result.saved[0].document.number == number


def given_numbers(so_far: SoFar) -> list[int]:
    """The numbers that the parts so far gave to documents, in their order."""
    documents = [
        saved.document for result in so_far.results if isinstance(result, DocumentsSaved) for saved in result.saved
    ]
    return [document.number for document in documents if document.number is not None]


def _numbered_document(actor: Actor, payment: Payment, place: int, draw: Draw) -> SaveDocuments:
    """The canonical invoice or credit note of a diff, which draws from the invoice line. Source: P-61, P-69."""
    diff = payment.diffs[place]
    document = Document(
        actor.tenant,
        INVOICE if diff.type is DiffType.DEBIT else CREDIT_NOTE,
        series=actor.who.series,
        line=INVOICE,
        lines=_lines(diff),
        extras={DIALECT: _extras(payment, place)},
    )
    issue = IssueRequest(
        f"{DIALECT}:{actor.by.request_id}:{record_id(payment.account, payment.id)}:{place}",
        actor.who.series,
        line=INVOICE,
        number=draw.claimed,
        date=diff.document_date or _day(actor, diff.created),
        on_held=OnHeld.PASS_OVER if actor.settings.skip_used else OnHeld.REFUSE,
    )
    return SaveDocuments(actor.tenant, (SaveDocument(document, issue=issue),), actor.by)


def _extras(payment: Payment, place: int) -> dict[str, Any]:
    """What the canonical document says of the payment.

    delivery: how the client wished the PDF to be sent; the gateway sends nothing.
    """
    diff = payment.diffs[place]
    named = {"orderId": diff.order_id, "delivery": diff.delivery}
    given = {name: value for name, value in named.items() if value is not None}
    return {"account": payment.account, "payment": payment.id, "diff": place, **given}


def _day(actor: Actor, moment: dt.datetime) -> dt.date:
    return moment.astimezone(actor.zone).date()


def _lines(diff: Diff) -> tuple[Line, ...]:
    """The rows of a diff; one with the sums for a diff without rows (P-113)."""
    if diff.spec.lines:
        return tuple(_line(position, line) for position, line in enumerate(diff.spec.lines))
    vat = diff.spec.total_vat_amount
    net = diff.spec.total_amount - vat
    rate = _EXACT.divide(vat * 100, net).quantize(_SMALLEST, context=_EXACT) if net else Decimal(0)
    return (Line(quantity=Decimal(1), unit_price=net, vat_rate=rate),)


def _line(position: int, line: SpecLine) -> Line:
    return Line(
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_amount_without_vat,
        vat_rate=line.vat_pct,
        position=position,
    )
