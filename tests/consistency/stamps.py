"""The clock of a tenant in the ledger: which of the tenant's times the stamp of an entry is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

RUNNING: Final = "running"
REACH: Final = timedelta(hours=1)
"""Moments to which a clock is moved are further apart than this, and a run is shorter."""


def time_of(moment: datetime, moved_to: Iterable[datetime], machine: datetime) -> str | None:
    """The moment to which the clock had been moved when it showed this one, `running` for the machine's time, else None.

    moved_to: all moments at which the clock was frozen, or to which it travelled.
    machine: the machine's time, within an hour.
    """
    for mark in moved_to:
        if timedelta() <= moment - mark < REACH:
            return mark.isoformat()
    return RUNNING if abs(moment - machine) < REACH else None
