"""A store as operators handle it while a tenant is taken out, put in or moved: whole contents in a stream, and fences.

It works beside the group commit, on a connection of its own, and uses one transaction for what must be seen as a whole. What
it reads is of one instant and in one order whatever the database, so that contents of two stores can be compared (ADR-39,
ADR-41).
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from gateway.core.ledger import Finding
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.chain_ends import BEGUN, now_begun
from gateway.stores.engine.committed_state import LAST_SERIES
from gateway.stores.engine.fences import ALL_FENCES, FENCES_OF, Fence
from gateway.stores.engine.rows import fences_of, notes_of
from gateway.stores.engine.statements import NOTE, Row
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_records import VERSION
from gateway.stores.engine.tenant_rows import count, deletions, insert
from gateway.stores.errors import StoreError

T = TypeVar("T")

PAGE_ROWS: Final = 1000
COUNTED: Final = (
    tables.series,
    tables.issued,
    tables.documents,
    tables.catalogue,
    tables.records,
    tables.due_work,
    tables.tokens,
    tables.snapshots,
)
"""A tenant is in a store when one of these tables has a row of it."""

_TENANTS: Final = "SELECT tenant, count(*) FROM series GROUP BY tenant ORDER BY tenant"
_KEPT: Final = "SELECT id, body FROM tenants"
_KEPT_OF: Final = "SELECT body FROM tenants WHERE id = {}"
_CHANGE_KEPT: Final = "UPDATE tenants SET body = {} WHERE id = {}"
_DROP_FENCE: Final = "DELETE FROM fences WHERE tenant = {}"

Page: TypeAlias = tuple[Table, Sequence[Row]]
Pages: TypeAlias = AsyncIterator[Page]


class TransferRaceError(StoreError):
    """The tenant's fence is not the expected one: somebody else works on the tenant, too."""


class OccupiedError(StoreError):
    """The store has something of the tenant already, or ids of the tenant belong to another tenant here."""


@dataclass(frozen=True, slots=True)
class LastIds:
    """The highest ids made up by a store; what it makes up from now on is higher.

    series: of a series.
    document: of a document.
    """

    series: int = 0
    document: int = 0


@dataclass(frozen=True, slots=True)
class Presence:
    """What a store has of a tenant.

    rows: how many, by table; only tables that have any.
    fence: the fence that keeps the store from serving the tenant.
    """

    rows: dict[str, int]
    fence: Fence | None

    def text(self) -> str:
        """For people."""
        return ", ".join(f"{number} {name}" for name, number in self.rows.items()) or "nothing"


class Session(Protocol):
    """One connection to a store, in one task's hands."""

    async def run(self, text: str, *values: Any) -> Sequence[Sequence[Any]]:
        """Run a text in which `{}` stands for each value; returns its rows."""
        ...


class LoadingSession(Session, Protocol):
    """A session that puts a tenant in."""

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Put many rows in. Raises OccupiedError."""
        ...


class TenantTransfer(ABC):
    """One store, opened. Methods raise StoreError, StoreUnavailableError.

    collate: SQL behind a text in ORDER BY that puts texts in the order of their code points.
    """

    collate = ""

    # What the database brings

    @abstractmethod
    async def _ask(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run `work` on the connection for short questions."""

    @abstractmethod
    async def _change(self, work: Callable[[Session], Awaitable[None]], *, patiently: bool = False) -> None:
        """Run `work` in one transaction, which is durable when this returns.

        patiently: wait for locks as long as others hold them.
        """

    @abstractmethod
    async def _lock(self, session: Session, *names: str) -> None:
        """Keep everybody else from what has these names until the transaction ends."""

    @abstractmethod
    async def _note_change(self, session: Session, tenant: TenantId) -> None:
        """Let gateways notice that what they remember of the tenant may be out of date."""

    @abstractmethod
    async def _last_ids(self, session: Session) -> LastIds:
        """The highest ids that the store made up."""

    @abstractmethod
    def _loading(self, tenant: TenantId, past: LastIds) -> AbstractAsyncContextManager[LoadingSession]:
        """A transaction to put a tenant in, durable when it ends; the store makes up only ids behind `past` from then on."""

    @abstractmethod
    def reading(self, tenant: TenantId) -> AbstractAsyncContextManager[Pages]:
        """Everything that the tenant has, of one instant, in pages: tables in the order of CONDITIONS, rows by primary key."""

    @abstractmethod
    async def taken(self, table: Table, ids: Sequence[int]) -> list[int]:
        """Those of the ids (of series or documents) that are in use by any tenant."""

    @abstractmethod
    async def settle(self) -> None:
        """Return when every decision and every answer that had not seen the present fences has ended."""

    @abstractmethod
    async def verify(self, tenant: TenantId) -> tuple[int, list[Finding]]:
        """Recompute the tenant's chains: how many entries, and what is wrong."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the store."""

    # What is in the store

    async def presence(self, tenant: TenantId) -> Presence:
        """How much of the tenant is here, and its fence."""

        async def work(session: Session) -> Presence:
            return Presence(await _counts(session, tenant), await _fence(session, tenant))

        return await self._ask(work)

    async def tenants(self) -> dict[TenantId, int]:
        """How many series each tenant has here."""
        rows = await self._ask(lambda session: session.run(_TENANTS + self.collate))
        return {row[0]: row[1] for row in rows}

    async def fences(self) -> dict[TenantId, Fence]:
        """All fences."""
        return fences_of(await self._ask(lambda session: session.run(ALL_FENCES)))

    async def kept(self) -> dict[TenantId, str]:
        """The tenants made at run time, as they are kept here."""
        rows = await self._ask(lambda session: session.run(_KEPT))
        return {row[0]: row[1] for row in rows}

    async def last_ids(self) -> LastIds:
        """The highest ids that were made up here."""
        return await self._ask(self._last_ids)

    # Changes

    async def keep(self, tenant: TenantId, changed: Callable[[str], str]) -> None:
        """Change the body of a tenant made at run time; running gateways notice. Without such a tenant nothing happens.

        changed: makes the new body from the one that is there. What a gateway changes at the same time stays.
        """

        async def work(session: Session) -> None:
            await self._lock(session, f"{tables.tenants.name}/{tenant}")  # gateways take the same one
            for (body,) in await session.run(_KEPT_OF, tenant):
                if changed(body) != body:
                    await session.run(_CHANGE_KEPT, changed(body), tenant)
                    await session.run(NOTE, VERSION, secrets.token_hex(8))

        await self._change(work)

    async def set_fence(self, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
        """Replace the tenant's fence; durable when it returns. Raises TransferRaceError when it is not the expected one."""
        await self._change(lambda session: self._put_fence(session, tenant, expected, fence))

    async def load(self, tenant: TenantId, pages: Pages, expected: Fence | None, fence: Fence, past: LastIds) -> None:
        """Put the tenant in, behind a fence that keeps it unseen, in one transaction that ends well only if `pages` does.

        past: the highest ids of the store that the tenant comes from.
        Raises OccupiedError, TransferRaceError, and what `pages` raises.
        """
        async with self._loading(tenant, past) as session:
            await self._put_fence(session, tenant, expected, fence)
            there = await _counts(session, tenant)
            if there:
                raise OccupiedError(f"tenant {tenant}: the store has {Presence(there, None).text()} of it already")
            async for table, rows in pages:
                await session.insert(table, rows)
            await _begin_anew(session, tenant)
            await self._note_change(session, tenant)

    async def clear(self, tenant: TenantId, expected: Fence, fence: Fence | None) -> None:
        """Take everything of the tenant away, and replace its fence, in one transaction. Raises TransferRaceError."""

        async def work(session: Session) -> None:
            await self._lock(session, f"tenant/{tenant}", "new-series")
            await self._put_fence(session, tenant, expected, fence)
            # ids of series are never used again, so the highest one must be known after its series is gone (ADR-25)
            await session.run(NOTE, LAST_SERIES, str((await self._last_ids(session)).series))
            for text in deletions():
                await session.run(text, tenant)
            await _begin_anew(session, tenant)
            await self._note_change(session, tenant)

        await self._change(work, patiently=True)

    async def _put_fence(self, session: Session, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
        await self._lock(session, f"fence/{tenant}")
        found = await _fence(session, tenant)
        if found != expected:
            now = "has no fence" if found is None else f"is fenced {found.state!r}"
            raise TransferRaceError(f"tenant {tenant}: somebody else works on it, too: it {now} now; look again")
        await session.run(_DROP_FENCE, tenant)
        if fence is not None:
            await session.run(insert(tables.fences), tenant, fence.body())


async def _counts(session: Session, tenant: TenantId) -> dict[str, int]:
    found = {table.name: await session.run(count(table), tenant) for table in COUNTED}
    return {name: rows[0][0] for name, rows in found.items() if rows and rows[0][0]}


async def _fence(session: Session, tenant: TenantId) -> Fence | None:
    return fences_of(await session.run(FENCES_OF, tenant)).get(tenant)


async def _begin_anew(session: Session, tenant: TenantId) -> None:
    """Note that the tenant's chains are others now, on purpose (ADR-54)."""
    name = BEGUN + tenant
    former = int((await notes(session, name)).get(name, 0))
    await session.run(NOTE, name, str(now_begun(former)))


async def notes(session: Session, *names: str) -> dict[str, str]:
    """The texts about the store under these names."""
    places = ", ".join(["{}"] * len(names))
    return notes_of(await session.run(f"SELECT name, value FROM meta WHERE name IN ({places})", *names))
