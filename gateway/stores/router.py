"""One or several stores behind the ports of one: what belongs to a tenant goes to the store that it is pinned to (ADR-35).

What belongs to no tenant (tenants made at run time, notes such as moved clocks) is in the default store. What concerns all
tenants is asked of all stores. A store that is down harms only its own tenants.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from gateway.config.stores import DEFAULT_STORE
from gateway.core.catalogue import Catalogue, CatalogueItem
from gateway.core.commands import Command, Query, R
from gateway.core.ledger import Entry, Finding
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import Origin, SeriesId, TenantId
from gateway.stores.engine.conditions import Condition, ConditionFailedError
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.engine.ledger_pages import LEDGER_START, LedgerPlace
from gateway.stores.engine.provisioning import SeriesSpec
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.tenant_records import SnapshotHead, TenantRecords
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.errors import StoreError
from gateway.stores.placement import NOWHERE, NoStore

REMEMBERED_TOKENS: Final = 50_000


class StoreRouter:
    """Implements `gateway.core.ports.Store` and `TokenVault` over stores by name.

    stores: by name.
    pins: the store's name for each tenant; tenants that are not in it are in the default store. May change at any time.
    default: the name of the store that has what belongs to no tenant.
    """

    def __init__(
        self, stores: Mapping[str, DatabaseStore], pins: Mapping[TenantId, str], default: str = DEFAULT_STORE
    ) -> None:
        self.stores = dict(stores)
        self.default = self.stores[default]
        self.tenant_records = RoutedTenantRecords(self)
        self._pins = pins
        self._unpinned = default
        self._routes: Mapping[str, DatabaseStore] = {**stores, NOWHERE: cast("DatabaseStore", NoStore())}
        self._token_stores: dict[tuple[str, int], DatabaseStore] = {}

    @property
    def is_shared(self) -> bool:
        """True when other processes may write to any of the stores."""
        return any(store.is_shared for store in self.stores.values())

    def of(self, tenant: TenantId) -> DatabaseStore:
        """The store that a tenant is pinned to."""
        return self._routes[self._pins.get(tenant, self._unpinned)]

    # Life

    async def start(self) -> None:
        """Start every store. Raises StoreError when one cannot be started; then none is."""
        outcomes = await asyncio.gather(*(store.start() for store in self.stores.values()), return_exceptions=True)
        failed = [(name, error) for name, error in zip(self.stores, outcomes, strict=True) if error is not None]
        if failed:
            await self.close()
            name, error = failed[0]
            if isinstance(error, StoreError) and len(self.stores) > 1:
                raise StoreError(f"store {name!r}: {error}") from error
            raise error

    async def close(self) -> None:
        """Close every store. May be called more than once."""
        await asyncio.gather(*(store.close() for store in self.stores.values()))

    async def ready(self) -> bool:
        """True when any store can commit right now (ADR-36)."""
        return any((await self.readiness()).values())

    async def readiness(self) -> dict[str, bool]:
        """For each store by name, whether a commit is possible right now."""
        answers = await asyncio.gather(*(store.ready() for store in self.stores.values()))
        return dict(zip(self.stores, answers, strict=True))

    # Queries and commands: handed on as they are; the only cost is one look for the tenant's store

    def read(self, query: Query[R]) -> Coroutine[Any, Any, R]:
        """Ask the tenant's store; to be awaited."""
        return self._routes[self._pins.get(query.tenant, self._unpinned)].read(query)

    def execute(self, command: Command[R]) -> Coroutine[Any, Any, R]:
        """Let the tenant's store decide; to be awaited."""
        return self._routes[self._pins.get(command.tenant, self._unpinned)].execute(command)

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue."""
        return self.of(tenant).catalogue(tenant)

    async def ledger(self, tenant: TenantId | None = None) -> AsyncIterator[Entry]:
        """Ledger entries in chain and index order: of one tenant, or of all, store after store."""
        for store in self.stores.values() if tenant is None else [self.of(tenant)]:
            async for entry in store.ledger(tenant):
                yield entry

    async def verify(self, tenant: TenantId | None = None) -> tuple[int, list[Finding]]:
        """Recompute the ledger of one tenant, or of every store. Returns the number of entries and what is wrong."""
        if tenant is not None or len(self.stores) == 1:
            return await (self.default if tenant is None else self.of(tenant)).verify(tenant)
        count, findings = 0, []
        for name, store in self.stores.items():
            more, found = await store.verify()
            count += more
            findings += [replace(finding, problem=f"store {name}: {finding.problem}") for finding in found]
        return count, findings

    async def provision(
        self, tenant: TenantId, wanted: Sequence[SeriesSpec | tuple[str, str, str | None, str | None, bool]]
    ) -> dict[str, SeriesId]:
        """Make sure that configured series exist in the tenant's store; returns their ids by key. Raises StoreError."""
        return await self.of(tenant).provision(tenant, wanted)

    async def seed_catalogue(self, tenant: TenantId, items: Sequence[CatalogueItem]) -> bool:
        """Put the configuration's items into a tenant's catalogue; False when this very seed was the last one applied."""
        return await self.of(tenant).seed_catalogue(tenant, items)

    # Tokens: each in its tenant's store

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token; durable when it returns."""
        store = self.of(tenant)
        await store.put(kind, token, tenant, facts, expires)
        self._remember(kind, token, store)

    async def replace(
        self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime
    ) -> bool:
        """Store something else for a token that is there; durable when it returns. False when it was not there any more.

        A token that gets a tenant in another store is dropped here before it is put there: it is never good in two stores.
        """
        found, store = await self.get(kind, token), self.of(tenant)
        if found is None:
            return False
        former = self.of(found[0])
        if former is store:
            return await store.replace(kind, token, tenant, facts, expires)
        if not await former.drop(kind, token):
            return False
        await self.put(kind, token, tenant, facts, expires)
        return True

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired.

        Raises StoreUnavailableError when no store knows it and one of them could not be asked.
        """
        if len(self.stores) == 1:
            return await self.default.get(kind, token)
        home = self._token_stores.get((kind, hash(token)))
        if home is not None:
            found = await home.get(kind, token)
            if found is not None and self.of(found[0]) is home:
                return found
        return await self._search(kind, token)

    async def _search(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        failure: StoreUnavailableError | None = None
        stores = list(self.stores.values())
        answers = await asyncio.gather(*(store.get(kind, token) for store in stores), return_exceptions=True)
        for store, answer in zip(stores, answers, strict=True):
            if isinstance(answer, StoreUnavailableError):
                failure = answer
            elif isinstance(answer, BaseException):
                raise answer
            elif answer is not None and self.of(answer[0]) is store:  # else a move has left it behind
                self._remember(kind, token, store)
                return answer
        if failure is not None:
            raise failure
        return None

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Move a token's end, and nothing else; durable when it returns. Raises StoreUnavailableError."""
        found = await self.get(kind, token)
        if found is not None:
            await self.of(found[0]).prolong(kind, token, expires, slack)

    async def drop(self, kind: str, token: str) -> bool:
        """Forget a token; durable when it returns. False when it was not there. Raises StoreUnavailableError."""
        found = await self.get(kind, token)
        return found is not None and await self.of(found[0]).drop(kind, token)

    def _remember(self, kind: str, token: str, store: DatabaseStore) -> None:
        if len(self._token_stores) >= REMEMBERED_TOKENS:
            self._token_stores.pop(next(iter(self._token_stores)))
        self._token_stores[kind, hash(token)] = store  # only a hint: two tokens of one hash cost a search

    # Notes

    async def note(self, name: str, value: str) -> None:
        """Keep a text in the default store."""
        await self.default.note(name, value)

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        """Keep another text in the default store, or none, if it reads as `former` until the commit."""
        return await self.default.renote(name, former, value)

    async def noted(self, prefix: str) -> Mapping[str, str]:
        """All texts of the default store whose names begin so."""
        return await self.default.noted(prefix)


class RoutedTenantRecords:
    """Implements `TenantRecords`. Tenants made at run time are in the default store; all else is where its tenant is."""

    def __init__(self, router: StoreRouter) -> None:
        self._router = router

    @property
    def _default(self) -> TenantRecords:
        return self._router.default.tenant_records

    def _of(self, tenant: TenantId) -> TenantRecords:
        return self._router.of(tenant).tenant_records

    async def version(self) -> str:
        """Something that is different after each change of the tenants made at run time."""
        return await self._default.version()

    async def tenants(self) -> list[KeptTenant]:
        """All tenants made at run time, in the order they were made."""
        return await self._default.tenants()

    async def add_tenant(self, tenant: KeptTenant) -> None:
        """Keep a new tenant. Raises TakenError."""
        await self._default.add_tenant(tenant)

    async def tenant(self, tenant: TenantId) -> KeptTenant | None:
        """One tenant made at run time, as it is now."""
        return await self._default.tenant(tenant)

    async def change_tenant(self, former: KeptTenant, body: str) -> bool:
        """Keep another body for a tenant. False, and nothing happens, when the tenant is not as `former` says any more."""
        return await self._default.change_tenant(former, body)

    async def drop_tenant(self, former: KeptTenant) -> bool:
        """Forget a tenant made at run time; its numbers stay. False, and nothing happens, when it is not as `former` says."""
        return await self._default.drop_tenant(former)

    async def renew(self, tenant: TenantId) -> None:
        """Let every process find out the tenant's series again, because these have been replaced by others."""
        await self._default.renew(tenant)

    async def renewals(self) -> dict[str, str]:
        """Something for each renewed tenant that is different after each renewal."""
        return await self._default.renewals()

    async def contents(self, tenant: TenantId) -> Contents:
        """Everything a tenant has, of one instant."""
        return await self._of(tenant).contents(tenant)

    async def replace(
        self,
        tenant: TenantId,
        contents: Contents,
        restored_by: Origin | None = None,
        conditions: tuple[Condition, ...] = (),
    ) -> None:
        """Put contents in the place of everything the tenant has. Raises TakenError, ConditionFailedError.

        conditions: on tenants made at run time. When the tenant has a store of its own, no transaction holds both;
            the conditions are then checked just before.
        """
        own, left = self._of(tenant), await self._checked(tenant, conditions)
        await own.replace(tenant, contents, restored_by, left)

    async def _checked(self, tenant: TenantId, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        """The conditions that the tenant's store has to look at. Raises ConditionFailedError."""
        if self._of(tenant) is self._default:
            return conditions
        for condition in conditions:
            if not await self._default.meets(condition):
                raise ConditionFailedError(condition)
        return ()

    async def ledger_page(
        self,
        tenant: TenantId,
        after: LedgerPlace = LEDGER_START,
        limit: int = 1000,
        series: SeriesId | None = None,
        line: str | None = None,
    ) -> list[Entry]:
        """The next entries of a tenant in chain and index order, of one series or line if given."""
        return await self._of(tenant).ledger_page(tenant, after, limit, series, line)

    async def snapshots(self, tenant: TenantId) -> list[SnapshotHead]:
        """A tenant's snapshots by name."""
        return await self._of(tenant).snapshots(tenant)

    async def keep_snapshot(
        self,
        tenant: TenantId,
        name: str,
        contents: Contents,
        at: datetime,
        *,
        replacing: bool = True,
        conditions: tuple[Condition, ...] = (),
    ) -> SnapshotHead:
        """Keep contents under a name. Raises TakenError, ConditionFailedError. conditions: as in `replace`."""
        own, left = self._of(tenant), await self._checked(tenant, conditions)
        return await own.keep_snapshot(tenant, name, contents, at, replacing=replacing, conditions=left)

    async def snapshot(self, tenant: TenantId, name: str) -> Contents | None:
        """The contents kept under a name. Raises ValueError when this version cannot read them."""
        return await self._of(tenant).snapshot(tenant, name)

    async def drop_snapshot(self, tenant: TenantId, name: str) -> bool:
        """Let go of a snapshot. False when it was not there."""
        return await self._of(tenant).drop_snapshot(tenant, name)
