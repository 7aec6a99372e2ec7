"""The stores of a configuration for an operator's commands: opened by name when they are needed; which tenant is where."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

from gateway.config.model import Config
from gateway.config.stores import DEFAULT_STORE
from gateway.core.values import TenantId
from gateway.stores import POSTGRES, open_store, open_transfer, sqlite_path, store_name
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.transfer import TenantTransfer
from gateway.stores.errors import StoreError, StoreVersionError
from gateway.stores.placement import problem_of
from gateway.stores.sqlite.lock import holder
from gateway.stores.watermark.start import refuse_missing, watermarked
from gateway.tenants.tenant import kept_store


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a tenant is.

    source: where the tenant is described: `configuration`, `run time`, or `store` when only a store has something of it.
    pinned: the store that serves it; "" when it is not described.
    series: how many series of it each store has.
    fences: its fence in each store.
    problems: what is wrong, for people.
    """

    tenant: TenantId
    source: str
    pinned: str
    series: dict[str, int]
    fences: dict[str, Fence]
    problems: list[str] = field(default_factory=list)


class StoreSessions:
    """Use as an async context manager."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.sections = config.store_sections()
        self._reading: dict[str, TenantTransfer] = {}
        self._writing: dict[str, TenantTransfer] = {}

    async def __aenter__(self) -> StoreSessions:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transfer in (*self._reading.values(), *self._writing.values()):
            await transfer.close()
        if self._writing:
            await self._mark(self._writing)

    async def _mark(self, names: Iterable[str]) -> None:
        """Refuse stores that are behind the watermark, and bring the watermark up to date (ADR-54). Raises StoreError."""
        await refuse_missing(self.config)
        for name in names:
            store = open_store(self.url(name), read_only=True)
            # a store that is not there yet, or has to be upgraded first, is compared once it has been written
            with contextlib.suppress(StoreVersionError):
                await self._mark_one(name, store)

    async def _mark_one(self, name: str, store: DatabaseStore) -> None:
        if not self.url(name).startswith(POSTGRES) and not sqlite_path(self.url(name)).exists():
            return
        await store.start()
        try:
            async with watermarked(self.config, {name: store}):
                pass
        finally:
            await store.close()

    def url(self, name: str) -> str:
        """A store's URL. Raises StoreError when there is none of this name."""
        if name not in self.sections:
            raise StoreError(f"found {name!r}: no store of this name; allowed: {', '.join(self.sections)}")
        return self.sections[name].url.get_secret_value()

    def address(self, name: str) -> str:
        """A store's address as it may be shown."""
        return store_name(self.url(name))

    def blocked(self, name: str) -> str:
        """Why a store cannot be written now, for people; "" when it can."""
        url = self.url(name)
        pid = None if url.startswith(POSTGRES) else holder(sqlite_path(url).resolve())
        if pid is None:
            return ""
        return f"store {name!r} is in use by process {pid}: stop the gateway first"

    async def reading(self, name: str) -> TenantTransfer:
        """A store to read; also while a gateway uses it."""
        if name in self._writing:
            return self._writing[name]
        if name not in self._reading:
            self._reading[name] = await open_transfer(self.url(name), write=False)
        return self._reading[name]

    async def writing(self, name: str) -> TenantTransfer:
        """A store to change. Raises StoreLockedError when a gateway uses the file."""
        if name not in self._writing:
            await self._mark([name])
            url, own = self.url(name), self.sections[name].auto_migrate
            migrate = self.config.auto_migrate if own is None else own
            self._writing[name] = await open_transfer(url, write=True, migrate=migrate)
        return self._writing[name]

    async def kept(self) -> dict[TenantId, str]:
        """The tenants made at run time."""
        return await (await self.reading(DEFAULT_STORE)).kept()

    async def standings(self, only: TenantId | None = None) -> list[Standing]:
        """Where every tenant is, by id."""
        configured = {TenantId(tenant.id): tenant.store_name for tenant in self.config.tenants}
        made = {tenant: kept_store(body) for tenant, body in (await self.kept()).items() if tenant not in configured}
        series: dict[TenantId, dict[str, int]] = {}
        fences: dict[TenantId, dict[str, Fence]] = {}
        for name in self.sections:
            transfer = await self.reading(name)
            for tenant, count in (await transfer.tenants()).items():
                series.setdefault(tenant, {})[name] = count
            for tenant, fence in (await transfer.fences()).items():
                fences.setdefault(tenant, {})[name] = fence
        known = {*configured, *made, *series, *fences}
        return [
            self._standing(tenant, configured, made, series.get(tenant, {}), fences.get(tenant, {}))
            for tenant in sorted(known)
            if only in (None, tenant)
        ]

    def _standing(
        self,
        tenant: TenantId,
        configured: dict[TenantId, str],
        made: dict[TenantId, str],
        series: dict[str, int],
        fences: dict[str, Fence],
    ) -> Standing:
        source = "configuration" if tenant in configured else "run time" if tenant in made else "store"
        pinned = configured.get(tenant) or made.get(tenant) or ""
        if not pinned:
            return Standing(tenant, source, "", series, fences)
        return Standing(tenant, source, pinned, series, fences, list(self._problems(tenant, pinned, series, fences)))

    def _problems(self, tenant: TenantId, pinned: str, series: dict[str, int], fences: dict[str, Fence]) -> list[str]:
        if pinned not in self.sections:
            return [f"it is pinned to store {pinned!r}, which is not configured; there are: {', '.join(self.sections)}"]
        if pinned in fences:
            return [fences[pinned].text(tenant)]
        others = [name for name in self.sections if name != pinned]
        if pinned in series:
            both = [name for name in others if name in series and name not in fences]
            return [f"stores {pinned!r} and {name!r} both have numbers of it" for name in both]
        texts = (problem_of(pinned, name, name in series, fences.get(name)) for name in others)
        return [text for text in texts if text]
