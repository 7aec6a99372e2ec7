"""A receiver, a pool that notes what it sends, and a workshop for due work."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.outbound.pool import Pool, PoolLimits
from gateway.simulation.clock import TenantClock
from gateway.spi.adapter import Call, Reply
from gateway.stores import open_store
from tests.outbound.receiver import Receiver, receiving
from tests.outbound.workshop import TENANT, Workshop

NOON = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)


@dataclass
class Noted:
    """What a pool hands to the journal."""

    calls: list[tuple[Call, Reply, str]] = field(default_factory=list)

    def record(self, call: Call, reply: Reply, dialect: str, outcome: str, seconds: float) -> None:
        self.calls.append((call, reply, outcome))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
async def pool(noted: Noted) -> AsyncIterator[Pool]:
    made = Pool(PoolLimits(max_answer_bytes=1000, max_request_bytes=1000), recorder=noted)
    yield made
    await made.close()


@pytest.fixture
async def workshop(tmp_path: Path, blank_store: Path, pool: Pool) -> AsyncIterator[Workshop]:
    """A workshop on a SQLite store; the tenant's clock stands still."""
    shutil.copy(blank_store, tmp_path / "work.db")
    clock = TenantClock()
    store = open_store(f"sqlite:///{tmp_path / 'work.db'}", clock=clock)
    await store.start()
    await clock.freeze(TENANT, NOON)
    made = Workshop(store, pool, clock)
    yield made
    await made.stop()
    await made.store.close()
