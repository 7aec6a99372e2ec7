"""Work that is due with changes on top: what is decided next sees the changes, and what is below stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem
from gateway.core.work_rules import KnownWork


class PendingWork:
    """Implements `work_rules.KnownWork` over other work."""

    def __init__(self, committed: KnownWork) -> None:
        self._committed = committed
        self._items: dict[tuple[TenantId, WorkId], WorkItem | None] = {}
        self._last: dict[TenantId, int] = {}

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        if (tenant, work) in self._items:
            return self._items[tenant, work]
        return self._committed.item(tenant, work)

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """The first item of a lane, and those that are taken.

        A first item that was ended on top is still in the way of the one behind it, which can be taken once this is committed.
        """
        committed = self._committed.first_attempts(tenant, lane)
        staged = [item for item in self._items.values() if item is not None]
        own = [item for item in staged if (item.tenant, item.lane) == (tenant, lane) and item.is_first]
        known = {item.id for item in own}
        return [*own, *(item for item in committed if item.id not in known)]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        if tenant not in self._last:
            self._last[tenant] = self._committed.last_id(tenant)
        return self._last[tenant]

    def put(self, item: WorkItem) -> None:
        """An item is new or changed."""
        self._items[item.tenant, item.id] = item
        if item.tenant in self._last:
            self._last[item.tenant] = max(self._last[item.tenant], item.id)

    def forget(self, tenant: TenantId, work: WorkId) -> None:
        """An item is gone."""
        self._items[tenant, work] = None


class NoWork:
    """No work at all. Implements `work_rules.KnownWork`."""

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:  # noqa: ARG002 - part of the protocol
        """None."""
        return None

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:  # noqa: ARG002 - part of the protocol
        """None."""
        return ()

    def last_id(self, tenant: TenantId) -> int:  # noqa: ARG002 - part of the protocol
        """0."""
        return 0
