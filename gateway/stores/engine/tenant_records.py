"""What a store keeps about tenants besides their numbers: tenants made at run time, everything a tenant has, snapshots."""

from __future__ import annotations

import asyncio
import enum
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from gateway.core.commands import ListSeries
from gateway.core.ledger import Entry, entry_of
from gateway.core.results import SeriesListed
from gateway.core.values import Origin, SeriesId, TenantId
from gateway.stores.engine.conditions import Condition, ConditionFailedError, a_snapshot, no_snapshot, tenant_is
from gateway.stores.engine.fences import ALL_FENCES, FENCES_OF, Fence, Fences, TenantFencedError
from gateway.stores.engine.group_commit import Job, Write
from gateway.stores.engine.ledger_pages import (
    LEDGER_START,
    OF_LINE,
    OF_ONE_SERIES,
    OF_TENANTS_SERIES,
    LedgerPlace,
    page_select,
)
from gateway.stores.engine.rows import KeptTenant, fences_of
from gateway.stores.engine.staging import (
    MetaNoted,
    SnapshotDropped,
    SnapshotKept,
    StoreChange,
    TenantDropped,
    TenantKept,
)
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tenant_rows import PUT, Contents, TenantReplaced, select
from gateway.stores.errors import StoreError

VERSION: Final = "tenants-version"
"""The name in `meta` of something that is different after each change of the tenants made at run time."""
RENEWED: Final = "series-renewed:"
"""Before a tenant's id: the name in `meta` of something that is different each time when its series were replaced by others."""
_RACES: Final = 3
"""How often a replacement is tried that meets a series made meanwhile."""

_OWNERS: Final = "SELECT DISTINCT tenant FROM series WHERE tenant NOT IN (SELECT tenant FROM fences)"
_HAS_SERIES: Final = "SELECT 1 FROM series WHERE tenant = {} LIMIT 1"
_TENANTS: Final = "SELECT id, body, created FROM tenants ORDER BY created, id"
_TENANT: Final = "SELECT id, body, created FROM tenants WHERE id = {}"
_SNAPSHOTS: Final = 'SELECT name, created, "rows", length(body) FROM snapshots WHERE tenant = {} ORDER BY name'
_SNAPSHOT: Final = "SELECT body FROM snapshots WHERE tenant = {} AND name = {}"


class Conflict(enum.Enum):
    """Why a database refused rows.

    TAKEN: something of that id or name is there already.
    REFERENCE: what the rows refer to is gone, or what is to go is referred to.
    """

    TAKEN = enum.auto()
    REFERENCE = enum.auto()


class TakenError(StoreError):
    """Something of this id or name is there already."""


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """A snapshot without its body.

    created: ISO 8601, UTC.
    rows: how many it holds.
    size: of the body as it is kept, in bytes.
    """

    name: str
    created: str
    rows: int
    size: int


class Reading(Protocol):
    """How a store reads: several SELECTs, all of one instant. In the texts `{}` stands for each value."""

    async def __call__(self, *selects: tuple[str, Sequence[Any]]) -> list[Sequence[Row]]: ...


@dataclass(frozen=True, slots=True)
class TenantRecords:
    """Tenants and snapshots of one store. Every method may raise StoreUnavailableError.

    noted: finds notes by the beginning of their names. What is asked again and again is a note: it costs the least.
    submit: hands a job to the store's group commit.
    list_series: answers ListSeries.
    forget_tokens: drops what is cached of a tenant's tokens.
    conflict_of: what an error of this database means; None for one that is no conflict.
    begun_now: the moment for a tenant that is begun anew now.
    """

    read: Reading
    noted: Callable[[str], Awaitable[Mapping[str, str]]]
    submit: Callable[[Job], asyncio.Future[Any]]
    list_series: Callable[[ListSeries], Awaitable[SeriesListed]]
    forget_tokens: Callable[[TenantId], None]
    conflict_of: Callable[[Exception], Conflict | None]
    begun_now: Callable[[TenantId], int]

    # Tenants made at run time

    async def version(self) -> str:
        """Something that is different after each change, also after one by another process."""
        return (await self.noted(VERSION)).get(VERSION, "")

    async def tenants(self) -> list[KeptTenant]:
        """All of them, in the order they were made."""
        (rows,) = await self.read((_TENANTS, ()))
        return [KeptTenant(*row) for row in rows]

    async def tenant(self, tenant: TenantId) -> KeptTenant | None:
        """One of them as it is now; None when there is none of this id."""
        (rows,) = await self.read((_TENANT, (tenant,)))
        return KeptTenant(*rows[0]) if rows else None

    async def add_tenant(self, tenant: KeptTenant) -> None:
        """Keep a new tenant. Raises TakenError."""
        if not await self._change(TenantKept(tenant), tenant_is(tenant.id, None)):
            raise TakenError("an id is taken already")

    async def change_tenant(self, former: KeptTenant, body: str) -> bool:
        """Keep another body for a tenant. False, and nothing happens, when the tenant is not as `former` says any more."""
        change = TenantKept(former._replace(body=body), is_new=False)
        return await self._change(change, _reads(former))

    async def drop_tenant(self, former: KeptTenant) -> bool:
        """Forget a tenant made at run time; its numbers stay. False, and nothing happens, when it is not as `former` says."""
        return await self._change(TenantDropped(former.id), _reads(former))

    async def renew(self, tenant: TenantId) -> None:
        """Let every process find out the tenant's series again, because these have been replaced by others."""
        await self.submit(Write((MetaNoted(RENEWED + tenant, secrets.token_hex(8)), _new_version())))

    async def renewals(self) -> dict[str, str]:
        """Something for each renewed tenant that is different after each renewal."""
        return {name.removeprefix(RENEWED): value for name, value in (await self.noted(RENEWED)).items()}

    async def _change(self, change: StoreChange, condition: Condition) -> bool:
        return await self._written(Write((change, _new_version()), conditions=(condition,)))

    async def _written(self, write: Write) -> bool:
        try:
            await self.submit(write)
        except ConditionFailedError:
            return False
        return True

    async def meets(self, condition: Condition) -> bool:
        """Whether a condition holds at this moment."""
        return await self._written(Write((), conditions=(condition,)))

    # Everything a tenant has

    async def standing(self, tenant: TenantId) -> tuple[bool, Fence | None]:
        """Whether the tenant has any series here, and the fence that keeps it from being served from here."""
        found, fences = await self.read((_HAS_SERIES, (tenant,)), (FENCES_OF, (tenant,)))
        return bool(found), Fence.of(fences[0][1]) if fences else None

    async def owners(self) -> set[TenantId]:
        """The tenants that have series here and may be served from here."""
        (rows,) = await self.read((_OWNERS, ()))
        return {row[0] for row in rows}

    async def holdings(self) -> tuple[set[TenantId], Fences]:
        """The tenants as `owners` gives them, and all fences, of one instant."""
        owners, fences = await self.read((_OWNERS, ()), (ALL_FENCES, ()))
        return {row[0] for row in owners}, fences_of(fences)

    async def own_rows(self, tenant: TenantId, *selects: tuple[str, Sequence[Any]]) -> list[Sequence[Row]]:
        """What SELECTs find of a tenant. Raises TenantFencedError: the fence is read in the same instant (ADR-38)."""
        fences, *found = await self.read((FENCES_OF, (tenant,)), *selects)
        if fences:
            raise TenantFencedError(tenant, Fence.of(fences[0][1]))
        return found

    async def contents(self, tenant: TenantId) -> Contents:
        """Everything a tenant has, of one instant."""
        found = await self.own_rows(tenant, *((select(table), (tenant,)) for table in PUT))
        return Contents({table.name: rows for table, rows in zip(PUT, found, strict=True)})

    async def replace(
        self,
        tenant: TenantId,
        contents: Contents,
        restored_by: Origin | None = None,
        conditions: tuple[Condition, ...] = (),
    ) -> None:
        """Put contents in the place of everything the tenant has, in one transaction (ADR-25).

        restored_by: recorded at the end of each series' own chain.

        Raises TakenError. Raises ConditionFailedError when the conditions do not hold; then nothing was changed.
        """
        # the database refuses the change when another process makes a series between this look and the locks: look again
        for attempt in range(_RACES):
            views = (await self.list_series(ListSeries(tenant))).views
            known = frozenset(view.series.id for view in views)
            replaced = TenantReplaced(tenant, contents, known, restored_by, self.begun_now(tenant))
            write = Write((replaced,), alone=True, conditions=conditions)
            try:
                await self._unless_taken(self.submit(write))
            except StoreError as error:
                if isinstance(error, TakenError) or attempt == _RACES - 1:
                    raise
            else:
                break
        self.forget_tokens(tenant)

    # The ledger, from any place

    async def ledger_page(
        self,
        tenant: TenantId,
        after: LedgerPlace = LEDGER_START,
        limit: int = 1000,
        series: SeriesId | None = None,
        line: str | None = None,
    ) -> list[Entry]:
        """The next entries of a tenant in chain and index order, of one series or line if given."""
        conditions = [(OF_TENANTS_SERIES, tenant), (OF_ONE_SERIES, series), (OF_LINE, line)]
        (rows,) = await self.own_rows(tenant, page_select(after, limit, conditions))
        return [entry_of(row) for row in rows]

    # Snapshots

    async def snapshots(self, tenant: TenantId) -> list[SnapshotHead]:
        """A tenant's snapshots by name."""
        (rows,) = await self.own_rows(tenant, (_SNAPSHOTS, (tenant,)))
        return [SnapshotHead(*row) for row in rows]

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
        """Keep contents under a name, in the place of what was there. Raises TakenError unless that may be replaced.

        Raises ConditionFailedError when the conditions do not hold; then nothing was kept.
        """
        body = await asyncio.to_thread(contents.pack)
        created = at.isoformat(timespec="microseconds")
        kept = SnapshotKept(tenant, name, created, contents.count, body)
        absent = no_snapshot(tenant, name)
        try:
            await self.submit(Write((kept,), conditions=conditions if replacing else (absent, *conditions)))
        except ConditionFailedError as error:
            if error.condition == absent:
                raise TakenError(f"there is a snapshot {name!r} already") from None
            raise
        return SnapshotHead(name, created, contents.count, len(body))

    async def snapshot(self, tenant: TenantId, name: str) -> Contents | None:
        """The contents kept under a name. Raises ValueError when this version cannot read them."""
        (rows,) = await self.own_rows(tenant, (_SNAPSHOT, (tenant, name)))
        return await asyncio.to_thread(Contents.unpack, bytes(rows[0][0])) if rows else None

    async def drop_snapshot(self, tenant: TenantId, name: str) -> bool:
        """Let go of a snapshot. False when it was not there."""
        return await self._written(Write((SnapshotDropped(tenant, name),), conditions=(a_snapshot(tenant, name),)))

    async def _unless_taken(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except Exception as error:
            match self.conflict_of(error):
                case Conflict.REFERENCE:
                    raise StoreError("a series was made meanwhile") from error
                case Conflict.TAKEN:
                    raise TakenError("an id or name is taken already") from error
            raise


def _new_version() -> MetaNoted:
    return MetaNoted(VERSION, secrets.token_hex(8))


def _reads(record: KeptTenant) -> Condition:
    return tenant_is(record.id, {"body": record.body, "created": record.created})
