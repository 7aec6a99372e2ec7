"""A store as operators handle it while a tenant is taken out, put in or moved: whole contents in a stream, and marks.

Beside the group commit: one connection of its own, one transaction for what must be seen as a whole. What is read is of one
instant and in one order whatever the database, so that contents of two stores can be compared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from gateway.core.ledger import Finding
from gateway.core.values import TenantId
from gateway.stores import POSTGRES, schema, sqlite_path
from gateway.stores.contents import PARTS
from gateway.stores.errors import StoreError
from gateway.stores.fences import Fence
from gateway.stores.schema import Table, listed
from gateway.stores.statements import Row

PAGE_ROWS: Final = 1000
_OF_TENANT: Final = '"tenant" = {tenant}'

CONDITIONS: Final[dict[Table, str]] = {
    **{part.table: part.condition for part in PARTS},
    schema.snapshots: _OF_TENANT,
}
"""Which rows of each table are a tenant's, in the order in which they are written; `{tenant}` is a placeholder."""
COUNTED: Final = (schema.series, schema.issued, schema.documents, schema.catalogue, schema.tokens, schema.snapshots)
"""Whose rows make a tenant be in a store."""

Page: TypeAlias = tuple[Table, Sequence[Row]]
Pages: TypeAlias = AsyncIterator[Page]


class DepotRaceError(StoreError):
    """The tenant's mark is not what it was believed to be: somebody else is at it, too."""


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


class Depot(Protocol):
    """One store, opened. Methods raise StoreError, StoreUnavailableError."""

    def reading(self, tenant: TenantId) -> AbstractAsyncContextManager[Pages]:
        """Everything the tenant has, of one instant, in pages: tables in the order of CONDITIONS, rows by primary key."""
        ...

    async def presence(self, tenant: TenantId) -> Presence:
        """How much of the tenant is here, and its mark."""
        ...

    async def tenants(self) -> dict[TenantId, int]:
        """How many series each tenant has here."""
        ...

    async def fences(self) -> dict[TenantId, Fence]:
        """All marks."""
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

    async def mark(self, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
        """Replace the tenant's mark; durable when it returns. Raises DepotRaceError when it is not the expected one."""
        ...

    async def settle(self) -> None:
        """Return when nobody decides or answers any more without having seen the marks of before this call."""
        ...

    async def load(self, tenant: TenantId, pages: Pages, expected: Fence | None, fence: Fence, past: LastIds) -> None:
        """Put the tenant in, with a mark that keeps it unseen, in one transaction that ends well only if `pages` does.

        Raises OccupiedError, DepotRaceError, and what `pages` raises.
        """
        ...

    async def clear(self, tenant: TenantId, expected: Fence, fence: Fence | None) -> None:
        """Take everything of the tenant away, and replace its mark, in one transaction. Raises DepotRaceError."""
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


async def open_depot(url: str, *, write: bool, migrate: bool = True) -> Depot:
    """Open the store at a URL. write: a SQLite file is locked, and made when there is none.

    Raises StoreLockedError, StoreOpenError, StoreVersionError.
    """
    if url.startswith(POSTGRES):
        from gateway.stores.postgres.depot import PostgresDepot  # noqa: PLC0415 - see gateway.stores.open_store

        return await PostgresDepot.open(url, migrate=write and migrate)
    from gateway.stores.depot_sqlite import SqliteDepot  # noqa: PLC0415 - one of the two is enough

    return await SqliteDepot.open(sqlite_path(url), write=write, migrate=migrate)


def select(table: Table, placeholder: str, collate: str = "") -> str:
    """The SELECT of a tenant's rows by primary key; texts in the order of their code points by `collate`."""
    key = ", ".join(f'"{name}"{collate if table.types[name] == "TEXT" else ""}' for name in table.key)
    condition = CONDITIONS[table].format(tenant=placeholder)
    return f'SELECT {listed(table)} FROM "{table.name}" WHERE {condition} ORDER BY {key}'  # noqa: S608 - own texts


def insert(table: Table) -> str:
    """The INSERT of one row, with a question mark for each value."""
    values = ", ".join("?" * len(table.columns))
    return f'INSERT INTO "{table.name}" ({listed(table)}) VALUES ({values})'  # noqa: S608 - own texts


def booleans(table: Table) -> list[int]:
    """The places of the columns that are true or false; some databases give 0 and 1 for them."""
    return [place for place, kind in enumerate(table.types.values()) if kind == "BOOLEAN"]


def settled(rows: Sequence[Any], places: Sequence[int]) -> list[Row]:
    """Rows with the same values whatever the database."""
    if not places:
        return [tuple(row) for row in rows]
    return [tuple(bool(value) if place in places else value for place, value in enumerate(row)) for row in rows]


def deletions(placeholder: str) -> Iterator[str]:
    """The statements that take a tenant away, in an order that meets references; each has the tenant as its only value."""
    for table in reversed(CONDITIONS):
        yield f'DELETE FROM "{table.name}" WHERE {CONDITIONS[table].format(tenant=placeholder)}'  # noqa: S608 - own texts


def check_mark(tenant: TenantId, found: Fence | None, expected: Fence | None) -> None:
    """Raises DepotRaceError."""
    if found != expected:
        now = "has no mark" if found is None else f"is marked {found.state!r}"
        raise DepotRaceError(f"tenant {tenant}: somebody else works on it, too: it {now} now; look again")
