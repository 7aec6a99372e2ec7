"""What has happened to a payment, as the vendor's events. Pure. Source: table of events in README.md, P-150, P-151.

An UPDATE says which diff is new, so each diff after the first one gives an UPDATE of its own. The first AUTHORIZE is said by
BOOKED. Meta data and a thaw are no diffs and give no UPDATE. AUTOMATIC_FRAUD_CONTROL and UNFREEZE are decisions of the bank.
No diff shows them, so the code that decides adds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Final

from adapters.resurs.payments.model import Diff, DiffType, Payment
from adapters.resurs.payments.status import sums_of

_OF_PAYMENT: Final = ("paymentId",)
PLACEHOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "BOOKED": _OF_PAYMENT,
    "AUTOMATIC_FRAUD_CONTROL": (*_OF_PAYMENT, "result"),
    "UNFREEZE": _OF_PAYMENT,
    "FINALIZATION": _OF_PAYMENT,
    "ANNULMENT": _OF_PAYMENT,
    "UPDATE": _OF_PAYMENT,
    "TEST": ("param1", "param2", "param3", "param4", "param5"),
    "FRAUD": _OF_PAYMENT,
    "PASSWORD_EXPIRATION": ("identifier",),
}
"""The event types, and the names of what each one says, in the vendor's order.

Events that coincide are sent in the order of this table: BOOKED, FINALIZATION, UPDATE, and the others where they belong in time
(inferred).
"""

_PLACES: Final = {kind: place for place, kind in enumerate(PLACEHOLDERS)}


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    type: the vendor's name.
    facts: by placeholder.
    diff: of an UPDATE, the place of its diff in the payment, from 0; None for other events.
    url: replaces the registered address (P-142); None for none.
    """

    type: str
    facts: Mapping[str, str] = field(default_factory=dict)
    diff: int | None = None
    url: str | None = None


def events_of(before: Payment | None, after: Payment, *, automatic: bool) -> tuple[Event, ...]:
    """The events that follow from the new diffs of a change.

    before: None for a payment that was just booked.
    automatic: the bank made the change of itself, so a new DEBIT gives FINALIZATION (P-151). With a booking it always did.
    """
    facts = {"paymentId": after.id}
    known = 0 if before is None else len(before.diffs)
    new = after.diffs[known:]
    events = []
    if before is None:
        events.append(Event("BOOKED", facts, url=after.booked_callback_url))
    if (automatic or before is None) and _has(new, DiffType.DEBIT):
        events.append(Event("FINALIZATION", facts))
    if _has(new, DiffType.ANNUL) and _is_fully_annulled(after):
        events.append(Event("ANNULMENT", facts))
    events += [Event("UPDATE", facts, diff=place) for place in range(max(known, 1), len(after.diffs))]
    return tuple(events)


def _has(diffs: Iterable[Diff], kind: DiffType) -> bool:
    return any(diff.type is kind for diff in diffs)


def _is_fully_annulled(payment: Payment) -> bool:
    """Annulments took all of it, and nothing was ever debited. Source: P-150."""
    return sums_of(payment).total <= 0 and not _has(payment.diffs, DiffType.DEBIT)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events of one change as they are sent. Several UPDATEs keep the order of their diffs."""
    return sorted(events, key=lambda event: _PLACES[event.type])


def triggered(kind: str, params: Sequence[str]) -> Event:
    """An event that somebody simulates.

    params: values of the placeholders, in the vendor's order. Missing ones are empty, further ones are left out (inferred).
    """
    return Event(kind, dict(_paired(PLACEHOLDERS[kind], params)))


def _paired(names: Sequence[str], values: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(names, chain(values, repeat("")), strict=False)
