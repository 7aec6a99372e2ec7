"""CompanyService on SQLite and PostgreSQL, on the latter from two gateways at once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.twentyfoursevenoffice.settings import Settings
from gateway.stores import open_store
from gateway.testing.memory_store import HandClock
from schemas.twentyfoursevenoffice.company import messages as m
from schemas.twentyfoursevenoffice.company.types import Category
from tests import pg
from tests.adapters.twentyfoursevenoffice.company.desk import Desk, business, errors
from tests.adapters.twentyfoursevenoffice.company.test_any_order import STEPS, check
from tests.adapters.twentyfoursevenoffice.company.test_links import check_no_link_outlives_its_company
from tests.adapters.twentyfoursevenoffice.company.test_saving import check_that_nothing_is_lost
from tests.long_form import short_or_long
from tests.stores.postgres.conftest import cluster, database
from tests.stores.postgres.test_suite import run_on_empty

__all__ = ["cluster", "database"]
pytestmark = pytest.mark.long_form

Check = Callable[[list[Desk]], Awaitable[None]]


async def on_stores(url: str, count: int, work: Check, **own: Any) -> None:
    """Run with several stores on one database, each with a desk; they share a clock."""
    clock = HandClock()
    stores = [open_store(url, clock=clock) for _ in range(count)]
    for store in stores:
        await store.start()
    try:
        await work([Desk(store, clock, Settings.model_validate(own)) for store in stores])
    finally:
        for store in stores:
            await store.close()


async def links_and_deletions(desks: list[Desk]) -> None:
    """Links are saved through one gateway while the other one deletes their company."""
    await desks[0].save(*(business(f"Company {number}") for number in range(3)))
    await desks[0].ask(m.SaveCategories(categories=[Category(id=70, name="Member")]))
    await check_no_link_outlives_its_company(desks[0], desks[-1])


async def many_at_once(desks: list[Desk]) -> None:
    """Each gateway sees what the others have saved, in every read that begins after the answer."""
    batches = [[business(f"Company {place} {number}") for number in range(40)] for place in range(4)]
    answers = await asyncio.gather(*(desks[place % len(desks)].save(*batch) for place, batch in enumerate(batches)))
    saved = sorted(own.id for answer in answers for own in answer)
    assert saved == list(range(1, 161))
    for desk in desks:
        assert await desk.found(company_name="%") == saved
        assert await desk.found(company_name="company 2") == sorted(own.id for own in answers[2])
    assert errors(await desks[0].delete(*saved[:10])) == []
    assert await desks[-1].found(company_ids=saved) == saved[10:]
    page = await desks[-1].sync(page=1, active=False)
    assert page.total_items == 10


CHECKS = {
    "nothing is lost": check_that_nothing_is_lost,
    "links": links_and_deletions,
    "many": many_at_once,
}


@pytest.mark.parametrize("work", CHECKS.values(), ids=CHECKS.keys())
async def test_on_sqlite(tmp_path: Path, blank_store: Path, work: Check) -> None:
    shutil.copy(blank_store, tmp_path / "numbers.db")
    await on_stores(f"sqlite:///{tmp_path / 'numbers.db'}", 1, work)


@pytest.mark.parametrize("work", CHECKS.values(), ids=CHECKS.keys())
async def test_on_postgres(cluster: pg.Cluster, database: str, work: Check) -> None:
    await on_stores(cluster.url(database), 2, work)


@settings(max_examples=short_or_long(8, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_any_order_on_sqlite(blank_store: Path, steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.db"
        shutil.copy(blank_store, path)
        asyncio.run(on_stores(f"sqlite:///{path}", 1, lambda desks: check(desks[0], steps), sync_page_size=2))


@settings(max_examples=short_or_long(4, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_any_order_on_postgres(cluster: pg.Cluster, database: str, steps: list[tuple[str, Any]]) -> None:
    work = on_stores(cluster.url(database), 1, lambda desks: check(desks[0], steps), sync_page_size=2)
    run_on_empty(cluster, database, work)
