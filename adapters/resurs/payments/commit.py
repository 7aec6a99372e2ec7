"""A change of a payment as one transaction: number, document, payment and callbacks; all of it or nothing (ADR-71).

The change is decided on the payment as it was read. The record's version is held against it, so a payment that somebody else
changed meanwhile is read and decided anew. A refused change consumes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from adapters.resurs import errors
from adapters.resurs.callbacks.events import Event, events_of
from adapters.resurs.callbacks.plan import planned
from adapters.resurs.errors import Fault
from adapters.resurs.operation import DIALECT, Actor
from adapters.resurs.payments.model import Diff, DiffType, Payment, SpecLine
from adapters.resurs.payments.records import PAYMENT, payment_key, payment_of, payment_record, record_id
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

    @property
    def is_canonical(self) -> bool:
        """True for a number of the canonical line, drawn or claimed."""
        return self.chosen is None or self.claimed is not None


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation makes of a payment.

    after: without the number and the name of the document in its last diff.
    before: None for a new payment.
    draw: None for a change that takes no number.
    automatic: the bank does it of itself (P-151).
    events: further events, after those that follow from the diffs.
    work: what is to be done later.
    earlier_draws: by their places, the diffs before the last one that take a number, too. Only a payment that is made whole
        has any.
    silent: nobody is called back.
    """

    after: Payment
    before: Payment | None = None
    draw: Draw | None = None
    automatic: bool = False
    events: tuple[Event, ...] = ()
    work: tuple[NewWork, ...] = ()
    earlier_draws: Mapping[int, Draw] = field(default_factory=dict)
    silent: bool = False

    def draws(self) -> dict[int, Draw]:
        """What takes a number, by the place of the diff, in the order in which the numbers are taken."""
        last = {} if self.draw is None else {len(self.after.diffs) - 1: self.draw}
        return {**dict(sorted(self.earlier_draws.items())), **last}


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
        unset = isinstance(refusal, CounterUnset) and bool(change.draws())
        if unset and actor.settings.without_sequence == "no_number":  # P-73
            chosen = {place: draw for place, draw in change.earlier_draws.items() if draw.chosen is not None}
            return await commit(actor, replace(change, draw=None, earlier_draws=chosen))
        raise _fault(change, refused) from None
    saved = next(result for result in done.results if isinstance(result, RecordsSaved))
    return payment_of(saved.records[0])


def _fault(change: Change, refused: Refused) -> Exception:
    match refused.refusal:
        case NumberTaken(number=number):
            return Fault(errors.NUMBER_USED, id=str(number))
        case RecordTaken():
            chosen = [draw.chosen for draw in change.draws().values() if draw.chosen is not None]
            return Fault(errors.NUMBER_USED, id=chosen[-1] if chosen else "")
        case RecordExists():
            return Fault(errors.PAYMENT_EXISTS, id=change.after.id)
        case CounterUnset():
            return Fault(errors.NO_SEQUENCE)
    return refused


def together(actor: Actor, change: Change) -> Together:
    """The transaction of a change, for `execute`, or for work that is done (`Done.then`)."""
    parts: list[Part] = []
    draws = change.draws()
    parts += [_numbered_document(actor, change, place, draw) for place, draw in draws.items() if draw.is_canonical]
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
        called = () if change.silent else planned(actor.account, data(so_far), (*events, *change.events))
        items = (*called, *change.work)
        return ScheduleWork(actor.tenant, items, actor.by) if items else None

    def counted(so_far: SoFar) -> Command[Any]:
        kept = data(so_far)
        return save_data(actor.tenant, actor.account, replace(kept, documents=kept.documents + len(draws)), actor.by)

    parts += [Build(payment, needs), Build(work, needs)]
    if draws:
        parts.append(Build(counted, needs))
    return Together(actor.tenant, tuple(parts), actor.by)


def _finished(actor: Actor, change: Change, so_far: SoFar, data: RepresentativeData) -> Payment:
    """The payment with its numbers and the names of its documents."""
    diffs, taken = list(change.after.diffs), iter(so_far.results)
    for count, (place, draw) in enumerate(change.draws().items(), data.documents + 1):
        diff = diffs[place]
        number = str(next(taken).saved[0].document.number) if draw.is_canonical else draw.chosen
        kind = "INVOICE" if diff.type is DiffType.DEBIT else "INVOICE_CREDITNOTE"
        made = f"{diff.created.astimezone(actor.zone):%Y%m%d-%H%M%S}"
        diffs[place] = replace(diff, invoice_id=number, document=f"{kind}_{made}_{count}")
    return replace(change.after, diffs=tuple(diffs))


def _numbered_document(actor: Actor, change: Change, place: int, draw: Draw) -> SaveDocuments:
    """The canonical invoice or credit note of a diff, which draws from the invoice line. Source: P-61, P-69."""
    payment, diff = change.after, change.after.diffs[place]
    kind = INVOICE if diff.type is DiffType.DEBIT else CREDIT_NOTE
    document = Document(
        actor.tenant,
        kind,
        series=actor.who.series,
        line=INVOICE,
        lines=_lines(diff),
        extras={DIALECT: {"account": payment.account, "payment": payment.id, "diff": place}},
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
