"""What the admin API works on. The wiring hands it in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.config.model import Config

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gateway.conformance.evidence import Run
    from gateway.core.ports import SequenceService
    from gateway.journal.journal import Journal
    from gateway.simulation.clock import TenantClock
    from gateway.simulation.fault_engine import FaultEngine
    from gateway.simulation.production import ProductionTenants
    from gateway.simulation.replay_window import ReplayWindows
    from gateway.spi.served_dialects import ServedDialects
    from gateway.stores.router import StoreRouter
    from gateway.tenants.directory import TenantDirectory
    from gateway.tenants.snapshots import TenantStates


@dataclass(slots=True)
class Services:
    """Everything that an operation may use.

    config: the configuration.
    store: every store, behind one router.
    dialects: the dialects that are served.
    directory: the tenants.
    states: snapshots, reset and seed.
    production: which tenants are protected.
    clock: each tenant's time.
    faults: the fault rules.
    replays: the answers that are given again.
    journal: the request journal; None when it is off.
    data_url: the address of the dialects.
    installed: the adapters that are installed.
    runs: reports on runs of the golden cases, by dialect, target and url.
    changed_settings: by dialect, the settings before they were first changed.
    changed_tenants: what was changed of tenants of the configuration, by tenant.
    started: when the process began, in seconds of the monotonic clock.
    """

    config: Config
    store: StoreRouter
    dialects: ServedDialects
    directory: TenantDirectory
    states: TenantStates
    production: ProductionTenants
    clock: TenantClock
    faults: FaultEngine
    replays: ReplayWindows
    journal: Journal | None
    data_url: Callable[[], str]
    installed: Callable[[], Mapping[str, object]]
    runs: dict[tuple[str, str, str], Run] = field(default_factory=dict)
    changed_settings: dict[str, BaseModel] = field(default_factory=dict)
    changed_tenants: dict[str, dict[str, Any]] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @property
    def has_changes(self) -> bool:
        """Whether the admin port has changed anything that is in no store."""
        return bool(self.faults.rules() or self.runs or self.changed_settings or self.changed_tenants)

    @property
    def numbers(self) -> SequenceService:
        """The service for numbers. Calls of the API are not watched, as clients' calls are."""
        return self.store

    @staticmethod
    def now() -> datetime:
        """The machine's time."""
        return datetime.now(UTC)
