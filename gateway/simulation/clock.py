"""The time as each tenant sees it: the machine's, unless a test has frozen it or travelled elsewhere.

This clock gives the stamps of the ledger, the end of tokens and sessions, and the dates in dialects. It moves no timers:
deadlines, keep-alive, fault latencies, the journal's own times and the replay window use the machine's clock.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol, TypeAlias

import structlog

from gateway.clock import machine_now, steady_seconds
from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.values import TenantId
from gateway.simulation.production import ProductionTenants

Mode: TypeAlias = Literal["running", "travelling", "frozen"]

log = structlog.get_logger("clock")

POLL_SECONDS: Final = 0.25
"""How often a process looks for what other processes on the same store have changed."""
BLIND_SECONDS: Final = 3.0
"""For how long a clock is believed that could not be compared with the store."""
_NOTE: Final = "clock:"
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


class Notes(Protocol):
    """Where clocks are kept over a restart: named texts in the store."""

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        """Keep a text under a name, or none, in place of `former`. It is durable when this returns.

        False when another text is there; then nothing happens.
        """
        ...

    async def noted(self, prefix: str) -> Mapping[str, str]:
        """All texts whose names begin with a prefix."""
        ...


@dataclass(frozen=True, slots=True)
class ClockState:
    """A tenant's clock.

    tenant: whose clock it is.
    mode: `running` like the machine's; `travelling` at the machine's pace with another time; `frozen` at `now`.
    now: the tenant's time, UTC.
    offset_seconds: how far it is ahead of the machine's clock; negative when it is behind.
    """

    tenant: TenantId
    mode: Mode
    now: datetime
    offset_seconds: float


@dataclass(frozen=True, slots=True)
class _Setting:
    """Either a moment (frozen) or a distance from the machine's clock (travelling)."""

    at: datetime | None = None
    offset: timedelta = timedelta()


class TenantClock:
    """Implements `gateway.core.ports.Clock`.

    Any thread may read it. A change is durable in the store before anybody sees it (ADR-22). After a restart a frozen
    tenant is still frozen at the same moment, and a tenant that travelled is still as far ahead or behind.

    Where several processes share the store, each of them compares its clocks with the store every POLL_SECONDS (`follow`). A
    process that could not do so for BLIND_SECONDS does not know what time its tenants have, and says so.

    on_move: called with each tenant whose clock has been moved, stopped or set going, as soon as this process knows.
    """

    def __init__(self, base: Clock | None = None, production: ProductionTenants | None = None) -> None:
        self._machine_now = machine_now if base is None else base.now
        self._production = ProductionTenants() if production is None else production
        self.on_move: list[Callable[[TenantId], None]] = []
        self._settings: Mapping[TenantId, _Setting] = {}
        self._notes: Notes | None = None
        self._is_shared = False
        self._is_kept_apart: Callable[[TenantId], bool] = lambda _: False
        self._compared: float | None = None
        self._alive = -math.inf
        self._lock = asyncio.Lock()
        self._doubt = asyncio.Event()

    def now(self, tenant: TenantId | None = None) -> datetime:
        """The time of a tenant, in UTC; without a tenant the machine's time.

        Raises StoreUnavailableError for a tenant whose clock another process may have moved BLIND_SECONDS ago.
        """
        if tenant is None:
            return self._machine_now()
        if self._compared is not None and steady_seconds() > self._compared + BLIND_SECONDS:
            self._refuse_unless_known(tenant)
        return self._by(self._settings.get(tenant))

    def _refuse_unless_known(self, tenant: TenantId) -> None:
        # A tenant in another store than the clocks goes on while this process looks for the clocks in vain (ADR-35).
        is_looking = steady_seconds() <= self._alive + BLIND_SECONDS
        if tenant in self._production or (is_looking and self._is_kept_apart(tenant)):
            return
        raise StoreUnavailableError(f"clocks were not compared with the store for {BLIND_SECONDS:g} s")

    def _by(self, setting: _Setting | None) -> datetime:
        """The time that a setting shows."""
        if setting is None:
            return self._machine_now()
        return setting.at if setting.at is not None else self._machine_now() + setting.offset

    def state(self, tenant: TenantId) -> ClockState:
        """What a tenant's clock shows, as far as this process knows."""
        setting = self._settings.get(tenant)
        now = self._by(setting)
        if setting is None:
            return ClockState(tenant, "running", now, 0.0)
        if setting.at is not None:
            return ClockState(tenant, "frozen", now, (now - self._machine_now()).total_seconds())
        return ClockState(tenant, "travelling", now, setting.offset.total_seconds())

    def states(self) -> list[ClockState]:
        """All tenants whose clock is not the machine's, by id."""
        return [self.state(tenant) for tenant in sorted(self._settings)]

    # The store

    async def load(
        self, notes: Notes, *, is_shared: bool = False, is_kept_apart: Callable[[TenantId], bool] | None = None
    ) -> None:
        """Read what was kept, and keep further changes in the same place. A production tenant's clock runs in any case.

        is_shared: other processes may move clocks, too; `follow` has to run.
        is_kept_apart: whether a tenant's numbers are in another store than the clocks.
        """
        self._notes, self._is_shared = notes, is_shared
        if is_kept_apart is not None:
            self._is_kept_apart = is_kept_apart
        await self.compare()

    async def compare(self) -> None:
        """Read all clocks from the store. Raises StoreUnavailableError."""
        if self._notes is None:
            return
        async with self._lock:
            began = steady_seconds()
            kept = await self._notes.noted(_NOTE)
            settings = {TenantId(name.removeprefix(_NOTE)): _read(text) for name, text in kept.items()}
            known = {
                tenant: setting
                for tenant, setting in settings.items()
                if setting is not None and tenant not in self._production
            }
            self._show(known)
            self._compared = began if self._is_shared else None
            self._doubt.clear()

    def _show(self, settings: Mapping[TenantId, _Setting]) -> None:
        former, self._settings = self._settings, settings
        if former == settings:
            return
        for tenant in {*former, *settings}:
            if former.get(tenant) != settings.get(tenant):
                for tell in self.on_move:
                    tell(tenant)

    def is_frozen(self, tenant: TenantId) -> bool:
        """Whether a tenant's clock stands still, as far as this process knows."""
        setting = self._settings.get(tenant)
        return setting is not None and setting.at is not None

    async def follow(self) -> None:
        """Follow clocks that other processes move. Runs until it is cancelled.

        Where no other process moves them, they are read again only after a change whose outcome is not known.
        """
        while True:
            if not self._is_shared:
                await self._doubt.wait()
            comparing = asyncio.create_task(self.compare())
            try:
                while not comparing.done():  # the store may take long to fail
                    await asyncio.wait([comparing], timeout=POLL_SECONDS)
                    self._alive = steady_seconds()
            finally:
                comparing.cancel()
            error = comparing.exception()
            if error is not None and not isinstance(error, StoreUnavailableError):  # `now` says so after BLIND_SECONDS
                log.error("clocks cannot be compared", reason=str(error))
            await asyncio.sleep(POLL_SECONDS)

    # Changes

    async def freeze(self, tenant: TenantId, at: datetime | None = None) -> ClockState:
        """Stop a tenant's clock, at a moment (aware) or where it stands. Raises ProductionTenantError, ValueError."""
        self._production.check(tenant, "freezing its clock")
        moment = None if at is None else _checked(at)
        return await self._change(tenant, lambda former: _Setting(at=moment or self._by(former)))

    async def travel(
        self, tenant: TenantId, *, to: datetime | None = None, by_seconds: float | None = None
    ) -> ClockState:
        """Move a tenant's clock to a moment (aware) or by a distance. A frozen clock stays frozen, at the new moment.

        Raises ProductionTenantError. Raises ValueError unless exactly one of the two is given, and for a moment outside the
        years 1970 to 9000.
        """
        self._production.check(tenant, "moving its clock")
        if (to is None) == (by_seconds is None):
            raise ValueError("give either a moment to travel to or seconds to travel by")

        def travelled(former: _Setting | None) -> _Setting:
            try:
                there = to if to is not None else self._by(former) + timedelta(seconds=by_seconds or 0.0)
            except OverflowError:
                raise ValueError("that is outside the years 1970 to 9000") from None
            there = _checked(there)
            is_frozen = former is not None and former.at is not None
            return _Setting(at=there) if is_frozen else _Setting(offset=there - self._machine_now())

        return await self._change(tenant, travelled)

    async def resume(self, tenant: TenantId) -> ClockState:
        """Back to the machine's time. Also lets a production tenant run again."""
        return await self._change(tenant, lambda _: None)

    async def _change(self, tenant: TenantId, work: Callable[[_Setting | None], _Setting | None]) -> ClockState:
        """Put another setting in the place of the one that the store has; in the end, every process knows it."""
        async with self._lock:
            known = self._settings.get(tenant)
            # Durable first: a time that clients saw must not be gone after a restart.
            try:
                setting = work(known) if self._notes is None else await self._renoted(self._notes, tenant, work)
            except (StoreUnavailableError, asyncio.CancelledError):
                self._doubt.set()  # it may take effect all the same
                raise
            others = {own: other for own, other in self._settings.items() if own != tenant}
            self._show(others if setting is None else {**others, tenant: setting})
        if self._is_shared and setting != known:
            await asyncio.sleep(1.5 * POLL_SECONDS)
        return self.state(tenant)

    async def _renoted(
        self, notes: Notes, tenant: TenantId, work: Callable[[_Setting | None], _Setting | None]
    ) -> _Setting | None:
        name = f"{_NOTE}{tenant}"
        while True:
            former = (await notes.noted(name)).get(name)
            setting = work(None if former is None else _read(former))
            text = _write(setting)
            if text == former or await notes.renote(name, former, text):
                return setting


def _checked(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("that is outside the years 1970 to 9000")
    return moment.astimezone(UTC)


def _write(setting: _Setting | None) -> str | None:
    if setting is None:
        return None
    if setting.at is not None:
        return json.dumps({"frozen": setting.at.isoformat()})
    return json.dumps({"offset_seconds": setting.offset.total_seconds()})


def _read(text: str) -> _Setting | None:
    if not text:  # an earlier version kept this for a clock that runs
        return None
    facts: dict[str, Any] = json.loads(text)
    if "frozen" in facts:
        return _Setting(at=datetime.fromisoformat(facts["frozen"]))
    return _Setting(offset=timedelta(seconds=facts["offset_seconds"]))
