"""All tenants: loads them, makes and deletes them while the gateway runs, and serves them through every dialect.

What a change is decided on is the store's record of the tenant, at the commit: other processes change tenants, too. Each of
them checks every POLL_SECONDS whether another has made, changed or deleted a tenant. One that could not do so for
BLIND_SECONDS does not know which tenants there are, and says so.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from gateway.clock import steady_seconds
from gateway.config.model import TenantSection
from gateway.core.commands import ListSeries
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.simulation.clock import BLIND_SECONDS, POLL_SECONDS
from gateway.simulation.production import ProductionTenantError
from gateway.spi.adapter import Dialect
from gateway.spi.served_dialects import CredentialsTakenError
from gateway.stores.engine.conditions import ConditionFailedError, tenant_is
from gateway.stores.engine.fences import TenantFencedError, TenantMisplacedError
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.tenant_records import TakenError
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.errors import StoreError
from gateway.stores.placement import check_placement
from gateway.stores.router import StoreRouter
from gateway.tenants.beginning import Beginnings
from gateway.tenants.provisioning import provide, provide_or_withhold
from gateway.tenants.sections import first_items, raw_bindings, read_tenant, validated_bindings
from gateway.tenants.seeding import plant
from gateway.tenants.served import ServedTenants
from gateway.tenants.tenant import (
    ConfiguredTenantError,
    Tenant,
    TenantExistsError,
    UnknownTenantError,
    changed_body,
)

log = structlog.get_logger("tenants")


@dataclass(slots=True, kw_only=True)
class TenantDirectory(ServedTenants):
    """All tenants, by id. Changes wait for one another.

    store: every store, behind one router.
    pins: which store each tenant is in. The router looks tenants up in the same table.
    _outdated: dialects that have to be built anew; what a failed attempt to read the store left over is in it, too.
    """

    store: StoreRouter
    pins: dict[TenantId, str] = field(default_factory=dict)
    _version: str = ""
    _compared: float | None = None
    _renewals: Mapping[str, str] = field(default_factory=dict)
    _outdated: set[str] = field(default_factory=set)
    _begun: Beginnings = field(default_factory=Beginnings)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _doubt: asyncio.Event = field(default_factory=asyncio.Event)

    # What is known

    @property
    def is_blind(self) -> bool:
        """True when another process may have made, changed or deleted a tenant BLIND_SECONDS ago."""
        return self._compared is not None and steady_seconds() > self._compared + BLIND_SECONDS

    def refuse_if_blind(self) -> None:
        """Raises StoreUnavailableError when it is not known which tenants there are."""
        if self.is_blind:
            raise StoreUnavailableError(f"tenants were not compared with the store for {BLIND_SECONDS:g} s")

    def get(self, tenant: TenantId) -> Tenant:
        """One tenant. Raises UnknownTenantError, and StoreUnavailableError when another process may have made it."""
        if self.find(tenant) is None:
            self.refuse_if_blind()
        return ServedTenants.get(self, tenant)

    # Starting

    async def load(self, configured: Iterable[Tenant]) -> None:
        """Serve the configured tenants, and those that the store keeps. Raises CredentialsTakenError, StoreError."""
        began = steady_seconds()
        self._renewals = await self.store.tenant_records.renewals()
        await self._begun.learn(self.store)
        # The configured ones first: a mistake in the file stops the start, but a tenant of the store is only left out.
        for tenant in configured:
            self.take(await self._provided_or_withheld(tenant))
        for name in self.dialects.adapters:
            self.dialects.swap(name, self.dialects.build(name, self.bound(name)))
        await plant(self.dialects, self.all())
        await self._refresh()
        self._compared = began if self.store.is_shared else None
        self._begun.forget()
        self._begun.report(self.store)

    # Following the store

    async def watch_store(self) -> None:
        """Follow what other processes make, change or delete. Runs until it is cancelled.

        Where no other process writes, the store is read again only after a change of this process whose outcome is not known.
        """
        while True:
            if not self.store.is_shared:
                await self._doubt.wait()
            await asyncio.sleep(POLL_SECONDS)
            began = steady_seconds()
            try:
                if self._doubt.is_set() or await self.store.tenant_records.version() != self._version:
                    async with self._lock:
                        await self._refresh()
                        self._doubt.clear()
                        self._begun.report(self.store)
                self._compared = began if self.store.is_shared else None
                await self._serve_withheld()
            except (StoreUnavailableError, StoreError) as error:
                log.warning("tenants not read again", reason=str(error))

    async def _refresh(self) -> None:
        """Serve the tenants that the store keeps now."""
        # The version is read before the tenants: a change in between is then read again next time, and never missed.
        records = self.store.tenant_records
        version = await records.version()
        kept = {record.id: record for record in await records.tenants()}
        renewals = await records.renewals()
        for tenant in [own for own in self.all() if not own.is_configured and own.id not in kept]:
            self._outdated |= tenant.bindings.keys()
            self.release(tenant)
            self.pins.pop(tenant.id, None)
        renewed = [own for own in self.all() if renewals.get(own.id) != self._renewals.get(own.id)]
        read = {own.id: own for own in (*renewed, *self._read(kept.values()))}
        for tenant in await asyncio.gather(*map(self._provided_or_withheld, read.values())):
            self._outdated |= tenant.bindings.keys()
            self.take(tenant)
        await self.rebuild(self._outdated)
        await plant(self.dialects, [ServedTenants.get(self, own) for own in read])
        self._outdated.clear()
        self._version, self._renewals = version, renewals

    def _read(self, kept: Iterable[KeptTenant]) -> Iterator[Tenant]:
        """The tenants of the store that are new here, or not as they were."""
        for record in kept:
            known = self.find(record.id)
            if known is not None and known.is_configured:
                log.warning("tenant of the store is hidden by one of the configuration", tenant=record.id)
            elif known is None or known.kept() != record:
                if known is not None:
                    self._outdated |= known.bindings.keys()
                if known is not None and known.created != record.created:
                    self.release(known)  # another tenant: nothing that was known of this id is true of it
                read = read_tenant(record, self.dialects)
                if read is not None:
                    yield read

    @contextlib.asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """One change at a time. When its outcome is not known, the store is read again as soon as that is possible."""
        async with self._lock:
            try:
                yield
            except (StoreUnavailableError, asyncio.CancelledError):
                self._doubt.set()
                raise

    async def _record(self, tenant: Tenant) -> KeptTenant:
        """What the store keeps of a tenant made at run time now. Raises UnknownTenantError when it keeps this one no more."""
        record = await self.store.tenant_records.tenant(tenant.id)
        if record is None or record.created != tenant.created:
            await self._refresh()
            raise UnknownTenantError(tenant.id, "another process has deleted it")
        return record

    # Making and deleting

    async def create(self, section: TenantSection, dialects: Mapping[str, Mapping[str, Any] | None] | None) -> Tenant:
        """Make a tenant and serve it. It is durable when this returns.

        section: the tenant, without sections for dialects.
        dialects: a section for each dialect, None for made-up credentials; without a mapping, made up where possible.

        Raises TenantExistsError, BindingInvalidError, CredentialsTakenError, StoreError, StoreUnavailableError.
        """
        async with self._changing():
            tenant = TenantId(section.id)
            if self.find(tenant) is not None:
                raise TenantExistsError(tenant, "there is one of this id already")
            raw = raw_bindings(section, dialects, self.dialects, self.random)
            bindings = validated_bindings(raw, self.dialects)
            whole = TenantSection.model_validate({**section.model_dump(), **raw})
            made = Tenant(tenant, whole, bindings, first_items(whole), created=_moment())
            # First everything that can fail, then the row that makes the tenant exist, and only then the dialects that
            # serve it. A crash in between leaves series that the same creation finds again, and no half tenant.
            try:
                provided, built = await self._prepared(made)
                await self._keep(made)
                provided, built = await self._still_provided(provided, built)
            except BaseException:
                self.pins.pop(tenant, None)
                raise
            self.take(provided)
            for name, dialect in built.items():
                self.dialects.swap(name, dialect)
            await plant(self.dialects, [provided])
            log.info("tenant made", tenant=tenant, dialects=sorted(bindings), production=section.production)
        await self._until_everywhere()
        return provided

    async def _keep(self, tenant: Tenant) -> None:
        try:
            await self.store.tenant_records.add_tenant(tenant.kept())
        except TakenError:
            self._doubt.set()  # it may be one of this process, whose outcome was not known
            raise TenantExistsError(tenant.id, "another process has just made one of this id") from None

    async def _still_provided(self, tenant: Tenant, built: dict[str, Dialect]) -> tuple[Tenant, dict[str, Dialect]]:
        """The tenant with its series as they are now that it exists.

        Until then another process may have purged an earlier tenant of this id, and the series with it.
        """
        if not self.store.is_shared:
            return tenant, built
        again = await self._provided(tenant)
        return again, built if again.series == tenant.series else await self.built_with(again)

    async def _prepared(self, tenant: Tenant) -> tuple[Tenant, dict[str, Dialect]]:
        """The tenant with its series, and its dialects built anew with it but not served yet.

        Raises CredentialsTakenError. Raises TenantExistsError when another store than its own has numbers under this id.
        """
        try:
            await check_placement(self.store.stores, tenant.section.store_name, tenant.id)
            self.pins[tenant.id] = tenant.section.store_name
            is_new = not (await self.store.read(ListSeries(tenant.id))).views
            provided = await self._provided(tenant)
        except (TenantFencedError, TenantMisplacedError) as error:
            raise TenantExistsError(tenant.id, str(error)) from error
        try:
            return provided, await self.built_with(provided)
        except CredentialsTakenError:
            # Series of an earlier tenant with this id stay, because its ledger is in them.
            if is_new:
                await self._remove_all(tenant.id)
            raise

    async def delete(self, tenant: TenantId, *, force: bool = False, purge: bool = False) -> None:
        """Stop serving a tenant made at run time, for good.

        Its numbers, documents and ledger stay in the store, and a later tenant with the same id goes on from there.

        force: needed for a production tenant.
        purge: also remove everything that the tenant has; refused for a production tenant.

        Raises UnknownTenantError, ConfiguredTenantError, ProductionTenantError, StoreUnavailableError.
        """
        async with self._changing():
            found = self.get(tenant)
            if found.is_configured:
                raise ConfiguredTenantError(tenant, "it is in the configuration file; take it out there")
            if purge:
                self.production.check(tenant, "purging it")
            if tenant in self.production and not force:
                raise ProductionTenantError(tenant, "deleting it without force")
            while not await self.store.tenant_records.drop_tenant(await self._record(found)):
                pass  # it was changed in between, and is deleted as it is now
            self.release(found)
            await self.rebuild(found.bindings)
            # Purged only when no dialect serves it any more, or a client could number documents in between.
            if purge:
                await self._remove_all(tenant)
            pin = self.pins.pop(tenant, None)
            log.info("tenant deleted", tenant=tenant, purge=purge)
        await self._until_everywhere()
        if purge and self.store.is_shared:
            await self._purge_again(tenant, pin)

    async def _purge_again(self, tenant: TenantId, pin: str | None) -> None:
        """Remove what clients of other gateways have made until these stopped serving the tenant, too."""
        async with self._lock:
            if pin is None or self.find(tenant) is not None:
                return
            self.pins[tenant] = pin
            try:
                await self._remove_all(tenant)
            finally:
                self.pins.pop(tenant, None)

    async def _remove_all(self, tenant: TenantId) -> None:
        """Remove everything that a store has of a tenant, unless there is a tenant of this id."""
        records, gone = self.store.tenant_records, (tenant_is(tenant, None),)
        try:
            await records.replace(tenant, Contents(), conditions=gone)
            for head in await records.snapshots(tenant):
                await records.drop_snapshot(tenant, head.name)
        except ConditionFailedError:
            log.info("tenant not purged: it was made again", tenant=tenant)

    async def change(
        self, tenant: TenantId, *, profile: Literal["vendor", "strict"] | None, replay_window_seconds: float | None
    ) -> Tenant:
        """Set another profile or replay window; for a configured tenant until the next start. Raises UnknownTenantError."""
        given = {"profile": profile, "replay_window_seconds": replay_window_seconds}
        changes = {name: value for name, value in given.items() if value is not None}
        async with self._changing():
            found = self.get(tenant)
            section = found.section
            if not found.is_configured:
                section = await self._changed_section(found, changes)
            changed = replace(found, section=section.model_copy(update=changes))
            self.take(changed)
        if not found.is_configured:
            await self._until_everywhere()
        return changed

    async def _changed_section(self, tenant: Tenant, changes: Mapping[str, Any]) -> TenantSection:
        """Change the store's record, and nothing in it that another process has changed. Returns all of it."""
        while True:
            record = await self._record(tenant)
            body = changed_body(record.body, changes)
            if await self.store.tenant_records.change_tenant(record, body):
                return TenantSection.model_validate_json(body)

    async def provide_again(self, tenant: TenantId) -> None:
        """Make sure of a tenant's series after its contents were replaced, and bind its credentials to them."""
        async with self._lock:
            found = self.get(tenant)
            provided = await self._provided(found)
            self.take(provided)
            if provided.series != found.series:
                await self.rebuild(found.bindings)
                await self.store.tenant_records.renew(tenant)

    async def _until_everywhere(self) -> None:
        """On a shared store, wait until every other process has checked for changes."""
        if self.store.is_shared:
            await asyncio.sleep(POLL_SECONDS * 1.5)

    # Serving

    async def _provided(self, tenant: Tenant) -> Tenant:
        return await provide(self.store, self.pins, tenant)

    async def _provided_or_withheld(self, tenant: Tenant) -> Tenant:
        return await provide_or_withhold(self.store, self.pins, tenant, self._begun)

    async def _serve_withheld(self) -> None:
        """Serve tenants whose store refused them before, when the reason is gone, such as after a move (ADR-37)."""
        for tenant in [own for own in self.all() if own.trouble and own.section.store_name in self.store.stores]:
            with contextlib.suppress(TenantFencedError, TenantMisplacedError):
                async with self._lock:
                    if self.find(tenant.id) is not tenant:  # it was deleted or changed while this waited
                        continue
                    provided = await provide(self.store, self.pins, tenant, self._begun)
                    self.take(provided)
                    await self.rebuild(tenant.bindings)
                    await plant(self.dialects, [ServedTenants.get(self, tenant.id)])
                    log.info("tenant served", tenant=tenant.id, store=tenant.section.store_name)


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
