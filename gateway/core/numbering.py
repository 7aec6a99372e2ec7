"""How a number is given out and voided: pure functions that `rules` and `document_rules` share."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Protocol

from gateway.core.changes import Change, CounterMoved, NumberCancelled, NumberGiven, Recorded
from gateway.core.commands import Issue, Void
from gateway.core.documents import latest_date
from gateway.core.refusals import (
    AlreadyVoid,
    CounterExhausted,
    CounterUnset,
    KeyReused,
    NumberOutOfRange,
    NumberTaken,
    NumberUnknown,
    Refused,
    SeriesUnknown,
)
from gateway.core.values import MAX_NUMBER, MIN_NUMBER, Counter, CounterKey, Issued, Series, SeriesId, TenantId


class SeriesState(Protocol):
    """The part of the state that finds a series."""

    def series(self, series: SeriesId) -> Series | None: ...
    def default_series(self, tenant: TenantId) -> Series | None: ...


class NumberState(SeriesState, Protocol):
    """The part of the state that knows where a line stands and who has its numbers."""

    def counter(self, key: CounterKey) -> Counter | None: ...
    def issued_under(self, tenant: TenantId, key: str) -> Issued | None: ...
    def issued_number(self, counter: CounterKey, number: int) -> Issued | None: ...


def read_series(state: SeriesState, tenant: TenantId, series: SeriesId | None) -> Series:
    """The tenant's series, or its default for None. Raises Refused(SeriesUnknown), also for another tenant's series."""
    found = state.default_series(tenant) if series is None else state.series(series)
    if found is None or found.tenant != tenant:
        raise Refused(SeriesUnknown(series))
    return found


def read_counter(state: NumberState, key: CounterKey) -> Counter:
    """Where a line stands; one that was never touched stands at its beginning."""
    return state.counter(key) or Counter(key)


def issued_earlier(state: NumberState, issue: Issue) -> Issued | None:
    """What the key already got. Raises Refused(KeyReused) when that was on another line."""
    earlier = state.issued_under(issue.tenant, issue.key)
    if earlier is not None and earlier.counter != issue.counter:
        raise Refused(KeyReused(issue.key, earlier.counter))
    return earlier


def give_number(state: NumberState, issue: Issue, date: dt.date | None = None) -> tuple[Issued, tuple[Change, ...]]:
    """The next number of the line, for a key that has none yet. `date`: of the document, if it has one. Raises Refused."""
    before = read_counter(state, issue.counter)
    number = before.next_number if before.next_number is not None else issue.start_if_unset
    if number is None:
        raise Refused(CounterUnset(issue.counter))
    if number < MIN_NUMBER:
        raise Refused(NumberOutOfRange(issue.counter, number, MIN_NUMBER, MAX_NUMBER))
    _refuse_ungivable(state, before, number)
    issued = Issued(issue.tenant, issue.counter, number, issue.key, issue.document)
    highest = number if before.highest_issued is None else max(number, before.highest_issued)
    after = Counter(issue.counter, number + 1, before.issued + 1, highest, latest_date(before, date))
    fact = Recorded(
        issue.tenant, issue.counter, "issue", before.next_number, after.next_number, issue.by, number, issue.key
    )
    return issued, (CounterMoved(after), NumberGiven(issued), fact)


def _refuse_ungivable(state: NumberState, counter: Counter, number: int) -> None:
    if number > MAX_NUMBER:
        raise Refused(CounterExhausted(counter.key))
    if counter.highest_issued is None or number > counter.highest_issued:
        return  # the ordinary case: nothing to look up
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
    now = read_counter(state, void.counter).next_number
    fact = Recorded(void.tenant, void.counter, "void", now, now, void.by, void.number, issued.key)
    return voided, (NumberCancelled(voided), fact)
