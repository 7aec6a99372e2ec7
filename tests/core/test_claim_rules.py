"""Claims, reservations, bounds and series of a dialect: each decision as a table row, and what the results say."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from gateway.core.changes import Decision, Recorded
from gateway.core.commands import CreateSeries, GetSeries, ListSeries, PeekNext
from gateway.core.ledger import verify
from gateway.core.refusals import Refused
from gateway.core.rules import decide
from gateway.core.values import CREDIT_NOTE, INVOICE, Bounds, Counter, CounterKey, Issued
from gateway.testing.memory_store import MemoryStore
from tests.core.claim_cases import (
    BY,
    DECISIONS,
    FOURTH,
    LINE,
    MAIN,
    OURS,
    OWNED_LINE,
    bounds,
    claim,
    draw,
    opened,
    reserve,
    saved,
    set_to,
)
from tests.core.test_rules import state_after


@pytest.mark.parametrize("case", DECISIONS, ids=[case[0] for case in DECISIONS])
def test_decisions(case: tuple[Any, ...]) -> None:
    _, given, command, after, entries = case
    state = state_after(*given)
    decision = state.run(command)
    assert state.counter(LINE).next_number == after
    facts = [change for change in decision.changes if isinstance(change, Recorded) and change.chain == LINE]
    assert tuple((fact.operation, fact.before, fact.after, fact.number) for fact in facts) == entries
    ledger = [entry for entry in state.ledger() if entry.chain == LINE]
    assert verify(ledger, [state.counter(LINE)] if ledger else None) == (len(ledger), [])


def issued_by(decision: Decision[Any]) -> Issued:
    issued = decision.result.issued
    assert isinstance(issued, Issued)
    return issued


def test_a_reservation_answers_with_its_number_before_and_after_a_document_has_it() -> None:
    state = state_after(set_to(5))
    first = issued_by(state.run(reserve("r")))
    assert (first.number, first.reserved, first.document) == (5, True, "")
    used = issued_by(state.run(claim(5, "a")))
    assert (used.number, used.reserved, used.document, used.key) == (5, False, "document a", "a")
    again = state.run(reserve("r")).result
    assert (again.issued, again.replayed) == (used, True)
    assert state.run(claim(5, "a")).result.replayed
    assert state.counter(LINE).issued == 1


def test_a_document_keeps_the_line_that_its_number_is_of() -> None:
    state = state_after(set_to(5))
    (note,) = state.run(saved(None, "a", kind=CREDIT_NOTE, line=INVOICE)).result.saved
    assert (note.document.kind, note.document.line, note.document.counter) == (CREDIT_NOTE, INVOICE, LINE)
    (plain,) = state.run(saved(None, "b")).result.saved
    assert (plain.document.number, plain.document.line) == (6, INVOICE)


def test_a_reserved_number_counts_for_the_dates_of_its_line() -> None:
    state = state_after(set_to(5), reserve("r"), saved(5, "a"))
    assert state.counter(LINE).latest_date == dt.date(2024, 2, 29)


def test_bounds_are_part_of_what_the_ledger_proves() -> None:
    state = state_after(bounds(100, 199), draw("a"))
    entries = [entry for entry in state.ledger() if entry.chain == LINE]
    assert [entry.key for entry in entries] == ["100..199", "a"]
    counter = state.counter(LINE)
    assert [str(bound) for bound in (Bounds(1), Bounds(None, 9), Bounds())] == ["1..", "..9", ".."]
    assert len(verify([dataclasses.replace(entries[0], key="1..199"), entries[1]], [counter])[1]) == 2
    wider = counter._replace(last_number=200)
    (finding,) = verify(entries, [wider])[1]
    assert finding.problem == "the chain ends with the bounds 100..199, but those of the line are 100..200"


def test_a_series_that_is_opened_is_there_once_and_never_the_default() -> None:
    state = state_after()
    opening = opened("stamp", bounds={INVOICE: Bounds(10, 19)}, counters={INVOICE: 12})
    first, again = state.run(opening).result, state.run(opening).result
    assert (first.created, again.created, first.series.id) == (True, False, FOURTH)
    assert first.series == again.series
    assert (first.series.owner, first.series.is_default, first.series.name) == ("test", False, "test/stamp")
    assert state.counter(OWNED_LINE) == Counter(OWNED_LINE, 12, first_number=10, last_number=19)
    assert state.run(opened("other", name="Main")).result.series.name == "Main (2)"


def test_the_first_series_of_a_tenant_is_not_the_default_when_a_dialect_owns_it() -> None:
    state = state_after()
    alone = dataclasses.replace(opened("stamp"), tenant="fourth")  # type: ignore[arg-type]
    assert not state.run(alone).result.series.is_default
    with pytest.raises(ValueError, match="cannot be the default"):
        CreateSeries(OURS, "x", BY, owner="test", make_default=True)


async def test_only_its_owner_and_operators_see_a_series() -> None:
    store = MemoryStore(state_after(opened("stamp")))
    seen = {
        dialect: [view.series.key for view in (await store.read(ListSeries(OURS, dialect))).views]
        for dialect in ("test", "other", "admin", None)
    }
    whole = ["main", "side", "stamp"]
    assert seen == {"test": whole, "other": ["main", "side"], "admin": whole, None: whole}
    for query in (GetSeries(OURS, FOURTH, "other"), PeekNext(OURS, OWNED_LINE, "other")):
        with pytest.raises(Refused, match="SeriesUnknown"):
            await store.read(query)
    assert (await store.read(GetSeries(OURS, FOURTH, "test"))).view.series.owner == "test"


def test_peeking_shows_where_a_bounded_line_will_start() -> None:
    state = state_after(bounds(100, 199))
    assert (state.counter(LINE).next_number, state.counter(LINE).upcoming) == (None, 100)
    assert decide(state, draw("a")).result.issued.number == 100
    assert state.counter(CounterKey(MAIN, CREDIT_NOTE)).upcoming is None
