"""All tenants: loading them, making and deleting them while the gateway runs, serving them through every dialect.

On a store that several processes share, each one looks every POLL_SECONDS whether another has made or deleted a tenant.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, Literal

import structlog
from pydantic import BaseModel, ValidationError

from gateway.config.model import TenantSection
from gateway.core.catalogue import CatalogueItem
from gateway.core.commands import ListSeries
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.simulation.production import ProductionTenantError, ProductionTenants
from gateway.simulation.replay_window import ReplayWindows
from gateway.spi.adapter import Bound, Dialect, generated_binding
from gateway.spi.served_dialects import CredentialsTakenError, ServedDialects
from gateway.spi.watch import Watch
from gateway.stores.engine.fences import TenantFencedError, TenantMisplacedError
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.tenant_records import TakenError
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.errors import StoreError
from gateway.stores.placement import check_placement
from gateway.stores.router import StoreRouter
from gateway.tenants.provisioning import provide, provide_or_withhold
from gateway.tenants.tenant import (
    BindingInvalidError,
    ConfiguredTenantError,
    Tenant,
    TenantExistsError,
    UnknownTenantError,
)

log = structlog.get_logger("tenants")

POLL_SECONDS: Final = 0.25
"""How long a tenant made by another process on the same store may stay unknown to this one."""
_ID_BYTES: Final = 5


@dataclass(slots=True)
class TenantDirectory:
    """All tenants, by id. Changes wait for one another. pins: which store each is in, as the store itself looks it up."""

    store: StoreRouter
    dialects: ServedDialects
    production: ProductionTenants
    watch: Watch
    replays: ReplayWindows
    random: Random = field(default_factory=secrets.SystemRandom)
    pins: dict[TenantId, str] = field(default_factory=dict)
    _tenants: dict[TenantId, Tenant] = field(default_factory=dict)
    _version: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    # Looking

    def get(self, tenant: TenantId) -> Tenant:
        """One tenant. Raises UnknownTenantError."""
        found = self._tenants.get(tenant)
        if found is None:
            raise UnknownTenantError(tenant, "there is none of this id")
        return found

    def all(self) -> list[Tenant]:
        """Every tenant by id."""
        return [self._tenants[tenant] for tenant in sorted(self._tenants)]

    # Starting

    async def load(self, configured: Iterable[Tenant]) -> None:
        """Serve the configured tenants, and those that the store keeps. Raises CredentialsTakenError, StoreError."""
        for tenant in configured:
            self._take(await self._provided_or_withheld(tenant))
        for name in self.dialects.adapters:
            self.dialects.swap(name, self.dialects.build(name, self.bound(name)))
        await self._refresh()

    async def watch_store(self) -> None:
        """Look for tenants that other processes have made or deleted; runs until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                if await self.store.tenant_records.version() != self._version:
                    async with self._lock:
                        await self._refresh()
                await self._serve_withheld()
            except (StoreUnavailableError, StoreError) as error:
                log.warning("tenants not read again", reason=str(error))

    async def _refresh(self) -> None:
        """Take over what the store keeps."""
        version = await self.store.tenant_records.version()
        kept = {record.id: record for record in await self.store.tenant_records.tenants()}
        changed: set[str] = set()
        for tenant in [own for own in self._tenants.values() if not own.is_configured and own.id not in kept]:
            changed |= tenant.bindings.keys()
            self._release(tenant)
            self.pins.pop(tenant.id, None)
        read: list[Tenant] = []
        for record in kept.values():
            known = self._tenants.get(record.id)
            if known is not None and known.is_configured:
                log.warning("tenant of the store is hidden by one of the configuration", tenant=record.id)
            elif known is None or known.body() != record.body:
                changed |= known.bindings.keys() if known is not None else set()
                read += self._read(record)
        for tenant in await asyncio.gather(*map(self._provided_or_withheld, read)):
            changed |= tenant.bindings.keys()
            self._take(tenant)
        await self._rebuild(changed)
        self._version = version

    def _read(self, record: KeptTenant) -> list[Tenant]:
        """The tenant as kept; none when this version cannot read it."""
        try:
            section = TenantSection.model_validate_json(record.body)
        except ValidationError as error:  # another version of the gateway has written it
            log.error("tenant of the store cannot be read", tenant=record.id, problems=error.error_count())
            return []
        bindings: dict[str, BaseModel] = {}
        problems: dict[str, str] = {}
        for name, raw in (section.model_extra or {}).items():
            try:
                bindings.update(self._validated({name: raw}))
            except BindingInvalidError as error:
                problems[name] = str(error)
                log.error("tenant not served", tenant=record.id, dialect=name, reason=str(error))
        return [Tenant(record.id, section, bindings, _items(section), created=record.created, problems=problems)]

    # Making and deleting

    async def create(self, section: TenantSection, dialects: Mapping[str, Mapping[str, Any] | None] | None) -> Tenant:
        """Make a tenant, durable when it returns, and serve it.

        dialects: a section for each dialect, None for made-up credentials; no mapping at all makes up credentials for
        every dialect that is served and offers them. section: without any of these.
        Raises TenantExistsError, BindingInvalidError, CredentialsTakenError, StoreError, StoreUnavailableError.
        """
        async with self._lock:
            tenant = TenantId(section.id)
            if tenant in self._tenants:
                raise TenantExistsError(tenant, "there is one of this id already")
            raw = self._raw_bindings(section, dialects)
            bindings = self._validated(raw)
            whole = TenantSection.model_validate({**section.model_dump(), **raw})
            made = Tenant(tenant, whole, bindings, _items(whole), created=_moment())
            try:
                provided, built = await self._prepared(made)
                await self._keep(made)
            except BaseException:
                self.pins.pop(tenant, None)
                raise
            self._take(provided)
            for name, dialect in built.items():
                self.dialects.swap(name, dialect)
            log.info("tenant made", tenant=tenant, dialects=sorted(bindings), production=section.production)
        await self._until_everywhere()
        return provided

    async def _keep(self, tenant: Tenant) -> None:
        try:
            await self.store.tenant_records.add_tenant(KeptTenant(tenant.id, tenant.body(), tenant.created or ""))
        except TakenError:
            raise TenantExistsError(tenant.id, "another process has just made one of this id") from None

    def _raw_bindings(
        self, section: TenantSection, dialects: Mapping[str, Mapping[str, Any] | None] | None
    ) -> dict[str, Mapping[str, Any]]:
        wanted = dict.fromkeys(self.dialects.adapters) if dialects is None else dict(dialects)
        key = next((series.key for series in section.series if series.default), section.series[0].key)
        raw: dict[str, Mapping[str, Any]] = {}
        for name, given in wanted.items():
            made = given
            if made is None:
                made = generated_binding(self.dialects.adapters[name], TenantId(section.id), key, self.random)
            if made is not None:
                raw[name] = made
        return raw

    def _validated(self, raw: Mapping[str, Mapping[str, Any]]) -> dict[str, BaseModel]:
        found: dict[str, BaseModel] = {}
        for name, values in raw.items():
            if name in self.dialects.adapters:
                try:
                    found[name] = self.dialects.adapters[name].Binding.model_validate(values)
                except ValidationError as error:
                    raise BindingInvalidError(name, error) from error
        return found

    async def _prepared(self, tenant: Tenant) -> tuple[Tenant, dict[str, Dialect]]:
        """The tenant with its series, and the dialects as they will be with it.

        Raises CredentialsTakenError; TenantExistsError when another store than its own has numbers under this id.
        """
        try:
            await check_placement(self.store.stores, tenant.section.store_name, tenant.id)
            self.pins[tenant.id] = tenant.section.store_name
            is_new = not (await self.store.read(ListSeries(tenant.id))).views
            provided = await self._provided(tenant)
        except (TenantFencedError, TenantMisplacedError) as error:
            raise TenantExistsError(tenant.id, str(error)) from error
        try:
            return provided, {
                name: await self._built(name, [*self.bound(name), *_bound(name, [provided])])
                for name in tenant.bindings
            }
        except CredentialsTakenError:
            if is_new:
                await self.store.tenant_records.replace(tenant.id, Contents())
            raise

    async def delete(self, tenant: TenantId, *, force: bool = False, purge: bool = False) -> None:
        """Stop serving a tenant made at run time, for good.

        What it has numbered stays in the store and in the ledger, and a tenant made later under the same id goes on from
        there; unless `purge` takes everything away. A production tenant is only deleted with `force`, and never purged.
        Raises UnknownTenantError, ConfiguredTenantError, ProductionTenantError, StoreUnavailableError.
        """
        async with self._lock:
            found = self.get(tenant)
            if found.is_configured:
                raise ConfiguredTenantError(tenant, "it is in the configuration file; take it out there")
            if purge:
                self.production.check(tenant, "purging it")
            if tenant in self.production and not force:
                raise ProductionTenantError(tenant, "deleting it without force")
            await self.store.tenant_records.drop_tenant(tenant)
            self._release(found)
            await self._rebuild(found.bindings)
            if purge:
                await self._purge(tenant)
            self.pins.pop(tenant, None)
            log.info("tenant deleted", tenant=tenant, purge=purge)
        await self._until_everywhere()

    async def _purge(self, tenant: TenantId) -> None:
        tenant_records = self.store.tenant_records
        for head in await tenant_records.snapshots(tenant):
            await tenant_records.drop_snapshot(tenant, head.name)
        await tenant_records.replace(tenant, Contents())

    async def change(
        self, tenant: TenantId, *, profile: Literal["vendor", "strict"] | None, replay_window_seconds: float | None
    ) -> Tenant:
        """Another profile or replay window. For a tenant of the configuration it holds until the next start.

        Raises UnknownTenantError, StoreUnavailableError.
        """
        async with self._lock:
            found = self.get(tenant)
            given = {"profile": profile, "replay_window_seconds": replay_window_seconds}
            changes = {name: value for name, value in given.items() if value is not None}
            changed = replace(found, section=found.section.model_copy(update=changes))
            if not found.is_configured:
                await self.store.tenant_records.change_tenant(KeptTenant(tenant, changed.body(), found.created or ""))
            self._take(changed)
        return changed

    async def provide_again(self, tenant: TenantId) -> None:
        """After a tenant's contents were replaced: make sure of its series, and bind to them."""
        async with self._lock:
            found = self.get(tenant)
            provided = await self._provided(found)
            self._take(provided)
            if provided.series != found.series:
                await self._rebuild(found.bindings)

    async def _until_everywhere(self) -> None:
        """On a shared store: long enough for the others to have looked."""
        if self.store.is_shared:
            await asyncio.sleep(POLL_SECONDS * 1.5)

    # Serving

    async def _provided(self, tenant: Tenant) -> Tenant:
        return await provide(self.store, self.pins, tenant)

    async def _provided_or_withheld(self, tenant: Tenant) -> Tenant:
        return await provide_or_withhold(self.store, self.pins, tenant)

    async def _serve_withheld(self) -> None:
        """Look whether what stood against a tenant is gone, as when a move has ended."""
        for tenant in [
            own for own in self._tenants.values() if own.trouble and own.section.store_name in self.store.stores
        ]:
            with contextlib.suppress(TenantFencedError, TenantMisplacedError):
                async with self._lock:
                    provided = await self._provided(tenant)
                    self._take(provided)
                    await self._rebuild(tenant.bindings)
                    log.info("tenant served", tenant=tenant.id, store=tenant.section.store_name)

    def _take(self, tenant: Tenant) -> None:
        self._tenants[tenant.id] = tenant
        section = tenant.section
        if section.production:
            self.production.protect(tenant.id)
        if section.profile == "strict":
            self.watch.strict.add(tenant.id)
        else:
            self.watch.strict.discard(tenant.id)
        self.watch.refresh()
        self.replays.set_window(tenant.id, section.replay_window_seconds)

    def _release(self, tenant: Tenant) -> None:
        del self._tenants[tenant.id]
        self.production.release(tenant.id)
        self.watch.strict.discard(tenant.id)
        self.watch.refresh()
        self.replays.forget(tenant.id)
        self.replays.set_window(tenant.id, 0)

    async def _rebuild(self, names: Iterable[str]) -> None:
        """Serve dialects with the tenants as they are now. A tenant whose credentials fit no more is left out, and told of."""
        for name in sorted(set(names) & self.dialects.adapters.keys()):
            for tenant in [own for own in self._tenants.values() if name in own.bindings and name in own.problems]:
                problems = {other: text for other, text in tenant.problems.items() if other != name}
                self._tenants[tenant.id] = replace(tenant, problems=problems)
            try:
                dialect = await self._built(name, self.bound(name))
            except CredentialsTakenError:
                await self._leave_out(name)
                dialect = await self._built(name, self.bound(name))
            self.dialects.swap(name, dialect)

    async def _leave_out(self, name: str) -> None:
        """Add tenants one by one, the configured and then the older ones first, and leave out those that do not fit."""
        fitting: list[Bound[Any]] = []
        for tenant in sorted(self._tenants.values(), key=lambda own: (own.created or "", own.id)):
            for bound in _bound(name, [tenant]):
                try:
                    await self._built(name, [*fitting, bound])
                    fitting.append(bound)
                except CredentialsTakenError as error:
                    log.error("tenant not served", tenant=tenant.id, dialect=name, reason=error.text)
                    problems = {**tenant.problems, name: error.text}
                    self._tenants[tenant.id] = replace(tenant, problems=problems)

    async def _built(self, name: str, bound: Sequence[Bound[Any]]) -> Dialect:
        """With many tenants this takes a while; requests are answered meanwhile."""
        return await asyncio.to_thread(self.dialects.build, name, bound)

    def bound(self, name: str) -> list[Bound[Any]]:
        """The credentials of every tenant for one dialect."""
        return _bound(name, self._tenants.values())

    def unused_id(self) -> str:
        """A made-up id that no tenant has."""
        while True:
            made_up = f"t-{self.random.getrandbits(8 * _ID_BYTES):0{2 * _ID_BYTES}x}"
            if made_up not in self._tenants:
                return made_up


def _bound(name: str, tenants: Iterable[Tenant]) -> list[Bound[Any]]:
    return [
        Bound(tenant.id, tenant.bindings[name], tenant.series)
        for tenant in tenants
        if name in tenant.bindings and name not in tenant.problems and tenant.series
    ]


def _items(section: TenantSection) -> tuple[CatalogueItem, ...]:
    return section.catalogue.items() if section.catalogue is not None else ()


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
