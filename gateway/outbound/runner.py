"""Does the work that is due. Each process has a runner; they share the items through the store (ADR-65).

The runner sleeps until the next moment that it knows of. It is woken when this process has made work free, when a clock was
moved, and when an attempt has ended. What other processes have scheduled it finds by a look at the store, once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.core.values import TenantId
from gateway.core.work import ENDINGS, ForgetWork, GivenBack, TakeWork, WorkItem
from gateway.outbound.attempt import Attempts, Made
from gateway.outbound.plan import WorkLimits, next_work
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.router import StoreRouter

log = structlog.get_logger("work")

SHARED_LOOK_SECONDS: Final = 1.0
"""How often a process looks for work that other processes have scheduled."""
OWN_LOOK_SECONDS: Final = 15.0
"""How often it looks where no other process schedules any: a tenant may have arrived, and the machine's clock may be set."""
PAUSE_SECONDS: Final = 0.1
"""After an item went to somebody else, or the store did not answer."""


def machine_ms() -> int:
    """Milliseconds since 1970 by the machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True, eq=False)
class _Running:
    """An item that this process works on. is_ours: the store says so. task: the attempt."""

    item: WorkItem
    taker: str
    is_ours: bool = False
    task: asyncio.Task[None] | None = None


class WorkRunner:
    """Start it once its stores are open; `stop` lets go of everything.

    stores: of all tenants.
    is_served: whether a tenant is served here.
    is_frozen: whether a tenant's clock stands still.
    now_ms: milliseconds since 1970 by the machine's clock.
    """

    def __init__(
        self,
        stores: StoreRouter,
        clock: Clock,
        attempts: Attempts,
        limits: WorkLimits | None = None,
        *,
        is_served: Callable[[TenantId], bool] = lambda _: True,
        is_frozen: Callable[[TenantId], bool] = lambda _: False,
        now_ms: Callable[[], int] = machine_ms,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._attempts = attempts
        self._limits = limits or WorkLimits()
        self._is_served = is_served
        self._is_frozen = is_frozen
        self._now_ms = now_ms
        self._name = secrets.token_hex(6)
        self._numbers = itertools.count(1)
        self._running: dict[str, _Running] = {}  # by taker: a tenant that is reset gives out ids anew
        self._looks: dict[TenantId, float] = {}
        self._crowded: set[TenantId] = set()
        self._next_survey = 0.0
        self._awake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._endings: Counter[str] = Counter()
        self._ended: Counter[TenantId] = Counter()

    # Life

    def start(self) -> None:
        """Begin to work."""
        for store in self._stores.stores.values():
            store.work_watch = self.wake
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._hold())]

    async def stop(self, seconds: float) -> None:
        """Take nothing more, let attempts end, and give back the items of those that do not end in time."""
        for store in self._stores.stores.values():
            store.work_watch = None
        looking, *holding = self._tasks or (None,)
        await _cancelled([task for task in (looking,) if task is not None])
        attempts = [running.task for running in self._running.values() if running.task is not None]
        if attempts:
            await asyncio.wait(attempts, timeout=max(0.0, seconds))
        await _cancelled([*attempts, *holding])
        self._tasks = []

    def wake(self, tenants: Iterable[TenantId]) -> None:
        """Look at these tenants' work at once."""
        self._looks.update(dict.fromkeys(tenants, 0.0))
        self._awake.set()

    def clock_moved(self, tenant: TenantId) -> None:
        """A tenant has another time now."""
        if tenant in self._looks:
            self.wake([tenant])

    def figures(self) -> dict[str, float]:
        """Counts since the start, by name, for metrics."""
        counts = {f"due_work_{word}": float(self._endings[word]) for _, word in ENDINGS.values()}
        return {**counts, "due_work_under_way": float(len(self._running))}

    # Looking

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            try:
                await self._round()
            except Exception:  # no failure may end the work of all tenants
                log.exception("the store cannot say which work is due")
                self._next_survey = self._soon(OWN_LOOK_SECONDS)
            wait = min([self._next_survey, *self._looks.values()]) - self._soon()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, wait)):
                    await self._awake.wait()

    @staticmethod
    def _soon(seconds: float = 0.0) -> float:
        return asyncio.get_running_loop().time() + seconds

    async def _round(self) -> None:
        if self._soon() >= self._next_survey:
            self._next_survey = self._soon(SHARED_LOOK_SECONDS if self._stores.is_shared else OWN_LOOK_SECONDS)
            for store in self._stores.stores.values():
                with contextlib.suppress(StoreUnavailableError):
                    await self._survey(store)
        for tenant in [own for own, at in self._looks.items() if at <= self._soon()]:
            self._looks[tenant] = math.inf
            try:
                again = await self._look(tenant)
            except StoreUnavailableError:
                again = self._soon(SHARED_LOOK_SECONDS)
            self._looks[tenant] = min(self._looks[tenant], again)

    async def _survey(self, store: DatabaseStore) -> None:
        """Find out which tenants have work that waits, and when to look at each."""
        for tenant, due in await store.work.waiting():
            if self._stores.of(tenant) is store:
                with contextlib.suppress(StoreUnavailableError):
                    seconds = (due - self._clock.now(tenant)).total_seconds()
                    at = math.inf if seconds > 0 and self._is_frozen(tenant) else self._soon(max(0.0, seconds))
                    self._looks[tenant] = min(self._looks.get(tenant, math.inf), at)

    async def _look(self, tenant: TenantId) -> float:
        """Begin what may begin. Returns when to look again."""
        self._crowded.discard(tenant)
        if not self._is_served(tenant):
            return math.inf
        heads = await self._stores.of(tenant).work.heads(tenant)
        now, now_ms = self._clock.now(tenant), self._now_ms()
        under_way = [running.item for running in self._running.values()]
        plan = next_work(heads, under_way, self._limits, now, now_ms, self._attempts.dialects().keys())
        for item in plan.begin:
            self._begin(item)
        if plan.is_crowded:
            self._crowded.add(tenant)
        again = [math.inf]
        if plan.due is not None and not self._is_frozen(tenant):
            again.append(self._soon((plan.due - now).total_seconds()))
        if plan.free_ms is not None:
            again.append(self._soon((plan.free_ms - now_ms) / 1000))
        return min(again)

    # Working

    def _begin(self, item: WorkItem) -> None:
        running = _Running(item, f"{self._name}-{next(self._numbers)}")
        self._running[running.taker] = running
        running.task = asyncio.create_task(self._do(running))

    async def _do(self, running: _Running) -> None:
        item, again = running.item, 0.0
        try:
            running.is_ours = await self._take(running)
            if running.is_ours:
                await self._finish(running, await self._attempts.make(item))
            else:
                again = self._soon(PAUSE_SECONDS)
        except asyncio.CancelledError:
            with contextlib.suppress(StoreUnavailableError):
                await self._end(running, Made(GivenBack()))
            raise
        except StoreUnavailableError as error:  # the item is free again when its time is up
            log.warning("work not noted", tenant=item.tenant, work=item.id, reason=str(error))
            again = self._soon(PAUSE_SECONDS)
        finally:
            del self._running[running.taker]
            self._looks.update(dict.fromkeys(self._crowded, 0.0))
            self._looks[item.tenant] = min(self._looks.get(item.tenant, math.inf), again)
            self._awake.set()

    async def _take(self, running: _Running) -> bool:
        item, now = running.item, self._now_ms()
        until = now + int(self._limits.lease_seconds * 1000)
        taken = await self._stores.execute(TakeWork(item.tenant, item.id, item.lane, running.taker, now, until))
        return taken.item is not None

    async def _end(self, running: _Running, made: Made) -> None:
        await self._stores.execute(made.command(running.item, running.taker))

    async def _finish(self, running: _Running, made: Made) -> None:
        """Note what came of an attempt; again and again, as long as the item is this process's."""
        running.is_ours = False  # else the item could be taken again in its name after it has ended
        limit = self._soon(self._limits.lease_seconds)
        while True:
            try:
                await self._end(running, made)
                break
            except StoreUnavailableError:
                if self._soon() >= limit:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as error:
                if made.otherwise is None:
                    raise
                _log_not_done(running.item, error)
                made = Made(made.otherwise)
        self._endings[ENDINGS[type(made.ending)][1]] += 1
        await self._forget_old(running.item.tenant)

    async def _forget_old(self, tenant: TenantId) -> None:
        """Keep as many ended items as the limits say, and some more, so that not every item costs a look."""
        kept = self._limits.kept
        self._ended[tenant] += 1
        if self._ended[tenant] % max(1, kept // 10) == 0:
            old = await self._stores.of(tenant).work.old(tenant, kept)
            if old:
                await self._stores.execute(ForgetWork(tenant, old))

    async def _hold(self) -> None:
        """Say again and again that the items under way are this process's."""
        while True:
            await asyncio.sleep(self._limits.lease_seconds / 3)
            await asyncio.gather(*(self._hold_one(own) for own in list(self._running.values()) if own.is_ours))

    async def _hold_one(self, running: _Running) -> None:
        try:
            is_ours = await self._take(running)
        except StoreUnavailableError:
            return
        if not is_ours and running.task is not None and running.taker in self._running:
            running.task.cancel()  # somebody has dropped it, or put the tenant back to another state


def _log_not_done(item: WorkItem, error: Exception) -> None:
    """Say why the commands that an item leads to do not take effect. What is no refusal is a bug in one of them."""
    if isinstance(error, Refused):
        log.warning("work refused", tenant=item.tenant, work=item.id, refusal=type(error.refusal).__name__)
    else:
        log.error("work failed", tenant=item.tenant, dialect=item.dialect, work=item.id, exc_info=error)


async def _cancelled(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
