"""Locks and reads the items of work that a group's commands are about.

Who schedules work for a tenant has a right of that name, so that ids follow one another in the order of the commits. Who takes
an item has the right to its lane, so that two processes never begin two first attempts of one lane. Items are locked by id,
after the documents (see `locking`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.access_set import AccessSet
from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem
from gateway.stores.engine.group_commit import UndecidableError
from gateway.stores.engine.staged_work import work_of
from gateway.stores.engine.work_records import FIRST, WORK
from gateway.stores.postgres.connection import Connection

_LOCK: Final = (
    f"SELECT {WORK} FROM unnest($1::text[], $2::bigint[]) AS k(tenant, id) "
    "JOIN due_work w ON w.tenant = k.tenant AND w.id = k.id ORDER BY w.tenant, w.id FOR NO KEY UPDATE OF w"
)
_OF_LANES: Final = (
    "SELECT l.* FROM unnest($1::text[], $2::text[]) AS k(tenant, lane) CROSS JOIN LATERAL ("
    f"(SELECT {WORK} FROM due_work w WHERE w.tenant = k.tenant AND w.lane = k.lane AND {FIRST} "
    "ORDER BY w.due, w.id LIMIT 1) UNION "
    f"(SELECT {WORK} FROM due_work w WHERE w.tenant = k.tenant AND w.lane = k.lane AND {FIRST} AND w.taken_by <> '')) l"
)
_LAST_IDS: Final = (
    "SELECT k.tenant, (SELECT coalesce(max(w.id), 0) FROM due_work w WHERE w.tenant = k.tenant) "
    "FROM unnest($1::text[]) AS k(tenant)"
)


class HeldWork:
    """Items as far as they were locked and read. Implements `work_rules.KnownWork`.

    items: those that were looked for; None where there is none.
    lanes: for each lane that was read, its first item and those that are taken.
    last_ids: by tenant.
    """

    def __init__(self) -> None:
        self.items: dict[tuple[TenantId, WorkId], WorkItem | None] = {}
        self.lanes: dict[tuple[TenantId, str], list[WorkItem]] = {}
        self.last_ids: dict[TenantId, int] = {}

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        if (tenant, work) not in self.items:
            raise UndecidableError(unheld=AccessSet(work={(tenant, work)}))
        return self.items[tenant, work]

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """The first item of a lane, and those that are taken."""
        if (tenant, lane) not in self.lanes:
            raise UndecidableError(unheld=AccessSet(lanes={(tenant, lane)}))
        return self.lanes[tenant, lane]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        if tenant not in self.last_ids:
            raise UndecidableError(unheld=AccessSet(schedules={tenant}))
        return self.last_ids[tenant]


def right_names(needed: AccessSet) -> list[str]:
    """The names of the advisory locks that a group needs for its work."""
    return [f"work/{tenant}" for tenant in needed.schedules] + [f"lane/{own}/{lane}" for own, lane in needed.lanes]


async def lock_work(connection: Connection, needed: AccessSet, held: HeldWork) -> None:
    """Lock and read what a group needs, once it has the rights."""
    if needed.work:
        held.items.update(dict.fromkeys(needed.work))
        for item in map(work_of, await connection.rows(_LOCK, *_columns(needed.work))):
            held.items[item.tenant, item.id] = item
    if needed.lanes:
        held.lanes.update({lane: [] for lane in needed.lanes})
        for item in map(work_of, await connection.rows(_OF_LANES, *_columns(needed.lanes))):
            held.lanes[item.tenant, item.lane].append(item)
    if needed.schedules:
        rows = await connection.rows(_LAST_IDS, sorted(needed.schedules))
        held.last_ids.update({row[0]: row[1] for row in rows})


def _columns(keys: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*sorted(keys), strict=True)]
