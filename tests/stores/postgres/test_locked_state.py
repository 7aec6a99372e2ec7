"""A decision may read only rows that were locked and read; any other row is reported as not loaded, never as absent."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.access_set import AccessSet
from gateway.core.documents import DocumentId
from gateway.core.values import INVOICE, Counter, CounterKey, Issued, Series, SeriesId, TenantId
from gateway.stores.engine.group_commit import UndecidableError
from gateway.stores.postgres.locked_state import AHEAD, Held, LockedUnitOfWork

T = TenantId("demo")
ONE = SeriesId(1)
LINE = CounterKey(ONE, INVOICE)


class NoClock:
    def now(self, tenant: TenantId | None = None) -> datetime:
        return datetime(2024, 2, 29, tzinfo=UTC)


NUMBERS = {(LINE, number) for number in range(5, 5 + AHEAD)}
IDS = {DocumentId(own) for own in range(5, 5 + AHEAD)}
ASKED: dict[str, tuple[Callable[[LockedUnitOfWork], Any], AccessSet, AccessSet]] = {
    "series": (lambda state: state.series(ONE), AccessSet(series={ONE}), AccessSet()),
    "name": (lambda state: state.series_named(T, "x"), AccessSet(), AccessSet(tenants={T}, names={(T, "x")})),
    "key": (lambda state: state.series_keyed(T, "x"), AccessSet(series_keys={(T, "x")}), AccessSet()),
    "default": (lambda state: state.default_series(T), AccessSet(defaults={T}), AccessSet()),
    "line": (lambda state: state.counter(LINE), AccessSet(), AccessSet(lines={LINE})),
    "lines": (lambda state: state.counters(ONE), AccessSet(), AccessSet(whole_series={ONE})),
    "issue key": (lambda state: state.issued_under(T, "k"), AccessSet(issue_keys={(T, "k")}), AccessSet()),
    "number": (lambda state: state.issued_number(LINE, 5), AccessSet(numbers=NUMBERS), AccessSet()),
    "document": (lambda state: state.document(DocumentId(5)), AccessSet(), AccessSet(documents={DocumentId(5)})),
    "document key": (lambda state: state.document_under(T, "k"), AccessSet(document_keys={(T, "k")}), AccessSet()),
    "catalogue": (lambda state: state.catalogue(T), AccessSet(), AccessSet(catalogues={T})),
}


@pytest.mark.parametrize(("ask", "unread", "unheld"), ASKED.values(), ids=ASKED.keys())
def test_what_is_lacking_is_said(ask: Callable[[LockedUnitOfWork], Any], unread: AccessSet, unheld: AccessSet) -> None:
    held = Held()
    held.highest_document_id = 100
    with pytest.raises(UndecidableError) as lacking:
        ask(LockedUnitOfWork(held, NoClock()))
    assert (lacking.value.unread, lacking.value.unheld) == (unread, unheld)


def test_a_run_of_taken_ids_is_passed_over() -> None:
    held = Held()
    held.creating = True
    held.highest_document_id = 5000
    held.taken_ids[DocumentId(1)] = True
    held.taken_runs += [range(1, 4001), range(4002, 4004)]
    held.taken_ids[DocumentId(4001)] = False
    assert [held.first_free_id(DocumentId(own)) for own in (1, 4000, 4001, 4003, 4004)] == [
        4001,
        4001,
        4001,
        4004,
        4004,
    ]
    assert LockedUnitOfWork(held, NoClock()).new_document_id(()) == 4001


def test_an_id_is_told_taken_only_while_documents_may_be_made() -> None:
    held = Held()
    with pytest.raises(UndecidableError) as lacking:
        held.is_taken(DocumentId(5))
    assert lacking.value.unheld == AccessSet(creates_documents=True)
    held.creating = True
    with pytest.raises(UndecidableError) as lacking:
        held.is_taken(DocumentId(5))
    assert lacking.value.unread == AccessSet(document_ids=IDS)
    held.taken_ids[DocumentId(5)] = True
    assert held.is_taken(DocumentId(5))


def test_what_was_asked_and_not_found_is_absent() -> None:
    held = Held()
    held.asked_series, held.asked_defaults, held.asked_names, held.asked_keys = {ONE}, {T}, {(T, "x")}, {(T, "x")}
    held.lines, held.whole = {LINE}, {ONE}
    held.issued_under, held.issued_numbers = {(T, "k"): None}, {(LINE, 5): None}
    held.documents_under, held.held_documents = {(T, "k"): None}, {DocumentId(5): None}
    state = LockedUnitOfWork(held, NoClock())
    answers = [state.series(ONE), state.series_named(T, "x"), state.series_keyed(T, "x"), state.default_series(T)]
    answers += [state.issued_under(T, "k"), state.issued_number(LINE, 5)]
    answers += [state.document_under(T, "k"), state.document(DocumentId(5))]
    assert answers == [None] * 8
    assert state.counter(LINE) == Counter(LINE)
    assert state.counters(ONE) == {}


def test_a_series_of_the_groups_own_is_wholly_known() -> None:
    state = LockedUnitOfWork(Held(), NoClock())
    state.put_series(Series(ONE, T, "main", "Main"))
    assert state.counter(LINE) == Counter(LINE)
    assert state.counters(ONE) == {}


def test_a_number_of_the_groups_own_is_known() -> None:
    state = LockedUnitOfWork(Held(), NoClock())
    issued = Issued(T, LINE, 5, "k", "d")
    state.put_issued(issued)
    assert state.issued_number(LINE, 5) == state.issued_under(T, "k") == issued


def test_what_a_group_has_changed_is_freed_at_once() -> None:
    """Without the collector, which comes seldom: what was saved may be large."""
    gc.disable()
    try:
        state = LockedUnitOfWork(Held(), NoClock())
        gone = weakref.ref(state.staged_records)
        del state
        assert gone() is None
    finally:
        gc.enable()
