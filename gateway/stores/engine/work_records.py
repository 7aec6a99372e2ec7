"""What is read of a store's work that is due: which tenants have any, what is next in each lane, and lists for people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem, WorkState
from gateway.stores.engine import tables
from gateway.stores.engine.staged_work import moment_of, work_of
from gateway.stores.engine.tables import listed
from gateway.stores.engine.tenant_records import TenantRecords

FIRST: Final = "state = 'waiting' AND attempts = 0"
AGAIN: Final = "state = 'waiting' AND attempts > 0"
"""Word for word the conditions of the indexes `ix_due_work_first` and `ix_due_work_again`."""
WORK: Final = listed(tables.due_work, "w")
HEAD_OF_LANE: Final = (
    f"SELECT {WORK} FROM due_work w WHERE w.tenant = {{0}} AND w.lane = {{1}} AND {FIRST} ORDER BY w.due, w.id LIMIT 1"
)
TAKEN_OF_LANE: Final = (
    f"SELECT {WORK} FROM due_work w WHERE w.tenant = {{0}} AND w.lane = {{1}} AND {FIRST} AND w.taken_by <> ''"
)
LAST_ID: Final = "SELECT coalesce(max(id), 0) FROM due_work WHERE tenant = {}"
ITEM: Final = f"SELECT {WORK} FROM due_work w WHERE w.tenant = {{0}} AND w.id = {{1}}"
_TENANTS: Final = (
    "WITH RECURSIVE t(tenant) AS (SELECT min(tenant) FROM due_work WHERE state = 'waiting' UNION ALL "
    "SELECT (SELECT min(w.tenant) FROM due_work w WHERE w.state = 'waiting' AND w.tenant > t.tenant) "
    "FROM t WHERE t.tenant IS NOT NULL) "
    "SELECT t.tenant, (SELECT min(w.due) FROM due_work w WHERE w.state = 'waiting' AND w.tenant = t.tenant) "
    "FROM t WHERE t.tenant IS NOT NULL AND t.tenant NOT IN (SELECT f.tenant FROM fences f)"
)
"""Each tenant with work that waits, found by one look into an index for each and not by reading the work."""


def _heads(condition: str) -> str:
    """The first item of each lane of a tenant, found by two looks into an index for each lane."""
    own = f"w.tenant = {{0}} AND {condition}"
    return (
        f"WITH RECURSIVE h(lane) AS (SELECT min(w.lane) FROM due_work w WHERE {own} UNION ALL "
        f"SELECT (SELECT min(w.lane) FROM due_work w WHERE {own} AND w.lane > h.lane) FROM h WHERE h.lane IS NOT NULL) "
        f"SELECT {WORK} FROM h JOIN due_work w ON w.tenant = {{0}} AND w.id = (SELECT w.id FROM due_work w "
        f"WHERE {own} AND w.lane = h.lane ORDER BY w.due, w.id LIMIT 1) WHERE h.lane IS NOT NULL"
    )


_FIRST_HEADS: Final = _heads(FIRST)
_AGAIN_HEADS: Final = _heads(AGAIN)
_OLD: Final = (
    "SELECT id FROM due_work WHERE tenant = {} AND ended IS NOT NULL ORDER BY ended DESC, id DESC LIMIT {} OFFSET {}"
)
_MOST_AT_ONCE: Final = 1000


class Waiting(NamedTuple):
    """A tenant with work that waits. due: the earliest moment of any of it, by the tenant's clock; aware."""

    tenant: TenantId
    due: dt.datetime


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which items to list. None is no condition; every other one must hold. lane: with the dialect's name in front."""

    state: WorkState | None = None
    dialect: str | None = None
    kind: str | None = None
    lane: str | None = None


_EVERYTHING: Final = WorkFilter()


@dataclass(frozen=True, slots=True)
class WorkRecords:
    """Reads the work of one store. Every method may raise StoreUnavailableError.

    records: of the same store.
    """

    records: TenantRecords

    async def waiting(self) -> list[Waiting]:
        """Every tenant that has work that waits, and may be served from here."""
        (rows,) = await self.records.read((_TENANTS, ()))
        return [Waiting(tenant, moment_of(due)) for tenant, due in rows]

    async def heads(self, tenant: TenantId) -> list[WorkItem]:
        """For each lane the item whose first attempt is next, and of those to be tried again the one that is next."""
        first, again = await self.records.own_rows(tenant, (_FIRST_HEADS, (tenant,)), (_AGAIN_HEADS, (tenant,)))
        return [work_of(row) for row in (*first, *again)]

    async def page(
        self, tenant: TenantId, where: WorkFilter = _EVERYTHING, after: int = 0, limit: int = 100
    ) -> list[WorkItem]:
        """Items of a tenant by ascending id, behind one. limit: how many at most."""
        text, values = f"SELECT {WORK} FROM due_work w WHERE w.tenant = {{}} AND w.id > {{}}", [tenant, after]
        for name in ("state", "dialect", "kind", "lane"):
            if (wanted := getattr(where, name)) is not None:
                text += f" AND w.{name} = {{}}"
                values.append(str(wanted))
        (rows,) = await self.records.own_rows(tenant, (f"{text} ORDER BY w.id LIMIT {{}}", (*values, limit)))
        return [work_of(row) for row in rows]

    async def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        (rows,) = await self.records.own_rows(tenant, (ITEM, (tenant, work)))
        return work_of(rows[0]) if rows else None

    async def old(self, tenant: TenantId, keep: int) -> tuple[WorkId, ...]:
        """Items that have ended and are not among the last so many; up to a thousand of them. keep: 0 or more."""
        (rows,) = await self.records.own_rows(tenant, (_OLD, (tenant, _MOST_AT_ONCE, keep)))
        return tuple(row[0] for row in rows)
