"""Work that is due with changes on top, as `pending_state` has everything else."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem
from gateway.core.work_rules import KnownWork


class PendingWork:
    """Work as the next command sees it, on top of what is known. Implements `work_rules.KnownWork`."""

    def __init__(self, known: KnownWork) -> None:
        self._known = known
        self._items: dict[tuple[TenantId, WorkId], WorkItem | None] = {}
        self._last: dict[TenantId, int] = {}

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        if (tenant, work) in self._items:
            return self._items[tenant, work]
        return self._known.item(tenant, work)

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """The first item of a lane, and those that are taken.

        A first item that this group has ended is still in the way of the one behind it, which the next group can take.
        """
        committed = self._known.first_attempts(tenant, lane)
        staged = [item for item in self._items.values() if item is not None]
        own = [item for item in staged if (item.tenant, item.lane) == (tenant, lane) and item.is_first]
        known = {item.id for item in own}
        return [*own, *(item for item in committed if item.id not in known)]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        if tenant not in self._last:
            self._last[tenant] = self._known.last_id(tenant)
        return self._last[tenant]

    def put(self, item: WorkItem) -> None:
        """An item is new or changed."""
        self._items[item.tenant, item.id] = item
        if item.tenant in self._last:
            self._last[item.tenant] = max(self._last[item.tenant], item.id)

    def forget(self, tenant: TenantId, work: WorkId) -> None:
        """An item is gone."""
        self._items[tenant, work] = None
