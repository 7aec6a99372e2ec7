"""Counts the calls that the journal drops, and says when to drop one, so that recording never costs more than answering."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.journal.models import Gap, GapReason

BURST_SECONDS: Final = 10.0
"""Calls of this many seconds may come at once: a test suite sends bursts, and only lasting overload is to cost entries."""


@dataclass(slots=True)
class _Lost:
    """Calls that were dropped: the first and the last moment, how many, and the last id.

    Mutable on purpose: under overload there is one such object per reason and tenant, not a gap for each call.
    """

    since: datetime
    until: datetime
    count: int
    through_id: int


@dataclass(slots=True)
class Losses:
    """Calls that were dropped since the last write: one gap for each reason and tenant."""

    counts: dict[tuple[GapReason, str], _Lost] = field(default_factory=dict)

    def add(self, reason: GapReason, tenant: str, number: int, at: datetime) -> None:
        """Count one more."""
        known = self.counts.get((reason, tenant))
        if known is None:
            self.counts[reason, tenant] = _Lost(at, at, 1, number)
            return
        known.until, known.through_id = at, number
        known.count += 1

    def take(self) -> list[Gap]:
        """The gaps to write. Counting starts again."""
        taken, self.counts = self.counts, {}
        return [
            Gap(
                reason=reason,
                tenant=tenant,
                since=lost.since,
                until=lost.until,
                count=lost.count,
                through_id=lost.through_id,
            )
            for (reason, tenant), lost in taken.items()
        ]


class Rate:
    """A token bucket: lets through `per_second` calls on average, and the calls of `BURST_SECONDS` at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = self._left = per_second * BURST_SECONDS
        self._filled = time.monotonic()

    def allows(self) -> bool:
        """True when one more may be recorded now."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._filled) * self._per_second)
        self._filled = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
