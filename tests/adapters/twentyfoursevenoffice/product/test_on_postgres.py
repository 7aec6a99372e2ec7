"""Products and persons on PostgreSQL, written by two gateways on one database."""

from __future__ import annotations

import pytest

from tests.adapters.twentyfoursevenoffice.product.shelf import Shelf, with_demo
from tests.adapters.twentyfoursevenoffice.product.test_at_once import CHECKS
from tests.adapters.twentyfoursevenoffice.product.test_products import check_searches
from tests.stores.postgres.conftest import MakePostgres, cluster, database, make_store

__all__ = ["cluster", "database", "make_store"]
pytestmark = pytest.mark.long_form


async def test_at_once(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    await with_demo(one)
    for check in CHECKS:
        await check([Shelf(one), Shelf(other)])


async def test_searches(make_store: MakePostgres) -> None:
    store = await make_store()
    await with_demo(store)
    await check_searches(Shelf(store))
