"""A change of a payment as one transaction: number, document, payment and callbacks; all of it or nothing (ADR-71).

The change is decided on the payment as it was read. The record's version is held against it, so a payment that somebody else
changed meanwhile is read and decided anew. A refused change consumes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from adapters.resurs import errors
from adapters.resurs.callbacks.events import Event, events_of
from adapters.resurs.callbacks.plan import planned
from adapters.resurs.errors import Fault
from adapters.resurs.operation import DIALECT, Actor
from adapters.resurs.payments.index import payment_kind
from adapters.resurs.payments.model import PRINTED_META_DATA, DiffType, Payment
from adapters.resurs.payments.numbering import Draw, given_numbers, numbering
from adapters.resurs.payments.records import payment_key, payment_of, payment_record, record_id
from adapters.resurs.representative import RepresentativeData, data_so_far, representative_key, save_data
from adapters.resurs.turns import turn_of
from gateway.core.commands import Command, Expect, PeekNext
from gateway.core.record_commands import GetRecords, RecordsSaved, SaveRecord, SaveRecords
from gateway.core.refusals import (
    CounterUnset,
    NumberOutOfRange,
    NumberTaken,
    RecordExists,
    RecordTaken,
    RecordUnknown,
    Refused,
)
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.values import INVOICE, CounterKey
from gateway.core.work import NewWork, ScheduleWork

__all__ = ["Change", "Draw", "change_payment", "commit", "read_payment", "together"]

_TRIES: Final = 100
"""How often a payment that other processes change at the same time is decided anew."""
_NO_PAYMENT: Final = record_id("", "")
"""The id of no payment: none has a colon in its id."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation makes of a payment.

    after: without the number and the name of the document in its last diff.
    before: None for a new payment.
    draw: None for a change that takes no number.
    automatic: the bank does it of itself (P-151).
    events: further events, beside those that follow from the diffs.
    work: what is to be done later.
    earlier_draws: by their places, the diffs before the last one that take a number, too. Only a payment that is made whole
        has any.
    silent: nobody is called back.
    fault: wrong sums. The change is refused with it, unless its number is refused first (P-92). None for a good change.
    beside: further parts of the same transaction, after the others.
    """

    after: Payment
    before: Payment | None = None
    draw: Draw | None = None
    automatic: bool = False
    events: tuple[Event, ...] = ()
    work: tuple[NewWork, ...] = ()
    earlier_draws: Mapping[int, Draw] = field(default_factory=dict)
    silent: bool = False
    fault: Fault | None = None
    beside: tuple[Part, ...] = ()

    def draws(self) -> dict[int, Draw]:
        """What takes a number, by the place of the diff, in the order in which the numbers are taken."""
        last = {} if self.draw is None else {len(self.after.diffs) - 1: self.draw}
        return {**dict(sorted(self.earlier_draws.items())), **last}

    def without_drawing(self) -> Change:
        """The change whose diffs have only the numbers that the client chose."""
        chosen = {place: draw for place, draw in self.earlier_draws.items() if draw.chosen is not None}
        own = self.draw if self.draw is not None and self.draw.chosen is not None else None
        return replace(self, draw=own, earlier_draws=chosen)


async def read_payment(actor: Actor, payment_id: str) -> Payment:
    """The payment of the actor's representative. Raises Fault(PAYMENT_UNKNOWN). Source: P-80."""
    key = payment_key(actor.tenant, actor.account, payment_id)
    record = (await actor.service.read(GetRecords(actor.tenant, (key,)))).records.get(key)
    if record is None:
        raise Fault(errors.PAYMENT_UNKNOWN, id=payment_id)
    return payment_of(record)


async def change_payment(actor: Actor, payment_id: str, decide: Callable[[Payment], Change]) -> Payment:
    """Change a payment; durable when it returns. A change that changes nothing is not written.

    decide: pure; raises Fault. It is asked again when somebody else has changed the payment meanwhile: numbers are decided
        before the payment, so a refused number says nothing about a payment that is not the same any more.
    """
    async with turn_of(actor.service, payment_key(actor.tenant, actor.account, payment_id)):
        return await _change_in_turn(actor, payment_id, decide)


async def _change_in_turn(actor: Actor, payment_id: str, decide: Callable[[Payment], Change]) -> Payment:
    payment = await read_payment(actor, payment_id)
    for _ in range(_TRIES):
        change = decide(payment)
        if change == Change(payment, payment):
            return payment
        try:
            return await commit(actor, change)
        except (Fault, Refused):
            present = await read_payment(actor, payment_id)
            if present.version == payment.version:
                raise
            payment = present
    raise Fault(errors.INTERNAL)


async def commit(actor: Actor, change: Change) -> Payment:
    """Make a change durable; the payment as it then stands. Raises Fault and Refused(RecordChanged)."""
    draws = change.draws()
    if actor.settings.refuse_own_number and any(draw.chosen is not None for draw in draws.values()):
        await _refuse_own_number(actor)
    try:
        done = await actor.service.execute(together(actor, change))
    except Refused as refused:
        unset = isinstance(refused.refusal, CounterUnset) and any(draw.chosen is None for draw in draws.values())
        if unset and actor.settings.without_sequence == "no_number":  # P-73
            return await commit(actor, change.without_drawing())
        raise _fault(change, refused) from None
    saved = next(result for result in done.results if isinstance(result, RecordsSaved))
    return payment_of(saved.records[0])


async def _refuse_own_number(actor: Actor) -> None:
    """Raises Fault(NUMBER_NOT_ALLOWED) while a sequence is set. Source: P-68.

    A sequence that is set right after this was set after the change.
    """
    line = CounterKey(actor.who.series, INVOICE)
    peeked = await actor.service.read(PeekNext(actor.tenant, line, DIALECT))
    if peeked.counter.next_number is not None:
        raise Fault(errors.NUMBER_NOT_ALLOWED)


def _fault(change: Change, refused: Refused) -> Exception:
    """The fault for a refusal; the refusal itself where the dialect's table words it."""
    match refused.refusal:
        case NumberTaken(number=number):
            return Fault(errors.NUMBER_USED, id=str(number))
        case NumberOutOfRange(requested=requested) if any(
            draw.claimed == requested for draw in change.draws().values()
        ):
            return Fault(errors.INVALID_FIELD, field=_number_field(change))
        case RecordTaken():
            chosen = [draw.chosen for draw in change.draws().values() if draw.chosen is not None]
            return Fault(errors.NUMBER_USED, id=chosen[-1] if chosen else "")
        case RecordExists():
            return Fault(errors.PAYMENT_EXISTS, id=change.after.id)
        case RecordUnknown(record=record):  # the payment is gone, unless it is the one that never was
            return (
                change.fault
                if change.fault and record == _NO_PAYMENT
                else Fault(errors.PAYMENT_UNKNOWN, id=change.after.id)
            )
        case CounterUnset():
            return Fault(errors.NO_SEQUENCE)
    return refused


def _number_field(change: Change) -> str:
    return "creditNoteId" if change.after.diffs[-1].type is DiffType.CREDIT else "invoiceId"


def together(actor: Actor, change: Change) -> Together:
    """The transaction of a change, for `execute`, or for work that is done (`Done.then`)."""
    draws = change.draws()
    parts: list[Part] = []
    for place, draw in draws.items():
        parts += numbering(actor, change.after, place, draw)
    needs = (representative_key(actor.tenant, actor.account),)

    def data(so_far: SoFar) -> RepresentativeData:
        return data_so_far(so_far, actor.tenant, actor.account)

    def saved(payment: Payment) -> SaveRecords:
        record = payment_record(actor.tenant, payment)
        if change.before is None:
            save = SaveRecord(record, expect=Expect.NEW)
        else:
            save = SaveRecord(record, expect=Expect.EXISTING, expected_version=change.before.version)
        return SaveRecords(actor.tenant, payment_kind(actor.account), (save,), actor.by)

    def payment(so_far: SoFar) -> Command[Any]:
        return saved(_finished(actor, change, so_far, data(so_far)))

    def work(so_far: SoFar) -> Command[Any] | None:
        events = events_of(change.before, change.after, automatic=change.automatic)  # no event names a number
        called = () if change.silent else planned(actor.account, data(so_far), (*events, *change.events))
        items = (*called, *change.work)
        return ScheduleWork(actor.tenant, items, actor.by) if items else None

    def counted(so_far: SoFar) -> Command[Any]:
        kept = data(so_far)
        return save_data(actor.tenant, actor.account, replace(kept, documents=kept.documents + len(draws)), actor.by)

    some_work = ScheduleWork(actor.tenant, (NewWork("callback", "some"),), actor.by)
    parts += [Build(payment, needs, saved(change.after)), Build(work, needs, some_work)]
    if draws:
        parts.append(Build(counted, needs, save_data(actor.tenant, actor.account, RepresentativeData(), actor.by)))
    if change.fault is not None:
        parts.append(_refusing(actor))
    return Together(actor.tenant, (*parts, *change.beside), actor.by)


def _refusing(actor: Actor) -> Part:
    """A part that is always refused: it changes a payment that never is."""
    save = SaveRecord(payment_kind(actor.account).record(actor.tenant, _NO_PAYMENT), expect=Expect.EXISTING)
    return SaveRecords(actor.tenant, payment_kind(actor.account), (save,), actor.by)


def _finished(actor: Actor, change: Change, so_far: SoFar, data: RepresentativeData) -> Payment:
    """The payment with its numbers and the names of its documents."""
    draws = change.draws()
    if not draws:
        return change.after
    diffs, given = list(change.after.diffs), iter(given_numbers(so_far))
    meta_data = change.after.meta_data
    printed = tuple((key, value) for key, value in meta_data if key in PRINTED_META_DATA and value is not None)
    for count, (place, draw) in enumerate(draws.items(), data.documents + 1):
        diff = diffs[place]
        number = str(next(given)) if draw.is_canonical else draw.chosen
        kind = "INVOICE" if diff.type is DiffType.DEBIT else "INVOICE_CREDITNOTE"
        made = f"{diff.created.astimezone(actor.zone):%Y%m%d-%H%M%S}"
        diffs[place] = replace(diff, invoice_id=number, document=f"{kind}_{made}_{count}", printed=printed)
    return replace(change.after, diffs=tuple(diffs))
