"""When a company was made and changed: what is shown is rounded, what is compared is exact. Source: G-13, G-14."""

from __future__ import annotations

import datetime as dt

import pytest

from adapters.twentyfoursevenoffice.company.view import created
from tests.adapters.twentyfoursevenoffice.company.desk import Company, at, business, in_memory


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (at(10, 15), at(10, 15)),
        (at(10, 15, 29, 999999), at(10, 15)),
        (at(10, 15, 30), at(10, 16)),
        (at(10, 15, 59, 999999), at(10, 16)),
        (at(23, 59, 45), dt.datetime(2024, 3, 1, tzinfo=dt.UTC)),
    ],
)
def test_the_creation_time_is_rounded(moment: dt.datetime, shown: dt.datetime) -> None:
    assert created(moment) == shown


async def test_moments_of_a_company() -> None:
    desk = in_memory()
    desk.clock.moment = at(10, 15, 40)
    await desk.save(business("Fjord AS"))
    (new,) = await desk.get("DateCreated", "DateChanged", company_id=1)
    assert (new.date_created, new.date_changed) == (at(10, 16), at(10, 15, 40))
    desk.clock.moment = at(11, 0, 1)
    await desk.save(Company(id=1, name="Fjord og fisk AS"))
    (changed,) = await desk.get("DateCreated", "DateChanged", company_id=1)
    assert (changed.date_created, changed.date_changed) == (at(10, 16), at(11, 0, 1))


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (at(10, 14, 59), [1]),  # as a client lowers it
        (at(10, 15, 10), [1]),  # a client's own clock, which the vendor's rounding would make miss the company
        (at(10, 15, 19, 999999), [1]),
        (at(10, 15, 20), []),
        (at(10, 16), []),
        (dt.datetime(2024, 2, 29, 10, 15, 10), [1]),  # without a zone: UTC
        (dt.datetime(2024, 2, 29, 11, 15, 10, tzinfo=dt.timezone(dt.timedelta(hours=1))), [1]),
        (dt.datetime(2024, 2, 29), [1]),
    ],
)
async def test_changed_after_compares_exact_moments(after: dt.datetime, found: list[int]) -> None:
    desk = in_memory()
    desk.clock.moment = at(10, 15, 20)
    await desk.save(business("Fjord AS"))
    assert await desk.found(changed_after=after) == found
    assert await desk.found(changed_after=after, company_id=1) == found
    assert (await desk.sync(page=1, changed_after=after)).total_items == len(found)
    assert (await desk.sync(page=1, registered_after=after)).total_items == len(found)


async def test_moments_of_a_deleted_company() -> None:
    desk = in_memory()
    desk.clock.moment = at(10, 15, 40)
    await desk.save(business("Fjord AS"))
    desk.clock.moment = at(12, 0, 7)
    await desk.delete(1)
    (gone,) = (await desk.sync(page=1, changed_after=at(12, 0))).items or ()
    assert gone is not None
    assert (gone.company_id, gone.active, gone.date_registered, gone.date_changed) == (
        1,
        False,
        at(10, 16),
        at(12, 0, 7),
    )
    assert (await desk.sync(page=1, changed_after=at(12, 0, 7))).items == []
