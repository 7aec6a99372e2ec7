"""Stamp numbers: what is next, what Save does to the lines, where ranges begin and end."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from adapters.twentyfoursevenoffice.attachment.settings import AttachmentChoices
from gateway.core.commands import ANYTHING, ListSeries, SetNext, Void
from gateway.core.values import STAMP, Origin, SeriesView
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.attachment.archive import (
    BERGEN,
    OSLO,
    RANGES,
    TENANT,
    Archive,
    Fault,
    claimed,
    opened,
)

BY = Origin("admin", "t", "r")


@pytest.fixture
async def archive() -> Archive:
    clock = HandClock()
    return await opened(MemoryStore(MemoryState(clock)), clock)


async def series_of(archive: Archive, key: str) -> SeriesView:
    listed = await archive.service.read(ListSeries(TENANT))
    return next(view for view in listed.views if view.series.key == key)


async def test_a_number_is_next_until_it_is_saved(archive: Archive) -> None:
    assert [await archive.next_stamp() for _ in range(3)] == [1, 1, 1]
    assert await archive.service.read(ListSeries(TENANT, "twentyfoursevenoffice"))
    file = await archive.create()
    assert await archive.next_stamp() == 1
    await archive.append(file, b"page", 0)
    assert await archive.next_stamp() == 1
    await archive.save(file, 1)
    assert await archive.next_stamp() == 2
    assert archive.calls[-1].number == 2
    view = await series_of(archive, "stamp")
    assert (view.series.owner, view.next_number(STAMP), view.issued(STAMP)) == ("twentyfoursevenoffice", 2, 1)


async def test_a_number_gets_pages(archive: Archive) -> None:
    files = [await archive.upload(stamp=1, meta=[("PageNo", str(page))]) for page in (1, 2, 3)]
    assert await archive.next_stamp() == 2
    found = await archive.find("<StampNo><int>1</int></StampNo>")
    assert [info.id for info in found] == files
    assert [info.meta for info in found] == [(("PageNo", page),) for page in "123"]
    assert await claimed(archive.service) == [1]


async def test_each_file_draws_its_own(archive: Archive) -> None:
    drawn = []
    for _ in range(3):
        file = await archive.create()
        await archive.append(file, b"receipt", 0)
        drawn.append(await archive.next_stamp())
        await archive.save(file, drawn[-1], "Retrieval")
    assert drawn == [1, 2, 3]


async def test_no_frame_and_no_number_is_no_stamp(archive: Archive) -> None:
    files = [await archive.upload(), await archive.upload(stamp=0)]
    assert await archive.next_stamp() == 1
    found = await archive.find("<HasStampNo>false</HasStampNo>")
    assert [(info.id, info.meta) for info in found] == [(files[0], None), (files[1], ())]


SAVES = [
    ([3], 7, "4 to 6 are those of Oslo"),
    ([1, 3], 7, "ahead of the line: it goes to one behind it"),
    ([9, 2], 10, "a hole is filled, the line stays"),
    ([5], 1, "a number of a series leaves the line outside alone"),
    ([103, 99], 105, "100 to 104 are those of Bergen"),
    ([2**31 - 2], 2**31 - 1, "the last one but one"),
]


@pytest.mark.parametrize(("saves", "following", "why"), SAVES)
async def test_the_line_outside_of_series(archive: Archive, saves: list[int], following: int, why: str) -> None:
    for number in saves:
        await archive.upload(stamp=number)
    assert await archive.next_stamp() == following, why
    assert await claimed(archive.service) == sorted(saves)


async def test_where_it_begins(archive: Archive) -> None:
    later = archive.with_settings(stamp_start=4)
    assert await later.next_stamp() == 7
    await later.upload(stamp=7)
    assert await later.next_stamp() == 8
    await later.upload(stamp=2)
    assert await later.next_stamp() == 8


async def test_all_numbers_are_used_up(archive: Archive) -> None:
    await archive.upload(stamp=2**31 - 1)
    with pytest.raises(Fault, match="All stamp numbers from 1 to 2147483647 are in use"):
        await archive.next_stamp()


async def test_a_series_has_the_numbers_of_its_range(archive: Archive) -> None:
    (result,) = await archive.ask("GetSeries")
    assert [[part.text for part in each] for each in result] == [
        [str(value) for value in each.values()] for each in RANGES
    ]
    for number in (100, 101, 103, 104):
        await archive.upload(stamp=number)
        if number < 104:
            assert await archive.next_of(BERGEN) == number + 1
    with pytest.raises(Fault, match="All stamp numbers from 100 to 104 are in use"):
        await archive.next_of(BERGEN)
    await archive.upload(stamp=102)
    await archive.upload(stamp=104)
    assert (await archive.next_of(OSLO), await archive.next_stamp()) == (4, 1)
    assert await claimed(archive.service) == [100, 101, 102, 103, 104]


async def test_the_last_number_ahead_of_the_line(archive: Archive) -> None:
    await archive.upload(stamp=104)
    with pytest.raises(Fault, match="in use"):
        await archive.next_of(BERGEN)


async def test_a_series_whose_range_has_changed(archive: Archive) -> None:
    await archive.upload(stamp=104)
    wider = archive.with_settings(stamp_series=[{**RANGES[0], "end": 110}])
    assert await wider.next_of(BERGEN) == 105
    await wider.upload(stamp=107)
    assert await wider.next_of(BERGEN) == 108
    view = await series_of(archive, f"stamp-{BERGEN}")
    assert view.counters[STAMP].bounds == (100, 110)


MOVED = [
    (200, 204, 200, 201),
    (50, 54, 50, 51),
    (100, 101, 100, None),
    (101, 110, 103, 104),
    (101, 101, None, None),
    (95, 100, 95, 96),
    (102, 102, 103, None),
    (1000, 1000, 1000, None),
]


@pytest.mark.parametrize(("start", "end", "first", "second"), MOVED)
async def test_a_series_whose_range_was_moved(
    archive: Archive, start: int, end: int, first: int | None, second: int | None
) -> None:
    """The line stands at 103. It goes to where the new range begins, or stays where the range holds it."""
    await archive.upload(stamp=101)
    await archive.upload(stamp=102)
    moved = archive.with_settings(stamp_series=[{**RANGES[0], "start": start, "end": end}])
    for following in (first, second):
        if following is None or following > end:
            with pytest.raises(Fault, match="are in use"):
                await moved.next_of(BERGEN)
            return
        assert await moved.next_of(BERGEN) == following
        await moved.upload(stamp=following)
    view = await series_of(archive, f"stamp-{BERGEN}")
    assert view.counters[STAMP].bounds == (start, end)
    assert await claimed(archive.service) == sorted([101, 102, first, second])


async def test_a_number_of_a_series_that_is_gone(archive: Archive) -> None:
    """It is in use, so it gets one more page, and the line of today passes it by."""
    first = await archive.upload(stamp=5)
    without = archive.with_settings(stamp_series=[])
    await without.upload(stamp=4)
    assert await without.next_stamp() == 5
    second = await without.upload(stamp=5)
    assert await without.next_stamp() == 6
    assert [info.id for info in await without.find("<StampNo><int>5</int></StampNo>")] == [first, second]
    assert await claimed(archive.service) == [4, 5]


async def test_a_line_that_an_operator_has_set_back(archive: Archive) -> None:
    for number in (1, 2, 3):
        await archive.upload(stamp=number)
    line = (await series_of(archive, "stamp")).counters[STAMP].key
    await archive.service.execute(SetNext(TENANT, line, 2, ANYTHING, BY))
    assert await archive.next_stamp() == 7
    await archive.upload(stamp=3)
    assert (await series_of(archive, "stamp")).next_number(STAMP) == 2, "a number that is in use moves nothing"
    await archive.upload(stamp=7)
    assert await archive.next_stamp() == 8


async def test_a_number_that_an_operator_has_voided(archive: Archive) -> None:
    reserving = archive.with_settings(series_stamp_reserves=True)
    assert await reserving.next_of() == 100
    line = (await series_of(archive, f"stamp-{BERGEN}")).counters[STAMP].key
    await archive.service.execute(Void(TENANT, line, 100, BY))
    with pytest.raises(Fault, match="The StampNo 100 cannot be used"):
        await archive.upload(stamp=100)


async def test_a_series_that_reserves(archive: Archive) -> None:
    reserving = archive.with_settings(series_stamp_reserves=True)
    drawn = await asyncio.gather(*(reserving.next_of() for _ in range(3)))
    assert sorted(drawn) == [100, 101, 102]
    await reserving.upload(stamp=101)
    assert [await reserving.next_of(), await reserving.next_of()] == [103, 104]
    with pytest.raises(Fault, match="All stamp numbers from 100 to 104 are in use"):
        await reserving.next_of()
    assert await reserving.next_stamp() == 1


async def test_client_companies_have_lines_of_their_own(archive: Archive) -> None:
    await archive.upload(stamp=1)
    second = "second@example.com"
    assert await archive.next_stamp(second) == 1
    await archive.upload(stamp=1, user=second)
    assert [await archive.next_stamp(), await archive.next_stamp(second)] == [2, 2]
    assert await claimed(archive.service) == [1, 1]


async def test_a_failed_save_takes_no_number(archive: Archive) -> None:
    file = await archive.create()
    with pytest.raises(Fault, match="has no content"):
        await archive.save(file, 1)
    assert await archive.next_stamp() == 1
    assert await claimed(archive.service) == []


SERIES = [
    ([{**RANGES[0], "start": 105}], "the start lies behind the end"),
    ([RANGES[0], {**RANGES[1], "id": BERGEN}], "two have the id"),
    ([RANGES[0], {**RANGES[1], "start": 1, "end": 100}], "Kontor Oslo and Kontor Bergen overlap"),
]


@pytest.mark.parametrize(("series", "problem"), SERIES)
def test_series_of_the_settings(series: list[dict[str, object]], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        AttachmentChoices.model_validate({"stamp_series": series})
