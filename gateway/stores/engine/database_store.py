"""What a store in one database offers: the ports of the core, and what starting, inspecting and moving tenants need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from gateway.core.catalogue import CatalogueItem
from gateway.core.ledger import Finding
from gateway.core.ports import Store, TokenVault
from gateway.core.values import SeriesId, TenantId
from gateway.stores.engine.chain_ends import CommitWatch, Standing
from gateway.stores.engine.ledger_pages import LedgerPlace
from gateway.stores.engine.provisioning import SeriesSpec
from gateway.stores.engine.tenant_records import TenantRecords
from gateway.stores.engine.work_records import WorkRecords


class DatabaseStore(Store, TokenVault, Protocol):
    """One database.

    tenant_records: what is kept about tenants besides their numbers.
    work: what is read of the work that is due.
    is_new: the start has made it, and nobody has said so yet.
    commit_watch: gets to know what this process has made durable; None when nobody wants to.
    work_watch: is called with the tenants for which this process has made work free to be taken; None for nobody.
    """

    tenant_records: TenantRecords
    work: WorkRecords
    is_new: bool
    commit_watch: CommitWatch | None
    work_watch: Callable[[Collection[TenantId]], None] | None

    @property
    def name(self) -> str:
        """What the store is called in messages: its file, or its address without user and password."""
        ...

    @property
    def is_shared(self) -> bool:
        """True when other processes may write to the database."""
        ...

    async def verify(self, tenant: TenantId | None = None) -> tuple[int, list[Finding]]:
        """Recompute the ledger of one tenant or all: how many entries, and what is wrong. Raises StoreUnavailableError."""
        ...

    async def provision(
        self, tenant: TenantId, wanted: Sequence[SeriesSpec | tuple[str, str, str | None, str | None, bool]]
    ) -> dict[str, SeriesId]:
        """Make sure that configured series exist; returns their ids by key. Raises StoreError when a name is taken."""
        ...

    async def seed_catalogue(self, tenant: TenantId, items: Sequence[CatalogueItem]) -> bool:
        """Put the configuration's items into a tenant's catalogue; False when this very seed was the last one applied."""
        ...

    async def note(self, name: str, value: str) -> None:
        """Keep a text about the store under a name, replacing the one before; durable when it returns."""
        ...

    async def renote(self, name: str, former: str | None, value: str | None) -> bool:
        """Keep another text under a name, or none, if it reads as `former` until the commit. False when it does not."""
        ...

    async def noted(self, prefix: str) -> Mapping[str, str]:
        """All texts kept under names that begin so."""
        ...

    async def standing(self) -> Standing:
        """The end of each ledger chain, as of one instant. Raises StoreUnavailableError."""
        ...

    async def hashes_at(self, places: Sequence[LedgerPlace]) -> Mapping[LedgerPlace, str]:
        """The hashes of single ledger entries; places without an entry are left out. Raises StoreUnavailableError."""
        ...

    async def begin_anew(self, tenant: TenantId, moment: int) -> None:
        """Note that the tenant's chains are as they are on purpose, since a moment (see `chain_ends.Begun`)."""
        ...

    def figures(self) -> dict[str, float]:
        """Counts since the start and the present queue, by name, for metrics."""
        ...
