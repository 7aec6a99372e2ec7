"""A decision may look only at what was locked and read; whatever else it asks for is said to be lacking, not absent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.documents import DocumentId
from gateway.core.footprint import Footprint
from gateway.core.values import INVOICE, CounterKey, Issued, Series, SeriesId, TenantId
from gateway.stores.batch import UndecidableError
from gateway.stores.postgres.held import AHEAD, Held, HeldOverlay

T = TenantId("demo")
ONE = SeriesId(1)
LINE = CounterKey(ONE, INVOICE)


class NoClock:
    def now(self, tenant: TenantId | None = None) -> datetime:
        return datetime(2024, 2, 29, tzinfo=UTC)


NUMBERS = {(LINE, number) for number in range(5, 5 + AHEAD)}
IDS = {DocumentId(own) for own in range(5, 5 + AHEAD)}
ASKED: dict[str, tuple[Callable[[HeldOverlay], Any], Footprint, Footprint]] = {
    "series": (lambda state: state.series(ONE), Footprint(series={ONE}), Footprint()),
    "name": (lambda state: state.series_named(T, "x"), Footprint(), Footprint(tenants={T}, names={(T, "x")})),
    "key": (lambda state: state.series_keyed(T, "x"), Footprint(series_keys={(T, "x")}), Footprint()),
    "default": (lambda state: state.default_series(T), Footprint(defaults={T}), Footprint()),
    "line": (lambda state: state.counter(LINE), Footprint(), Footprint(lines={LINE})),
    "lines": (lambda state: state.counters(ONE), Footprint(), Footprint(whole_series={ONE})),
    "issue key": (lambda state: state.issued_under(T, "k"), Footprint(issue_keys={(T, "k")}), Footprint()),
    "number": (lambda state: state.issued_number(LINE, 5), Footprint(numbers=NUMBERS), Footprint()),
    "document": (lambda state: state.document(DocumentId(5)), Footprint(), Footprint(documents={DocumentId(5)})),
    "document key": (lambda state: state.document_under(T, "k"), Footprint(document_keys={(T, "k")}), Footprint()),
    "catalogue": (lambda state: state.catalogue(T), Footprint(), Footprint(catalogues={T})),
}


@pytest.mark.parametrize(("ask", "unread", "unheld"), ASKED.values(), ids=ASKED.keys())
def test_what_is_lacking_is_said(ask: Callable[[HeldOverlay], Any], unread: Footprint, unheld: Footprint) -> None:
    held = Held()
    held.highest_document_id = 100
    with pytest.raises(UndecidableError) as lacking:
        ask(HeldOverlay(held, NoClock()))
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
    assert HeldOverlay(held, NoClock()).new_document_id(()) == 4001


def test_an_id_is_told_taken_only_while_documents_may_be_made() -> None:
    held = Held()
    with pytest.raises(UndecidableError) as lacking:
        held.is_taken(DocumentId(5))
    assert lacking.value.unheld == Footprint(creates_documents=True)
    held.creating = True
    with pytest.raises(UndecidableError) as lacking:
        held.is_taken(DocumentId(5))
    assert lacking.value.unread == Footprint(document_ids=IDS)
    held.taken_ids[DocumentId(5)] = True
    assert held.is_taken(DocumentId(5))


def test_what_was_asked_and_not_found_is_absent() -> None:
    held = Held()
    held.asked_series, held.asked_defaults, held.asked_names, held.asked_keys = {ONE}, {T}, {(T, "x")}, {(T, "x")}
    held.lines, held.whole = {LINE}, {ONE}
    held.issued_under, held.issued_numbers = {(T, "k"): None}, {(LINE, 5): None}
    held.documents_under, held.held_documents = {(T, "k"): None}, {DocumentId(5): None}
    state = HeldOverlay(held, NoClock())
    answers = [state.series(ONE), state.series_named(T, "x"), state.series_keyed(T, "x"), state.default_series(T)]
    answers += [state.counter(LINE), state.issued_under(T, "k"), state.issued_number(LINE, 5)]
    answers += [state.document_under(T, "k"), state.document(DocumentId(5))]
    assert answers == [None] * 9
    assert state.counters(ONE) == {}


def test_a_series_of_the_groups_own_is_wholly_known() -> None:
    state = HeldOverlay(Held(), NoClock())
    state.put_series(Series(ONE, T, "main", "Main"))
    assert state.counter(LINE) is None
    assert state.counters(ONE) == {}


def test_a_number_of_the_groups_own_is_known() -> None:
    state = HeldOverlay(Held(), NoClock())
    issued = Issued(T, LINE, 5, "k", "d")
    state.put_issued(issued)
    assert state.issued_number(LINE, 5) == state.issued_under(T, "k") == issued
