"""How one number line moves: it is set or cleared, gives out a number, voids one. Pure functions, below all other rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from gateway.core.changes import Change, CounterMoved, Decision, NumberChanged, NumberGiven, Recorded
from gateway.core.commands import MoveAhead, SetNext, SetPolicy, Void
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
    OnHeld,
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

    def first_free(self, counter: CounterKey, number: int) -> int:
        """The first number from this one on that was never given out. It may be larger than any that can be given out."""
        ...


def read_series(state: SeriesState, tenant: TenantId, series: SeriesId | None, dialect: str | None = None) -> Series:
    """A series of the tenant; None asks for its default. Raises Refused(SeriesUnknown), also for another tenant's series.

    dialect: a series that another dialect owns is unknown, too; None sees every series.
    """
    found = state.default_series(tenant) if series is None else state.series(series)
    if found is None or found.tenant != tenant or (found.owner and not is_shown(found, dialect)):
        raise Refused(SeriesUnknown(series))
    return found


def is_shown(series: Series, dialect: str | None) -> bool:
    """Whether a dialect sees a series; None sees every series."""
    return dialect is None or series.is_open_to(dialect)


# --- setting a line ---------------------------------------------------------------------------------------------------


def set_next(state: LineState, command: SetNext) -> Decision[NextSet]:
    """Decide a SetNext. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series, command.by.dialect)
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
    else:
        refuse_outside(line, requested)
        if current is not None and requested < current and not policy.allow_lower:
            raise Refused(NumberBehind(line.key, requested, current))
    return line._replace(next_number=requested)


def refuse_outside(line: Counter, number: int) -> None:
    """Raises Refused(NumberOutOfRange) for a number that the line can never give out."""
    first = MIN_NUMBER if line.first_number is None else line.first_number
    last = last_of(line)
    if not first <= number <= last:
        raise Refused(NumberOutOfRange(line.key, number, first, last))


def last_of(line: Counter) -> int:
    """The last number that the line can give out."""
    return MAX_NUMBER if line.last_number is None else line.last_number


def set_changes(tenant: TenantId, before: Counter, after: Counter, by: Origin) -> tuple[Change, ...]:
    """What a set or clear changes; nothing when the line stands there already, so that nothing is written (ADR-7)."""
    if before.next_number == after.next_number:
        return ()
    operation = "clear" if after.next_number is None else "set"
    fact = Recorded(tenant, after.key, operation, before.next_number, after.next_number, by)
    return CounterMoved(after), fact


def move_ahead(state: LineState, command: MoveAhead) -> Decision[NextSet]:
    """Decide a MoveAhead. Raises Refused."""
    series = read_series(state, command.tenant, command.counter.series, command.by.dialect)
    before = state.counter(command.counter)
    wanted = command.next_number
    if command.ahead is not None and before.next_number is not None:
        wanted = before.next_number + command.ahead
        if before.last_number is not None:  # whatever was given out since, it was within the bounds
            wanted = min(wanted, before.last_number + 1)
    after = before
    # a line that has given out its last number stands behind it; that it goes or stays there is no number to give out
    if wanted is not None and wanted == last_of(before) + 1 and before.last_number is not None:
        after = before._replace(next_number=wanted)
    elif wanted is not None and wanted != before.next_number:
        after = moved_line(before, wanted, SetPolicy())
    fact = Recorded(command.tenant, after.key, "restore", before.next_number, after.next_number, command.by)
    return Decision(NextSet(series, before, after), (CounterMoved(after), fact))


# --- giving out and voiding numbers -----------------------------------------------------------------------------------


class Draw(Protocol):
    """What every command has that draws the next number: Issue, Claim, Reserve."""

    @property
    def tenant(self) -> TenantId: ...
    @property
    def by(self) -> Origin: ...
    @property
    def start_if_unset(self) -> int | None: ...
    @property
    def on_held(self) -> OnHeld: ...


class Gift(Draw, Protocol):
    """A draw for a document."""

    @property
    def counter(self) -> CounterKey: ...
    @property
    def key(self) -> str: ...
    @property
    def document(self) -> str: ...


def issued_earlier(
    state: NumberState, tenant: TenantId, key: str, line: CounterKey, number: int | None = None
) -> Issued | None:
    """The number that the key got before, None when it got none.

    number: that the key asks for now; None when any will do.
    Raises Refused(KeyReused) when the key got a number of another line, or another number.
    """
    earlier = state.issued_under(tenant, key)
    if earlier is not None and (earlier.counter != line or earlier.reserved or number not in {None, earlier.number}):
        raise Refused(KeyReused(key, earlier.counter))
    return earlier


def give_number(state: NumberState, issue: Gift, date: dt.date | None = None) -> tuple[Issued, tuple[Change, ...]]:
    """Give the next number of the line to a key that has none yet. Returns it, and what changes. Raises Refused.

    date: of the document, if it has one.
    """
    before = state.counter(issue.counter)
    number, passed = drawn_number(state, before, issue)
    issued = Issued(issue.tenant, issue.counter, number, issue.key, issue.document)
    after = given_out(before, number, number + 1, date)
    fact = Recorded(issue.tenant, issue.counter, "issue", before.next_number, number + 1, issue.by, number, issue.key)
    if passed is None:
        return issued, (CounterMoved(after), NumberGiven(issued), fact)
    return issued, (CounterMoved(after), NumberGiven(issued), *passing(before, passed, issue, fact))


def given_out(before: Counter, number: int, next_number: int | None, date: dt.date | None = None) -> Counter:
    """The line after it has given out a number."""
    highest = number if before.highest_issued is None else max(number, before.highest_issued)
    return Counter(
        before.key,
        next_number,
        before.issued + 1,
        highest,
        later_date(before.latest_date, date),
        before.first_number,
        before.last_number,
    )


def drawn_number(state: NumberState, line: Counter, draw: Draw) -> tuple[int, int | None]:
    """The number that a draw gets, and the first of the numbers that it passes over; None when there are none.

    Raises Refused.
    """
    number = line.upcoming
    if number is None:
        number = draw.start_if_unset
        if number is None:
            raise Refused(CounterUnset(line.key))
    if number > last_of(line):
        raise Refused(CounterExhausted(line.key))
    if number < MIN_NUMBER:
        raise Refused(NumberOutOfRange(line.key, number, MIN_NUMBER, MAX_NUMBER))
    if line.highest_issued is None or number > line.highest_issued:
        return number, None  # nearly always: no number above the highest one can be taken, so nothing is looked up
    if draw.on_held is OnHeld.REFUSE:
        if state.issued_number(line.key, number) is not None:
            raise Refused(NumberTaken(line.key, number))
        return number, None
    free = state.first_free(line.key, number)
    if free > last_of(line):
        raise Refused(CounterExhausted(line.key))
    return free, None if free == number else number


def passing(before: Counter, first: int, draw: Draw, fact: Recorded) -> tuple[Recorded, Recorded]:
    """The entries of a draw that passes over numbers which were given out: one for all of these, and the draw's own.

    first: of these numbers.
    fact: the draw's own entry, as it would be without them.
    """
    passed = Recorded(draw.tenant, before.key, "pass", before.next_number, fact.number, draw.by, first)
    return passed, fact._replace(before=fact.number)


def later_date(known: dt.date | None, date: dt.date | None) -> dt.date | None:
    """The later of two dates, either of which may be missing."""
    return max(known, date) if known and date else known or date


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
    return voided, (NumberChanged(voided), fact)
