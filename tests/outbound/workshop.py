"""Stores, clocks, a dialect of the tests' own and runners, without a gateway around them."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.values import Origin, TenantId
from gateway.core.work import NewWork, ScheduleWork, WorkItem
from gateway.outbound.attempt import Attempts
from gateway.outbound.plan import WorkLimits
from gateway.outbound.pool import Pool
from gateway.outbound.runner import WorkRunner
from gateway.simulation.clock import TenantClock
from gateway.spi.destinations import AllowList, allow_list
from gateway.spi.outbound import Outbound, OutboundRequest
from gateway.spi.work import Done, GiveUp, Outcome, Retry, RetryTable, Work, WorkKind
from gateway.stores import DatabaseStore
from gateway.stores.router import StoreRouter

DIALECT: Final = "toy"
BY: Final = Origin(DIALECT, "user", "request-1")
TENANT: Final = TenantId("demo")
MINUTE: Final = dt.timedelta(minutes=1)
HOME: Final = allow_list(["localhost"])

Deed = Callable[[Work, Outbound], Awaitable[Outcome]]


@dataclass
class Toy:
    """A dialect that calls back, and does work of its own. begun: the attempts, in the order in which they began.

    deeds: what to do for a body's `do`, instead of a request to its `url`.
    """

    begun: list[tuple[int, int]] = field(default_factory=list)
    deeds: dict[str, Deed] = field(default_factory=dict)
    work: Mapping[str, WorkKind] = field(
        default_factory=lambda: {
            "callback": WorkKind("A callback", RetryTable((MINUTE, 2 * MINUTE))),
            "thaw": WorkKind("Work of its own"),
            "brief": WorkKind("An attempt that has little time", RetryTable((MINUTE,)), deadline_seconds=0.05),
        }
    )

    async def perform(self, work: Work, outbound: Outbound) -> Outcome:
        self.begun.append((work.id, work.attempt))
        facts = work.facts
        if "do" in facts:
            return await self.deeds[facts["do"]](work, outbound)
        reply = await outbound.send(OutboundRequest(facts["url"], "POST", body=str(work.id).encode()))
        if reply.status == 410:
            return GiveUp("the receiver is gone")
        return Done(f"status {reply.status}") if reply.status < 300 else Retry(f"status {reply.status}")


class MortalRunner(WorkRunner):
    """A runner that can die. held: for each end that was noted, whether the item was still being held for longer."""

    def __init__(self, *parts: Any, **options: Any) -> None:
        super().__init__(*parts, **options)
        self.held: list[bool] = []

    async def die(self) -> None:
        """End its tasks, without letting them say goodbye."""
        self._is_dead = True
        await self.stop(0)

    async def _end(self, running: Any, made: Any) -> None:
        self.held.append(running.is_ours)
        if not getattr(self, "_is_dead", False):
            await super()._end(running, made)


@dataclass
class Workshop:
    """Runners over one store. `runner()` makes one more, with a router of its own, as another process would have."""

    store: DatabaseStore
    pool: Pool
    clock: TenantClock
    toy: Toy = field(default_factory=Toy)
    limits: WorkLimits = field(default_factory=WorkLimits)
    allowed: AllowList = HOME
    made: list[MortalRunner] = field(default_factory=list)

    def runner(self, store: DatabaseStore | None = None, toy: Toy | None = None, **options: Any) -> MortalRunner:
        dialect: Any = toy or self.toy
        attempts = Attempts(lambda: {DIALECT: dialect}, self.pool, lambda *_: self.allowed, self.clock, 30.0)
        router = StoreRouter({"default": store or self.store}, {})
        made = MortalRunner(router, self.clock, attempts, self.limits, is_frozen=self.clock.is_frozen, **options)
        self.clock.on_move.append(made.clock_moved)
        made.start()
        self.made.append(made)
        return made

    async def schedule(
        self, lane: str, kind: str = "callback", due: dt.datetime | None = None, tenant: TenantId = TENANT, **facts: Any
    ) -> int:
        new = NewWork(kind, lane, json.dumps(facts), due)
        (item,) = (await self.store.execute(ScheduleWork(tenant, (new,), BY))).items
        return item.id

    async def item(self, own: int, tenant: TenantId = TENANT) -> WorkItem:
        (found,) = await self.store.work.page(tenant, after=own - 1, limit=1)
        return found

    async def stop(self) -> None:
        await asyncio.gather(*(runner.stop(5) for runner in self.made))
