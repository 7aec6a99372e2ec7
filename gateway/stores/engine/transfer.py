"""A store as operators handle it while a tenant is taken out, put in or moved: whole contents in a stream, and fences.

Beside the group commit: one connection of its own, one transaction for what must be seen as a whole. What is read is of one
instant and in one order whatever the database, so that contents of two stores can be compared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from gateway.core.ledger import Finding
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table
from gateway.stores.errors import StoreError

PAGE_ROWS: Final = 1000
COUNTED: Final = (tables.series, tables.issued, tables.documents, tables.catalogue, tables.tokens, tables.snapshots)
"""Whose rows make a tenant be in a store."""

Page: TypeAlias = tuple[Table, Sequence[Row]]
Pages: TypeAlias = AsyncIterator[Page]


class TransferRaceError(StoreError):
    """The tenant's fence is not what it was believed to be: somebody else is at it, too."""


class OccupiedError(StoreError):
    """The store has something of the tenant already, or ids of it are another tenant's."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What a store has of a tenant. rows: by table, only those with any."""

    rows: dict[str, int]
    fence: Fence | None

    def text(self) -> str:
        """For people."""
        return ", ".join(f"{count} {name}" for name, count in self.rows.items()) or "nothing"


class TenantTransfer(Protocol):
    """One store, opened. Methods raise StoreError, StoreUnavailableError."""

    def reading(self, tenant: TenantId) -> AbstractAsyncContextManager[Pages]:
        """Everything the tenant has, of one instant, in pages: tables in the order of CONDITIONS, rows by primary key."""
        ...

    async def presence(self, tenant: TenantId) -> Presence:
        """How much of the tenant is here, and its fence."""
        ...

    async def tenants(self) -> dict[TenantId, int]:
        """How many series each tenant has here."""
        ...

    async def fences(self) -> dict[TenantId, Fence]:
        """All fences."""
        ...

    async def kept(self) -> dict[TenantId, str]:
        """The tenants made at run time, as they are kept here."""
        ...

    async def keep(self, tenant: TenantId, body: str) -> None:
        """Keep another body for a tenant made at run time; running gateways notice."""
        ...

    async def taken(self, table: Table, ids: Sequence[int]) -> list[int]:
        """Those of the ids (of series or documents) that are in use, whosever they are."""
        ...

    async def set_fence(self, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
        """Replace the tenant's fence; durable when it returns. Raises TransferRaceError when it is not the expected one."""
        ...

    async def settle(self) -> None:
        """Return when nobody decides or answers any more without having seen the fences of before this call."""
        ...

    async def load(self, tenant: TenantId, pages: Pages, expected: Fence | None, fence: Fence, past: LastIds) -> None:
        """Put the tenant in, with a fence that keeps it unseen, in one transaction that ends well only if `pages` does.

        Raises OccupiedError, TransferRaceError, and what `pages` raises.
        """
        ...

    async def clear(self, tenant: TenantId, expected: Fence, fence: Fence | None) -> None:
        """Take everything of the tenant away, and replace its fence, in one transaction. Raises TransferRaceError."""
        ...

    async def last_ids(self) -> LastIds:
        """The highest ids that were made up here."""
        ...

    async def verify(self, tenant: TenantId) -> tuple[int, list[Finding]]:
        """Recompute the tenant's chains: how many entries, and what is wrong."""
        ...

    async def close(self) -> None:
        """Let go of the store."""
        ...


@dataclass(frozen=True, slots=True)
class LastIds:
    """The highest ids made up by a store, for series and documents; what is made up from now on is higher."""

    series: int = 0
    document: int = 0


def check_fence(tenant: TenantId, found: Fence | None, expected: Fence | None) -> None:
    """Raises TransferRaceError."""
    if found != expected:
        now = "has no fence" if found is None else f"is fenced {found.state!r}"
        raise TransferRaceError(f"tenant {tenant}: somebody else works on it, too: it {now} now; look again")
