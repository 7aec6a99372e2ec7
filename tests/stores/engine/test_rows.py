"""Each value comes back from its row unchanged, although databases store true and false differently."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gateway.core.changes import Recorded
from gateway.core.ledger import Head, append, appended_row, entry_of, stamp
from gateway.core.values import INVOICE, Counter, CounterKey, Issued, Series, SeriesId
from gateway.stores.engine import rows, tables
from gateway.stores.engine.fences import Fence
from tests.stores.commands import BY, LINE, TENANT

SERIES = (
    Series(SeriesId(1), TENANT, "main", "Main"),
    Series(SeriesId(2), TENANT, "é", "O'Brien", "A-", "", True),
    Series(SeriesId(3), TENANT, "stamp", "Stamp", owner="somebody"),
)
COUNTERS = (
    Counter(LINE),
    Counter(LINE, 7, 3, 2**62, dt.date(2024, 2, 29), 1, 99),
    Counter(LINE, None, 1, 0, last_number=9),
)
ISSUED = (
    Issued(TENANT, LINE, 1, "key", "document:1"),
    Issued(TENANT, LINE, 2, "k", "", True, True, "r"),
    Issued(TENANT, LINE, 3, "l", "", reservation_key="s"),
)
BOTH_WAYS: tuple[tuple[tables.Table, Any, Any, tuple[Any, ...]], ...] = (
    (tables.series, rows.series_row, rows.series_of, SERIES),
    (tables.counters, rows.counter_row, rows.counter_of, COUNTERS),
    (tables.issued, rows.issued_row, rows.issued_of, ISSUED),
)


@pytest.mark.parametrize(("table", "row_of", "value_of", "values"), BOTH_WAYS, ids=[each[0].name for each in BOTH_WAYS])
def test_there_and_back(table: tables.Table, row_of: Any, value_of: Any, values: tuple[Any, ...]) -> None:
    for value in values:
        row = row_of(value)
        assert len(row) == len(table.columns)
        assert value_of(row) == value
        assert value_of([int(cell) if isinstance(cell, bool) else cell for cell in row]) == value


def test_true_is_true_and_not_one() -> None:
    """A database that has only numbers returns the same value as any other."""
    assert rows.series_of((1, TENANT, "k", "n", None, None, 1, None)).is_default is True
    assert rows.issued_of((1, INVOICE, 1, TENANT, "k", "d", 0, 1, None)).voided is False
    assert rows.issued_of((1, INVOICE, 1, TENANT, "k", "d", 0, 1, None)).reserved is True


def test_columns_are_named_as_the_fields_of_the_values() -> None:
    """The mappers take a row apart by position: a changed order of columns must fail here."""
    assert rows.KeptToken._fields == tables.tokens.columns
    assert rows.KeptTenant._fields == tables.tenants.columns
    for table, value in ((tables.series, SERIES[2]), (tables.counters, COUNTERS[1]), (tables.issued, ISSUED[1])):
        key = {"series": LINE.series, "line": LINE.line}
        (row,) = [row_of(value) for named, row_of, _, _ in BOTH_WAYS if named is table]
        for name, cell in zip(table.columns, row, strict=True):
            field = key[name] if name in key else getattr(value, name)
            assert cell == (field.isoformat() if isinstance(field, dt.date) else field), name


def test_ledger_rows_have_the_columns_of_their_table() -> None:
    fact = Recorded(TENANT, LINE, "issue", 6, 7, BY, 6, "key")
    at = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
    row = appended_row(Head(3, "f" * 64), fact, stamp(at))
    entry = append(Head(3, "f" * 64), fact, at)
    named = dict(zip(tables.ledger.columns, row, strict=True))
    assert (named.pop("series"), named.pop("line")) == entry.chain
    assert {name: getattr(entry, name) for name in named} == named
    assert entry_of(row) == entry
    assert rows.chain_of(row) == entry.chain
    assert rows.head_of(row) == Head(entry.index, entry.hash)
    assert rows.head_of((1, INVOICE, entry.index, entry.hash)) == Head(entry.index, entry.hash)


def test_fences_and_notes_by_name() -> None:
    fence = Fence("moving", "east", "move-1", "2024-01-01T00:00:00+00:00")
    assert rows.fences_of([(TENANT, fence.body())]) == {TENANT: fence}
    assert rows.notes_of([("a", "1"), ("b", "2")]) == {"a": "1", "b": "2"}
    assert rows.chain_of((5, INVOICE)) == CounterKey(SeriesId(5), INVOICE)
