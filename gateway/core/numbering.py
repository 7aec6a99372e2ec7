"""How one number line moves: it is set or cleared, gives out a number, voids one. Pure functions, below all other rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from gateway.core.changes import Change, CounterMoved, Decision, NumberCancelled, NumberGiven, Recorded
from gateway.core.commands import Issue, MoveAhead, SetNext, SetPolicy, Void
from gateway.core.refusals import (
    AlreadyVoid,
    ClearNotAllowed,
    CounterExhausted,
    CounterUnset,
    KeyReused,
    NumberBehind,
    NumberOutOfRange,
    NumberTaken,
    NumberUnknown,
    Refused,
    SeriesInUse,
    SeriesUnknown,
)
from gateway.core.results import NextSet
from gateway.core.values import (
    MAX_NUMBER,
    MIN_NUMBER,
    Counter,
    CounterKey,
    Issued,
    LineName,
    Origin,
    Series,
    SeriesId,
    TenantId,
)


class SeriesState(Protocol):
    """The part of the state that finds a series."""

    def series(self, series: SeriesId) -> Series | None: ...
    def default_series(self, tenant: TenantId) -> Series | None: ...


class LineState(SeriesState, Protocol):
    """The part of the state that knows where lines stand."""

    def counter(self, key: CounterKey) -> Counter:
        """Where a line stands; one that was never touched stands at its beginning."""
        ...

    def counters(self, series: SeriesId) -> Mapping[LineName, Counter]:
        """The lines of a series that were ever touched."""
        ...


class NumberState(SeriesState, Protocol):
    """The part of the state that knows who has the numbers of a line."""

    def counter(self, key: CounterKey) -> Counter: ...
    def issued_under(self, tenant: TenantId, key: str) -> Issued | None: ...
    def issued_number(self, counter: CounterKey, number: int) -> Issued | None: ...


def read_series(state: SeriesState, tenant: TenantId, series: SeriesId | None) -> Series:
    """A series of the tenant; None asks for its default. Raises Refused(SeriesUnknown), also for another tenant's series."""
    found = state.default_series(tenant) if series is None else state.series(series)
    if found is None or found.tenant != tenant:
        raise Refused(SeriesUnknown(series))
    return found


# --- setting a line ---------------------------------------------------------------------------------------------------


def set_next(state: LineState, command: SetNext) -> Decision[NextSet]:
    """Decide a SetNext. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series)
    refuse_if_locked(state, series.id, command.policy)
    before = state.counter(command.counter)
    after = moved_line(before, command.next_number, command.policy)
    return Decision(NextSet(series, before, after), set_changes(command.tenant, before, after, command.by))


def refuse_if_locked(state: LineState, series: SeriesId, policy: SetPolicy) -> None:
    """Raises Refused(SeriesInUse) when numbers of the series were given out and the policy forbids a change then."""
    if policy.allow_when_issued:
        return
    counters = state.counters(series).values()
    issued = sum(c.issued for c in counters if not policy.locked_by or c.key.line in policy.locked_by)
    if issued:
        raise Refused(SeriesInUse(series, issued))


def moved_line(line: Counter, requested: int | None, policy: SetPolicy) -> Counter:
    """The line after it was set, or cleared with None. The number where it stands already is accepted. Raises Refused."""
    current = line.next_number
    if requested is None:
        if not policy.allow_clear:
            raise Refused(ClearNotAllowed(line.key))
    elif not MIN_NUMBER <= requested <= MAX_NUMBER:
        raise Refused(NumberOutOfRange(line.key, requested, MIN_NUMBER, MAX_NUMBER))
    elif current is not None and requested < current and not policy.allow_lower:
        raise Refused(NumberBehind(line.key, requested, current))
    return Counter(line.key, requested, line.issued, line.highest_issued, line.latest_date)


def set_changes(tenant: TenantId, before: Counter, after: Counter, by: Origin) -> tuple[Change, ...]:
    """What a set or clear changes; nothing when the line stands there already, so that nothing is written (ADR-7)."""
    if before.next_number == after.next_number:
        return ()
    operation = "clear" if after.next_number is None else "set"
    fact = Recorded(tenant, after.key, operation, before.next_number, after.next_number, by)
    return CounterMoved(after), fact


def move_ahead(state: LineState, command: MoveAhead) -> Decision[NextSet]:
    """Decide a MoveAhead. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series)
    before = state.counter(command.counter)
    wanted = command.next_number
    if command.ahead is not None and before.next_number is not None:
        wanted = before.next_number + command.ahead
    after = before
    # a line that has given out its last number stands behind the largest one; that it stays there is no move
    if wanted is not None and wanted != before.next_number:
        after = moved_line(before, wanted, SetPolicy())
    fact = Recorded(command.tenant, after.key, "restore", before.next_number, after.next_number, command.by)
    return Decision(NextSet(series, before, after), (CounterMoved(after), fact))


# --- giving out and voiding numbers -----------------------------------------------------------------------------------


def issued_earlier(state: NumberState, issue: Issue) -> Issued | None:
    """The number that the key got before, None when it got none. Raises Refused(KeyReused) when it is of another line."""
    earlier = state.issued_under(issue.tenant, issue.key)
    if earlier is not None and earlier.counter != issue.counter:
        raise Refused(KeyReused(issue.key, earlier.counter))
    return earlier


def give_number(state: NumberState, issue: Issue, date: dt.date | None = None) -> tuple[Issued, tuple[Change, ...]]:
    """Give the next number of the line to a key that has none yet. Returns it, and what changes. Raises Refused.

    date: of the document, if it has one.
    """
    before = state.counter(issue.counter)
    number = before.next_number if before.next_number is not None else issue.start_if_unset
    if number is None:
        raise Refused(CounterUnset(issue.counter))
    if number < MIN_NUMBER:
        raise Refused(NumberOutOfRange(issue.counter, number, MIN_NUMBER, MAX_NUMBER))
    _refuse_ungivable(state, before, number)
    issued = Issued(issue.tenant, issue.counter, number, issue.key, issue.document)
    highest = number if before.highest_issued is None else max(number, before.highest_issued)
    after = Counter(issue.counter, number + 1, before.issued + 1, highest, _latest(before.latest_date, date))
    fact = Recorded(
        issue.tenant, issue.counter, "issue", before.next_number, after.next_number, issue.by, number, issue.key
    )
    return issued, (CounterMoved(after), NumberGiven(issued), fact)


def _latest(known: dt.date | None, date: dt.date | None) -> dt.date | None:
    """The later of two dates, either of which may be missing."""
    return max(known, date) if known and date else known or date


def _refuse_ungivable(state: NumberState, counter: Counter, number: int) -> None:
    if number > MAX_NUMBER:
        raise Refused(CounterExhausted(counter.key))
    if counter.highest_issued is None or number > counter.highest_issued:
        return  # nearly always: no number at or above the highest one can be taken, so nothing is looked up
    if state.issued_number(counter.key, number) is not None:
        raise Refused(NumberTaken(counter.key, number))


def void_number(state: NumberState, void: Void) -> tuple[Issued, tuple[Change, ...]]:
    """The issued number, now void. Raises Refused(NumberUnknown, AlreadyVoid)."""
    possible = MIN_NUMBER <= void.number <= MAX_NUMBER
    issued = state.issued_number(void.counter, void.number) if possible else None
    if issued is None:
        raise Refused(NumberUnknown(void.counter, void.number))
    if issued.voided:
        raise Refused(AlreadyVoid(void.counter, void.number))
    voided = replace(issued, voided=True)
    now = state.counter(void.counter).next_number
    fact = Recorded(void.tenant, void.counter, "void", now, now, void.by, void.number, issued.key)
    return voided, (NumberCancelled(voided), fact)
