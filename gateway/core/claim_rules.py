"""Rules about numbers that do not come in a row: claims, reservations, bounds (ADR-61). Pure functions, above `numbering`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Protocol

from gateway.core.changes import Change, CounterMoved, Decision, NumberChanged, NumberGiven, Recorded
from gateway.core.line_commands import Claim, Reserve, SetBounds
from gateway.core.numbering import (
    LineState,
    NumberState,
    drawn_number,
    give_number,
    given_out,
    issued_earlier,
    last_of,
    later_date,
    passing,
    read_series,
    refuse_if_locked,
    refuse_outside,
)
from gateway.core.refusals import KeyReused, NumberOutOfRange, NumberTaken, Refused
from gateway.core.results import BoundsSet, NumberIssued
from gateway.core.values import (
    MAX_NUMBER,
    MIN_NUMBER,
    Bounds,
    Counter,
    CounterKey,
    Issued,
    Origin,
    TenantId,
    reserved_key,
)


class ReservationState(NumberState, Protocol):
    """The part of the state that finds reservations."""

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None: ...


def claim(state: NumberState, command: Claim) -> Decision[NumberIssued]:
    """Decide a Claim. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series, command.by.dialect)
    earlier = issued_earlier(state, command.tenant, command.key, command.counter, command.number)
    if earlier is not None:
        return Decision(NumberIssued(series, earlier, replayed=True))
    issued, changes = claim_number(state, command)
    return Decision(NumberIssued(series, issued), changes)


def claim_number(state: NumberState, command: Claim, date: dt.date | None = None) -> tuple[Issued, tuple[Change, ...]]:
    """Give the number that the command names to its key, which has none yet. Returns it, and what changes. Raises Refused.

    date: of the document, if it has one.
    """
    number = command.number
    if number is None:
        return give_number(state, command, date)
    before = state.counter(command.counter)
    refuse_outside(before, number)
    above_all = before.highest_issued is None or number > before.highest_issued
    holder = None if above_all else state.issued_number(command.counter, number)
    if holder is not None:
        return _use(before, holder, command, date)
    stand = before.upcoming if before.upcoming is not None else command.start_if_unset
    after = given_out(before, number, number + 1 if number == stand else before.next_number, date)
    issued = Issued(command.tenant, command.counter, number, command.key, command.document)
    fact = _fact("claim", before, after.next_number, command.by, command.tenant, number, command.key)
    return issued, (CounterMoved(after), NumberGiven(issued), fact)


def _use(line: Counter, holder: Issued, command: Claim, date: dt.date | None) -> tuple[Issued, tuple[Change, ...]]:
    """Let a document have a number that was reserved. Raises Refused(NumberTaken) for any other number."""
    if not holder.reserved or holder.voided:
        raise Refused(NumberTaken(holder.counter, holder.number))
    used = replace(holder, key=command.key, document=command.document, reserved=False)
    fact = _fact("use", line, line.next_number, command.by, command.tenant, holder.number, command.key)
    latest = later_date(line.latest_date, date)
    moved = (CounterMoved(line._replace(latest_date=latest)),) if latest != line.latest_date else ()
    return used, (*moved, NumberChanged(used), fact)


def reserve(state: ReservationState, command: Reserve) -> Decision[NumberIssued]:
    """Decide a Reserve. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series, command.by.dialect)
    earlier = state.reserved_under(command.tenant, command.key)
    if earlier is not None:
        if earlier.counter != command.counter:
            raise Refused(KeyReused(command.key, earlier.counter))
        return Decision(NumberIssued(series, earlier, replayed=True))
    own_key = reserved_key(command.key)
    other = state.issued_under(command.tenant, own_key)
    if other is not None:  # a client has given a document a key of this very form
        raise Refused(KeyReused(command.key, other.counter))
    before = state.counter(command.counter)
    number, passed = drawn_number(state, before, command)
    issued = Issued(command.tenant, command.counter, number, own_key, "", reserved=True, reservation_key=command.key)
    fact = _fact("reserve", before, number + 1, command.by, command.tenant, number, command.key)
    facts = (fact,) if passed is None else passing(before, passed, command, fact)
    changes = (CounterMoved(given_out(before, number, number + 1)), NumberGiven(issued), *facts)
    return Decision(NumberIssued(series, issued), changes)


def _fact(
    operation: str, line: Counter, after: int | None, by: Origin, tenant: TenantId, number: int, key: str
) -> Recorded:
    return Recorded(tenant, line.key, operation, line.next_number, after, by, number, key)


def set_bounds(state: LineState, command: SetBounds) -> Decision[BoundsSet]:
    """Decide a SetBounds. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series, command.by.dialect)
    refuse_if_locked(state, series.id, command.policy)
    before = state.counter(command.counter)
    after = bounded(before, Bounds(command.first, command.last))
    return Decision(BoundsSet(series, before, after), bounds_changes(command.tenant, before, after, command.by))


def bounded(line: Counter, bounds: Bounds) -> Counter:
    """The line with other bounds. Raises Refused(NumberOutOfRange) for bounds that leave out where the line stands."""
    after = line._replace(first_number=bounds.first, last_number=bounds.last)
    first = MIN_NUMBER if bounds.first is None else bounds.first
    _refuse_beyond(line.key, first, MIN_NUMBER, MAX_NUMBER)
    _refuse_beyond(line.key, last_of(after), first, MAX_NUMBER)
    stand = line.next_number
    if stand is not None and not first <= stand <= last_of(after) + 1:  # one behind the last number: it is exhausted
        raise Refused(NumberOutOfRange(line.key, stand, first, last_of(after)))
    return after


def _refuse_beyond(line: CounterKey, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise Refused(NumberOutOfRange(line, number, least, most))


def bounds_changes(tenant: TenantId, before: Counter, after: Counter, by: Origin) -> tuple[Change, ...]:
    """What other bounds change; nothing when the line has them already."""
    if before.bounds == after.bounds:
        return ()
    stand = before.next_number
    return CounterMoved(after), Recorded(tenant, after.key, "bounds", stand, stand, by, key=str(after.bounds))
