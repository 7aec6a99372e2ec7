"""A change of a payment as one transaction: number, document, payment and callbacks; all of it or nothing (ADR-71).

The change is decided on the payment as it was read. The record's version is held against it, so a payment that somebody else
changed meanwhile is read and decided anew. A refused change consumes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.resurs import errors
from adapters.resurs.callbacks.events import Event, events_of
from adapters.resurs.callbacks.plan import planned
from adapters.resurs.errors import Fault
from adapters.resurs.operation import DIALECT, Actor
from adapters.resurs.payments.model import Diff, DiffType, Payment, SpecLine
from adapters.resurs.payments.records import PAYMENT, payment_key, payment_of, payment_record
from adapters.resurs.representative import RepresentativeData, data_so_far, representative_key, save_data
from gateway.core.commands import Command, Expect, IssueRequest, SaveDocument, SaveDocuments
from gateway.core.documents import Document, Line
from gateway.core.record_commands import GetRecords, RecordsSaved, SaveRecord, SaveRecords
from gateway.core.refusals import CounterUnset, NumberTaken, RecordChanged, RecordExists, RecordTaken, Refused
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, OnHeld
from gateway.core.work import NewWork, ScheduleWork

_TRIES: Final = 100
"""How often a payment that others change at the same time is decided anew."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The last diff of a change takes a number.

    chosen: the client's own (P-62); None for the next one (P-61).
    """

    chosen: str | None = None

    @property
    def claimed(self) -> int | None:
        """The chosen number as one of the canonical line; None for a text, which touches no line.

        Only the plain form of a whole number is one, because ids are compared as exact texts (P-65).
        """
        text = self.chosen or ""
        if not (text.isascii() and text.isdigit()) or len(text) > len(str(MAX_NUMBER)) or text[0] == "0":
            return None
        return int(text) if int(text) <= MAX_NUMBER else None


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation makes of a payment.

    after: without the number and the name of the document in its last diff.
    before: None for a new payment.
    draw: None for a change that takes no number.
    automatic: the bank does it of itself (P-151).
    events: further events, after those that follow from the diffs.
    work: what is to be done later.
    """

    after: Payment
    before: Payment | None = None
    draw: Draw | None = None
    automatic: bool = False
    events: tuple[Event, ...] = ()
    work: tuple[NewWork, ...] = ()


async def read_payment(actor: Actor, payment_id: str) -> Payment:
    """The payment of the actor's representative. Raises Fault(PAYMENT_UNKNOWN). Source: P-80."""
    key = payment_key(actor.tenant, actor.account, payment_id)
    record = (await actor.service.read(GetRecords(actor.tenant, (key,)))).records.get(key)
    if record is None:
        raise Fault(errors.PAYMENT_UNKNOWN, id=payment_id)
    return payment_of(record)


async def change_payment(actor: Actor, payment_id: str, decide: Callable[[Payment], Change]) -> Payment:
    """Change a payment; durable when it returns.

    decide: pure; raises Fault. It is asked again when somebody else has changed the payment meanwhile.
    """
    for _ in range(_TRIES):
        change = decide(await read_payment(actor, payment_id))
        try:
            return await commit(actor, change)
        except Refused as refused:
            if not isinstance(refused.refusal, RecordChanged):
                raise
    raise Fault(errors.INTERNAL)


async def commit(actor: Actor, change: Change) -> Payment:
    """Make a change durable; the payment as it then stands. Raises Fault and Refused(RecordChanged)."""
    try:
        done = await actor.service.execute(together(actor, change))
    except Refused as refused:
        refusal = refused.refusal
        unset = isinstance(refusal, CounterUnset) and change.draw is not None
        if unset and actor.settings.without_sequence == "no_number":  # P-73
            return await commit(actor, replace(change, draw=None))
        raise _fault(change, refused) from None
    saved = next(result for result in done.results if isinstance(result, RecordsSaved))
    return payment_of(saved.records[0])


def _fault(change: Change, refused: Refused) -> Exception:
    match refused.refusal:
        case NumberTaken(number=number):
            return Fault(errors.NUMBER_USED, id=str(number))
        case RecordTaken():
            return Fault(errors.NUMBER_USED, id=(change.draw.chosen if change.draw else None) or "")
        case RecordExists():
            return Fault(errors.PAYMENT_EXISTS, id=change.after.id)
        case CounterUnset():
            return Fault(errors.NO_SEQUENCE)
    return refused


def together(actor: Actor, change: Change) -> Together:
    """The transaction of a change, for `execute`, or for work that is done (`Done.then`)."""
    parts: list[Part] = []
    if change.draw is not None and (change.draw.chosen is None or change.draw.claimed is not None):
        parts.append(_numbered_document(actor, change))
    needs = (representative_key(actor.tenant, actor.account),)

    def data(so_far: SoFar) -> RepresentativeData:
        return data_so_far(so_far, actor.tenant, actor.account)

    def payment(so_far: SoFar) -> Command[Any]:
        finished = _finished(actor, change, so_far, data(so_far))
        record = payment_record(actor.tenant, finished)
        if change.before is None:
            save = SaveRecord(record, expect=Expect.NEW)
        else:
            save = SaveRecord(record, expect=Expect.EXISTING, expected_version=change.before.version)
        return SaveRecords(actor.tenant, PAYMENT, (save,), actor.by)

    def work(so_far: SoFar) -> Command[Any] | None:
        finished = _finished(actor, change, so_far, data(so_far))
        events = events_of(
            change.before, finished, automatic=change.automatic, update_totals=actor.settings.update_totals
        )
        items = (*planned(actor.account, data(so_far), (*events, *change.events)), *change.work)
        return ScheduleWork(actor.tenant, items, actor.by) if items else None

    def counted(so_far: SoFar) -> Command[Any]:
        kept = data(so_far)
        return save_data(actor.tenant, actor.account, replace(kept, documents=kept.documents + 1), actor.by)

    parts += [Build(payment, needs), Build(work, needs)]
    if change.draw is not None:
        parts.append(Build(counted, needs))
    return Together(actor.tenant, tuple(parts), actor.by)


def _finished(actor: Actor, change: Change, so_far: SoFar, data: RepresentativeData) -> Payment:
    """The payment with the number and the document of its last diff."""
    payment = change.after
    if change.draw is None:
        return payment
    number = change.draw.chosen or str(so_far.results[0].saved[0].document.number)
    *others, last = payment.diffs
    kind = "INVOICE" if last.type is DiffType.DEBIT else "INVOICE_CREDITNOTE"
    made = f"{last.created.astimezone(actor.zone):%Y%m%d-%H%M%S}"
    document = f"{kind}_{made}_{data.documents + 1}"
    return replace(payment, diffs=(*others, replace(last, invoice_id=number, document=document)))


def _numbered_document(actor: Actor, change: Change) -> SaveDocuments:
    """The canonical invoice or credit note of a diff, which draws from the invoice line. Source: P-61, P-69."""
    payment, diff, draw = change.after, change.after.diffs[-1], change.draw
    kind = INVOICE if diff.type is DiffType.DEBIT else CREDIT_NOTE
    document = Document(
        actor.tenant,
        kind,
        series=actor.who.series,
        line=INVOICE,
        lines=_lines(diff),
        extras={DIALECT: {"account": payment.account, "payment": payment.id, "diff": len(payment.diffs) - 1}},
    )
    issue = IssueRequest(
        f"{DIALECT}:{actor.by.request_id}:{payment.id}",
        actor.who.series,
        line=INVOICE,
        number=None if draw is None else draw.claimed,
        date=diff.document_date or _day(actor, diff.created),
        on_held=OnHeld.PASS_OVER if actor.settings.skip_used else OnHeld.REFUSE,
    )
    return SaveDocuments(actor.tenant, (SaveDocument(document, issue=issue),), actor.by)


def _day(actor: Actor, moment: dt.datetime) -> dt.date:
    return moment.astimezone(actor.zone).date()


def _lines(diff: Diff) -> tuple[Line, ...]:
    return tuple(_line(position, line) for position, line in enumerate(diff.spec.lines))


def _line(position: int, line: SpecLine) -> Line:
    return Line(
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_amount_without_vat,
        vat_rate=line.vat_pct,
        position=position,
    )
