"""Payments on PostgreSQL, registered by two gateways on one database."""

from __future__ import annotations

import pytest

from tests.adapters.twentyfoursevenoffice.account.office import Office, opened
from tests.adapters.twentyfoursevenoffice.payment.test_any_order import ITEMS
from tests.adapters.twentyfoursevenoffice.payment.till import check_many_at_once
from tests.stores.postgres.conftest import MakePostgres, cluster, database, make_store

__all__ = ["cluster", "database", "make_store"]
pytestmark = pytest.mark.long_form


async def test_many_at_once(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    till = await opened(one, items=ITEMS, overpayment="refuse")
    twin = Office(other, till.series, till.clock, overpayment="refuse")
    await check_many_at_once([till, twin])
