"""The ledger page by page: no entry is left out and none comes twice, with pages of any size."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.core.changes import Recorded
from gateway.core.ledger import Entry, Head, append
from gateway.stores.engine import ledger_pages
from gateway.stores.engine.ledger_pages import OF_LINE, OF_ONE_SERIES, OF_TENANT, all_entries, page_select, place_of
from tests.stores.commands import BY, LINE, TENANT

AT = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)


def entries(count: int) -> list[Entry]:
    made: list[Entry] = []
    for number in range(1, count + 1):
        head = Head(made[-1].index, made[-1].hash) if made else Head()
        made.append(append(head, Recorded(TENANT, LINE, "issue", number, number + 1, BY, number), AT))
    return made


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
async def test_every_entry_comes_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(ledger_pages, "PAGE", 3)
    there, asked = entries(count), 0

    async def read_page(after: ledger_pages.LedgerPlace, limit: int) -> list[Entry]:
        nonlocal asked
        asked += 1
        return [entry for entry in there if place_of(entry) > after][:limit]

    assert [entry async for entry in all_entries(read_page)] == there
    assert asked == count // 3 + 1


def test_a_condition_without_a_value_is_left_out() -> None:
    text, values = page_select(
        (1, "invoice", 4), 10, [(OF_TENANT, TENANT), (OF_ONE_SERIES, None), (OF_LINE, "invoice")]
    )
    assert values == [1, "invoice", 4, TENANT, "invoice", 10]
    assert text.count("{}") == len(values)
    assert OF_ONE_SERIES not in text
