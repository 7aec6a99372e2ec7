"""Items of work that is due, by id and by lane, over an open connection, for a group that is being decided."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem
from gateway.stores.engine.staged_work import work_of
from gateway.stores.engine.work_records import HEAD_OF_LANE, ITEM, LAST_ID, TAKEN_OF_LANE
from gateway.stores.sqlite.connection import Connection


class FileWork:
    """Implements `work_rules.KnownWork`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        row = self._connection.run(ITEM, tenant, work).fetchone()
        return None if row is None else work_of(row)

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """The first item of a lane, and those that are taken."""
        texts = (HEAD_OF_LANE, TAKEN_OF_LANE)
        return [work_of(row) for text in texts for row in self._connection.run(text, tenant, lane)]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        return int(self._connection.run(LAST_ID, tenant).fetchone()[0])
