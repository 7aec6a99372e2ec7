"""Work that is due, in memory, for tests of a dialect without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.values import TenantId
from gateway.core.work import WorkId, WorkItem


@dataclass(slots=True)
class MemoryWork:
    """Work that is due, in a dictionary. Implements `work_rules.KnownWork`. items: by tenant and id."""

    items: dict[tuple[TenantId, WorkId], WorkItem] = field(default_factory=dict)

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        return self.items.get((tenant, work))

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """All items that wait in a lane for their first attempt."""
        return [item for item in self.items.values() if (item.tenant, item.lane) == (tenant, lane) and item.is_first]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        return max((own for tenant_, own in self.items if tenant_ == tenant), default=0)
