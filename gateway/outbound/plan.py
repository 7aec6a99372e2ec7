"""Which items of work may begin now: a pure function over what is next in each lane (ADR-65).

first attempts   one at a time in each lane, in its order
retries          one at a time in each lane, beside its first attempts, and at most half of all that is under way
a tenant         a share of all, so that receivers that hang leave room for the other tenants
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gateway.core.values import TenantId
from gateway.core.work import WorkItem


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """Bounds.

    at_once: items of all tenants that are worked on at a time, in this process.
    of_tenant: of one tenant; at most as many.
    attempt_seconds: how long one attempt may take.
    lease_seconds: after so long without a sign of life an item is free for other processes.
    kept: how many items that have ended are kept of each tenant.
    """

    at_once: int = 64
    of_tenant: int = 16
    attempt_seconds: float = 60.0
    lease_seconds: float = 30.0
    kept: int = 1000


@dataclass(frozen=True, slots=True)
class Next:
    """What to do for one tenant now.

    begin: items to take, in this order.
    due: the earliest moment of what is not due yet; None when there is nothing.
    free_ms: the earliest moment at which an item that somebody holds may be free; milliseconds since 1970; None without any.
    is_crowded: something is due and free, and has to wait for what is under way.
    """

    begin: tuple[WorkItem, ...]
    due: dt.datetime | None
    free_ms: int | None
    is_crowded: bool = False


def next_work(
    heads: Iterable[WorkItem],
    under_way: Collection[WorkItem],
    limits: WorkLimits,
    now: dt.datetime,
    now_ms: int,
    served: Collection[str],
) -> Next:
    """What may begin for one tenant.

    heads: what is next in each of the tenant's lanes (`WorkRecords.heads`).
    under_way: what this process works on, for all tenants.
    now: the tenant's time.
    now_ms: the machine's time, in milliseconds since 1970.
    served: the dialects that are served here.
    """
    ours = sorted((head for head in heads if head.dialect in served), key=lambda head: head.place)
    later = [head.due for head in ours if head.due > now]
    due = [head for head in ours if head.due <= now]
    held = [head.taken_until for head in due if head.is_taken(now_ms)]
    room = _Room(under_way, limits)
    free = [head for head in due if not head.is_taken(now_ms)]
    begin = tuple(head for head in free if room.takes(head))
    return Next(begin, min(later, default=None), min(held, default=None), len(begin) < len(free))


class _Room:
    """Counts what is under way, with what begins now."""

    def __init__(self, under_way: Collection[WorkItem], limits: WorkLimits) -> None:
        self._limits = limits
        self._lanes = {(item.tenant, item.lane, item.is_first) for item in under_way}
        self._all = len(under_way)
        self._retries = sum(not item.is_first for item in under_way)
        self._tenants: Counter[TenantId] = Counter(item.tenant for item in under_way)

    def takes(self, item: WorkItem) -> bool:
        """Whether there is room for an item; then it is counted."""
        limits, lane = self._limits, (item.tenant, item.lane, item.is_first)
        if self._all >= limits.at_once or self._tenants[item.tenant] >= limits.of_tenant or lane in self._lanes:
            return False
        if not item.is_first and self._retries >= max(1, limits.at_once // 2):
            return False
        self._lanes.add(lane)
        self._all += 1
        self._retries += not item.is_first
        self._tenants[item.tenant] += 1
        return True
