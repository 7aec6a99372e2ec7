"""A tenant's state as a whole: save it, restore it, reset it, seed it (ADR-25). For tests; refused for production tenants.

A snapshot holds series, numbers, ledger, documents, catalogue and sessions. It does not hold credentials, clock, faults or
journal. Restore and reset replace the tenant's ledger along with the rest; the ledger of a production tenant only grows.
The chain of each series then says so with the reason: its last entry is `restore`, or its first entry is `create`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import Field

from gateway.config.catalogue import CatalogueSection
from gateway.config.model import SeriesSection
from gateway.config.process import Section
from gateway.core.commands import ANYTHING, UNCHANGED, ListSeries, SaveCatalogue, UpdateSeries
from gateway.core.refusals import NameTaken, Refused
from gateway.core.values import Origin, SeriesView, TenantId
from gateway.simulation.clock import TenantClock
from gateway.simulation.fault_engine import FaultEngine
from gateway.simulation.production import ProductionTenants
from gateway.simulation.replay_window import ReplayWindows
from gateway.stores import SeriesSpec
from gateway.stores.engine.conditions import Condition, ConditionFailedError, tenant_is
from gateway.stores.engine.initial_rows import FreshSeries, fresh_contents
from gateway.stores.engine.tenant_records import SnapshotHead, TakenError
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.router import StoreRouter
from gateway.tenants.directory import TenantDirectory
from gateway.tenants.seeding import plant
from gateway.tenants.tenant import Tenant, UnknownTenantError, series_specs

MAX_ROWS: Final = 1_000_000


class Seed(Section):
    """What to add to a tenant, in the form of the configuration.

    series: each is made, or changed when there is one with its key. `numbers` are set, whatever they were.
    catalogue: each item replaces the one with its list and id; all others stay.
    """

    series: list[SeriesSection] = Field(default_factory=list)
    catalogue: CatalogueSection | None = None


class SnapshotTooLargeError(Exception):
    """The tenant has more rows than a snapshot may hold."""

    def __init__(self, rows: int, limit: int) -> None:
        super().__init__(f"the tenant has {rows} rows; a snapshot holds {limit} at most")


class UnknownSnapshotError(Exception):
    """The tenant has no snapshot of this name."""


class SnapshotExistsError(Exception):
    """The tenant has a snapshot of this name already."""


@dataclass(slots=True)
class TenantStates:
    """Saves, restores, resets and seeds. Methods raise UnknownTenantError, ProductionTenantError, StoreUnavailableError."""

    store: StoreRouter
    directory: TenantDirectory
    production: ProductionTenants
    clock: TenantClock
    faults: FaultEngine
    replays: ReplayWindows
    max_rows: int = MAX_ROWS

    async def snapshots(self, tenant: TenantId) -> list[SnapshotHead]:
        """The tenant's snapshots by name."""
        self.directory.get(tenant)
        return await self.store.tenant_records.snapshots(tenant)

    async def find(self, tenant: TenantId, name: str) -> SnapshotHead:
        """One snapshot. Raises UnknownSnapshotError."""
        for head in await self.snapshots(tenant):
            if head.name == name:
                return head
        raise UnknownSnapshotError(name)

    async def save(self, tenant: TenantId, name: str, at: datetime, *, replacing: bool = False) -> SnapshotHead:
        """Save everything that the tenant has at one instant. Raises SnapshotExistsError, SnapshotTooLargeError."""
        served = self._conditions(self._check(tenant, "taking a snapshot of it"))
        records = self.store.tenant_records
        if not replacing and any(head.name == name for head in await records.snapshots(tenant)):
            raise SnapshotExistsError(name)
        contents = await records.contents(tenant)
        if contents.count > self.max_rows:
            raise SnapshotTooLargeError(contents.count, self.max_rows)
        with _deleted_meanwhile(tenant):
            try:
                return await records.keep_snapshot(tenant, name, contents, at, replacing=replacing, conditions=served)
            except TakenError:
                raise SnapshotExistsError(name) from None

    async def restore(self, tenant: TenantId, name: str, by: Origin) -> None:
        """Replace everything that the tenant has by a snapshot.

        Raises UnknownSnapshotError. Raises ValueError when another version has written the snapshot, and TakenError when a
        document id of it has become another tenant's meanwhile.
        """
        self._check(tenant, "restoring it")
        contents = await self.store.tenant_records.snapshot(tenant, name)
        if contents is None:
            raise UnknownSnapshotError(name)
        why = f"snapshot {name}" + (f": {by.reason}" if by.reason else "")
        await self._replace(tenant, contents, replace(by, reason=why))

    async def drop(self, tenant: TenantId, name: str) -> None:
        """Delete a snapshot. Raises UnknownSnapshotError."""
        self._check(tenant, "changing its snapshots")
        if not await self.store.tenant_records.drop_snapshot(tenant, name):
            raise UnknownSnapshotError(name)

    async def reset(self, tenant: TenantId, by: Origin, at: datetime) -> None:
        """Begin again with the series, numbers and catalogue that the tenant was configured or created with."""
        self._check(tenant, "resetting it")
        await self.directory.provide_again(tenant)  # every series needs its id before its rows can be worked out
        found = self.directory.get(tenant)
        why = "reset" + (f": {by.reason}" if by.reason else "")
        series = _fresh_series(found)
        contents = await asyncio.to_thread(fresh_contents, tenant, series, found.items, replace(by, reason=why), at)
        await self._replace(tenant, contents, None)
        await plant(self.directory.dialects, [self.directory.get(tenant)])

    async def _replace(self, tenant: TenantId, contents: Contents, restored_by: Origin | None) -> None:
        conditions = self._conditions(self.directory.get(tenant))
        with _deleted_meanwhile(tenant):
            await self.store.tenant_records.replace(tenant, contents, restored_by, conditions)
        await self.directory.provide_again(tenant)
        self.faults.clear(tenant)
        self.replays.forget(tenant)
        await self.clock.resume(tenant)

    async def seed(self, tenant: TenantId, seed: Seed, by: Origin) -> None:
        """Add series, numbers and catalogue items to the tenant; each is recorded as a change by `by`.

        Raises Refused(NameTaken) before anything is changed. The changes are separate commands, so clients may do something
        in between.
        """
        self._check(tenant, "seeding it")
        views = (await self.store.read(ListSeries(tenant))).views
        known = {view.series.key: view for view in views}
        _check_names(seed.series, known)
        for section, spec in zip(seed.series, series_specs(seed.series), strict=True):
            if spec.key in known:
                await self.store.execute(_update(tenant, known[spec.key], section, spec, by))
            else:
                await self.store.execute(spec.creation(tenant, by))
        if seed.catalogue is not None:
            await self.store.execute(SaveCatalogue(tenant, by, seed.catalogue.items()))
        self.replays.forget(tenant)

    def _check(self, tenant: TenantId, action: str) -> Tenant:
        found = self.directory.get(tenant)
        self.production.check(tenant, action)
        return found

    def _conditions(self, tenant: Tenant) -> tuple[Condition, ...]:
        """What must hold when the tenant's state is written: another process may delete the tenant in between."""
        return () if tenant.created is None else (tenant_is(tenant.id, {"created": tenant.created}),)


@contextlib.contextmanager
def _deleted_meanwhile(tenant: TenantId) -> Iterator[None]:
    """Raises UnknownTenantError for a failed condition."""
    try:
        yield
    except ConditionFailedError as error:
        raise UnknownTenantError(tenant, "another process has deleted it") from error


def _fresh_series(tenant: Tenant) -> list[FreshSeries]:
    return [FreshSeries(tenant.series[spec.key], spec) for spec in tenant.specs()]


def _check_names(sections: Sequence[SeriesSection], known: Mapping[str, SeriesView]) -> None:
    """Refuse a name that two series would have. Raises Refused."""
    names = {view.series.name: key for key, view in known.items()}
    for section in sections:
        name = section.name or ("" if section.key in known else section.key)
        if name and names.setdefault(name, section.key) != section.key:
            raise Refused(NameTaken(name))


def _update(tenant: TenantId, view: SeriesView, section: SeriesSection, spec: SeriesSpec, by: Origin) -> UpdateSeries:
    given: Iterable[str] = section.model_fields_set
    return UpdateSeries(
        tenant,
        view.series.id,
        ANYTHING,
        by,
        name=section.name or UNCHANGED,
        prefix=spec.prefix if "prefix" in given else UNCHANGED,
        suffix=spec.suffix if "suffix" in given else UNCHANGED,
        counters=dict(spec.numbers),
        make_default=spec.default,
    )
