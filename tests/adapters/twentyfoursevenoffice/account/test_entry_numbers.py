"""GetEntryId: which line a request asks about, what it answers, and what it consumes."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.lines import LARGEST
from gateway.core.catalogue import FiscalYear, VoucherSeries, VoucherType
from gateway.core.commands import ANYTHING, SetNext
from gateway.core.gaps import GapReason
from gateway.core.values import VOUCHER, CounterKey
from gateway.testing.memory_store import MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import DEMO, OPERATOR, V002, opened, voucher

LINES = {
    "2024-03-15T00:00:00": 2024,
    "2024-01-01": 2024,
    "2023-12-31": 2023,
    "2024-12-31T23:59:59": 2024,
    "2024-01-01T00:00:00+01:00": 2024,  # PHP's date("c") in Oslo: in UTC it is the year before
    "2023-12-31T23:30:00Z": 2024,
    "2023-12-31T22:30:00Z": 2023,
    "2024-12-31T18:00:00-06:00": 2025,
    "2024-07-01T00:00:00.123456": 2024,
    "2024-07-01T00:00:00.1234567Z": 2024,
}


@pytest.mark.parametrize(("day", "year"), LINES.items())
async def test_the_day_decides_about_the_line(day: str, year: int) -> None:
    office = await opened(MemoryStore())
    assert await office.number(day) == 1
    assert list(await office.views()) == [f"voucher-1-{year}"]


async def test_each_series_and_year_has_a_line() -> None:
    office = await opened(MemoryStore())
    given = [await office.number(f"{year}-02-01", series) for series in (1, 3) for year in (2023, 2024, 2024)]
    assert given == [1, 1, 2, 1, 1, 2]
    views = await office.views()
    assert {key: view.next_number(VOUCHER) for key, view in views.items()} == {
        "voucher-1-2023": 2,
        "voucher-1-2024": 3,
        "voucher-3-2023": 2,
        "voucher-3-2024": 3,
    }
    assert {view.series.owner for view in views.values()} == {"twentyfoursevenoffice"}


async def test_what_is_sent_comes_back_and_the_sent_number_is_ignored() -> None:
    office = await opened(MemoryStore())
    inner = "<argEntryId><Date>2024-03-15T00:00:00+01:00</Date><SortNo>1</SortNo><EntryNo>999</EntryNo></argEntryId>"
    answer = await office.ask("GetEntryId", inner)
    assert answer.body.endswith(
        "<GetEntryIdResult><Date>2024-03-15T00:00:00</Date><SortNo>1</SortNo><EntryNo>1</EntryNo></GetEntryIdResult>"
        "</GetEntryIdResponse></soap:Body></soap:Envelope>"
    )
    assert answer.call.number == 1


NONE: dict[str, tuple[str, int]] = {
    "no_year": ("2031-03-15T00:00:00", 1),
    "unknown_series": ("2024-03-15T00:00:00", 99),
    "locked": ("2022-03-15T00:00:00", 1),
}
YEARS = [
    {"start": "2022-01-01", "end": "2023-01-01", "locked": True},
    {"start": "2024-01-01", "end": "2025-01-01"},
]
TEXTS = {
    "no_year": "There is no fiscal year for 2031-03-15.",
    "unknown_series": "There is no entry series 99.",
    "locked": "Fiscal year 2022 is locked.",
}


@pytest.mark.parametrize("name", NONE)
@pytest.mark.parametrize("mode", ["reserve", "peek"])
async def test_no_number_is_minus_one_and_consumes_nothing(name: str, mode: str) -> None:
    office = await opened(MemoryStore(), entry_numbers=mode, fiscal_years=YEARS)
    answer = await office.entry(*NONE[name])
    assert (answer.status, answer.number, answer.call.number, answer.call.outcome) == (200, -1, None, name)
    assert await office.views() == {}


@pytest.mark.parametrize("name", NONE)
async def test_no_number_may_be_a_fault(name: str) -> None:
    office = await opened(MemoryStore(), minus_one_for=[*({*NONE} - {name})], fiscal_years=YEARS)
    answer = await office.entry(*NONE[name])
    assert answer.status == 500
    assert answer.text == f"Server was unable to process request. ---> {TEXTS[name]}"
    for other in {*NONE} - {name}:
        assert (await office.entry(*NONE[other])).number == -1
    assert await office.views() == {}


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("", "Server was unable to process request. ---> Object reference not set to an instance of an object."),
        (
            "<argEntryId><Date></Date><SortNo></SortNo><EntryNo></EntryNo></argEntryId>",
            "Server was unable to read request. ---> There is an error in XML document",
        ),
        (
            "<argEntryId><Date>2024-01-01</Date><SortNo>4294967296</SortNo></argEntryId>",
            "Server was unable to read request. ---> There is an error in XML document",
        ),
    ],
)
async def test_what_cannot_be_read_is_a_fault(inner: str, text: str) -> None:
    office = await opened(MemoryStore())
    answer = await office.ask("GetEntryId", inner)
    assert answer.status == 500
    assert text in answer.text
    assert await office.views() == {}


async def test_missing_parts_are_the_first_day_and_series_0() -> None:
    office = await opened(MemoryStore())
    assert (await office.ask("GetEntryId", "<argEntryId />")).number == -1


async def test_peek_reads_only() -> None:
    office = await opened(MemoryStore(), entry_numbers="peek")
    assert [await office.number() for _ in range(3)] == [1, 1, 1]
    assert await office.views() == {}
    assert (await office.save(voucher(1), voucher(2), voucher(9))).outcome == "Ok"
    assert [await office.number() for _ in range(3)] == [10, 10, 10]


async def test_reserved_numbers_are_named_holes_until_they_are_booked() -> None:
    office = await opened(MemoryStore())
    assert [await office.number() for _ in range(3)] == [1, 2, 3]
    assert [(gap.first, gap.last, gap.reason) for gap in (await office.gaps()).gaps] == [
        (number, number, GapReason.RESERVED) for number in (1, 2, 3)
    ]
    assert (await office.save(voucher(1), voucher(3))).outcome == "Ok"
    assert [(gap.first, gap.last, gap.reason) for gap in (await office.gaps()).gaps] == [(2, 2, GapReason.RESERVED)]


async def test_the_first_number_of_a_year_is_set_for_its_series() -> None:
    types = [
        {"id": 1, "number": 1, "title": "Inn", "series": 3, "start": 30001},
        {"id": 2, "number": 2, "title": "Ut", "series": 1, "start": 10001},
        {"id": 3, "number": 3, "title": "Ut igjen", "series": 1},
    ]
    for mode in ("reserve", "peek"):
        office = await opened(MemoryStore(), entry_series=types, entry_numbers=mode)
        assert [await office.number(day, 1) for day in ("2023-01-01", "2024-01-01")] == [10001, 10001]
        assert await office.number(series=3) == 30001
        assert await office.number(series=2) == -1


async def test_the_catalogue_goes_before_the_settings() -> None:
    items: Any = (
        VoucherType(7, 1, "Alt", 5),
        VoucherSeries(5, 501),
        VoucherSeries(6),
        FiscalYear(2024, date(2023, 7, 1), date(2024, 7, 1)),
    )
    office = await opened(MemoryStore(), items=items)
    assert [await office.number(day, 5) for day in ("2023-07-01", "2024-06-30", "2024-07-01")] == [501, 502, -1]
    assert [await office.number("2024-01-01", series) for series in (6, 1)] == [1, -1]
    assert sorted(await office.views()) == ["voucher-5-2024", "voucher-6-2024"]


async def test_client_companies_have_lines_of_their_own() -> None:
    office = await opened(MemoryStore())
    assert [(await office.entry(who=who)).number for who in ("demo", "shop", "demo", "other")] == [1, 1, 2, 1]
    assert sorted(await office.views()) == ["voucher-1-2024", "voucher-25-1-2024"]


async def test_a_line_that_is_used_up_gives_no_number() -> None:
    store = MemoryStore()
    office = await opened(store)
    assert (await office.save(voucher(LARGEST))).outcome == "Ok"
    assert await office.number() == -1
    assert await office.with_settings(entry_numbers="peek").number() == -1
    assert (await office.save(voucher(LARGEST - 1, amount="2"))).outcome == "Ok"


async def test_a_line_that_was_set_back_gives_no_number_twice() -> None:
    store = MemoryStore()
    office = await opened(store)
    assert (await office.save(voucher(1), voucher(2), voucher(4))).outcome == "Ok"
    line = CounterKey((await office.views())["voucher-1-2024"].series.id, VOUCHER)
    await store.execute(SetNext(DEMO, line, 1, ANYTHING, OPERATOR))
    assert [await office.number() for _ in range(3)] == [3, 5, 6]


async def test_fifty_at_once_get_fifty_numbers() -> None:
    office = await opened(MemoryStore())
    given = await asyncio.gather(*(office.number() for _ in range(50)))
    assert sorted(given) == list(range(1, 51))


async def test_the_older_path_is_the_same_service() -> None:
    office = await opened(MemoryStore())
    inner = "<argEntryId><Date>2024-03-15</Date><SortNo>1</SortNo><EntryNo>1</EntryNo></argEntryId>"
    assert [(await office.ask("GetEntryId", inner, path)).number for path in (V002, V002.lower())] == [1, 2]
    assert await office.number() == 3
