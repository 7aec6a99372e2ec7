"""Files and stamps on PostgreSQL, written by two gateways on one database."""

from __future__ import annotations

from gateway.testing.memory_store import HandClock
from tests.adapters.twentyfoursevenoffice.attachment.archive import Archive, opened
from tests.adapters.twentyfoursevenoffice.attachment.model import Act
from tests.adapters.twentyfoursevenoffice.attachment.test_any_order import check
from tests.adapters.twentyfoursevenoffice.attachment.test_at_once import check_all
from tests.stores.postgres.conftest import MakePostgres, cluster, database, make_store

__all__ = ["cluster", "database", "make_store"]


async def test_at_once(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    clock = HandClock()
    await check_all([await opened(one, clock), Archive(other, clock, {})])


async def test_one_by_one(make_store: MakePostgres) -> None:
    """Some acts of every sort; `test_any_order` has them in any order."""
    chunk = bytes(range(256)) * 600
    acts = [
        Act("append", 0, 0, chunk),
        Act("append", 0, -3, b"overlap"),
        Act("checksum", 0),
        Act("download", 0, 65_530, number=100_000),
        Act("save", 0, number=104),
        Act("save", 1, number=3),
        Act("next"),
        Act("append", 1, 0, b"too late"),
    ]
    await check(await make_store(), acts)
