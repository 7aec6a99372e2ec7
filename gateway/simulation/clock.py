"""The time as each tenant sees it: the machine's, unless a test has frozen it or travelled elsewhere.

This clock gives the stamps of the ledger, the end of tokens and sessions, and the dates in dialects. It moves no timers:
deadlines, keep-alive, fault latencies, the journal's own times and the replay window use the machine's clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol, TypeAlias

from gateway.clock import machine_now
from gateway.core.ports import Clock
from gateway.core.values import TenantId
from gateway.simulation.production import ProductionTenants

Mode: TypeAlias = Literal["running", "travelling", "frozen"]

_NOTE: Final = "clock:"
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


class Notes(Protocol):
    """Where clocks are kept over a restart: named texts in the store."""

    async def note(self, name: str, value: str) -> None:
        """Keep a text under a name in place of an earlier one. It is durable when this returns."""
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
    """

    def __init__(self, base: Clock | None = None, production: ProductionTenants | None = None) -> None:
        self._machine_now = machine_now if base is None else base.now
        self._production = ProductionTenants() if production is None else production
        self._settings: dict[TenantId, _Setting] = {}
        self._notes: Notes | None = None

    def now(self, tenant: TenantId | None = None) -> datetime:
        """The time of a tenant, in UTC; without a tenant the machine's time."""
        setting = self._settings.get(tenant) if tenant is not None else None
        if setting is None:
            return self._machine_now()
        return setting.at if setting.at is not None else self._machine_now() + setting.offset

    def state(self, tenant: TenantId) -> ClockState:
        """What a tenant's clock shows."""
        setting = self._settings.get(tenant)
        now = self.now(tenant)
        if setting is None:
            return ClockState(tenant, "running", now, 0.0)
        if setting.at is not None:
            return ClockState(tenant, "frozen", now, (now - self._machine_now()).total_seconds())
        return ClockState(tenant, "travelling", now, setting.offset.total_seconds())

    def states(self) -> list[ClockState]:
        """All tenants whose clock is not the machine's, by id."""
        return [self.state(tenant) for tenant in sorted(self._settings)]

    async def load(self, notes: Notes) -> None:
        """Read what was kept, and keep further changes in the same place. A production tenant's clock runs in any case."""
        kept = await notes.noted(_NOTE)
        for name, text in kept.items():
            tenant = TenantId(name.removeprefix(_NOTE))
            if text and tenant not in self._production:
                self._settings[tenant] = _read(text)
        self._notes = notes

    async def freeze(self, tenant: TenantId, at: datetime | None = None) -> ClockState:
        """Stop a tenant's clock, at a moment (aware) or where it stands. Raises ProductionTenantError, ValueError."""
        self._production.check(tenant, "freezing its clock")
        return await self._set(tenant, _Setting(at=self.now(tenant) if at is None else _checked(at)))

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
        try:
            there = to if to is not None else self.now(tenant) + timedelta(seconds=by_seconds or 0.0)
        except OverflowError:
            raise ValueError("that is outside the years 1970 to 9000") from None
        there = _checked(there)
        if self.state(tenant).mode == "frozen":
            return await self._set(tenant, _Setting(at=there))
        return await self._set(tenant, _Setting(offset=there - self._machine_now()))

    async def resume(self, tenant: TenantId) -> ClockState:
        """Back to the machine's time. Also lets a production tenant run again."""
        return await self._set(tenant, None)

    async def _set(self, tenant: TenantId, setting: _Setting | None) -> ClockState:
        # Durable first: a time that clients saw must not be gone after a restart.
        if self._notes is not None and setting != self._settings.get(tenant):
            await self._notes.note(f"{_NOTE}{tenant}", _write(setting))
        if setting is None:
            self._settings.pop(tenant, None)
        else:
            self._settings[tenant] = setting
        return self.state(tenant)


def _checked(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("that is outside the years 1970 to 9000")
    return moment.astimezone(UTC)


def _write(setting: _Setting | None) -> str:
    if setting is None:
        return ""
    if setting.at is not None:
        return json.dumps({"frozen": setting.at.isoformat()})
    return json.dumps({"offset_seconds": setting.offset.total_seconds()})


def _read(text: str) -> _Setting:
    facts: dict[str, Any] = json.loads(text)
    if "frozen" in facts:
        return _Setting(at=datetime.fromisoformat(facts["frozen"]))
    return _Setting(offset=timedelta(seconds=facts["offset_seconds"]))
