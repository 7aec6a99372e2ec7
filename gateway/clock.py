"""The machine's clock. A clock that tests move is `gateway.simulation.clock`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from gateway.core.values import TenantId

machine_now: Final[Callable[[], datetime]] = partial(datetime.now, UTC)
"""The time of this machine, UTC."""
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Seconds on a clock that nobody sets and, where the system has one, that goes on while the machine sleeps."""
    return time.clock_gettime(_STEADY)


class SystemClock:
    """The time of this machine, UTC, for every tenant. Implements `gateway.core.ports.Clock`."""

    def now(self, tenant: TenantId | None = None) -> datetime:  # noqa: ARG002 - other clocks differ by tenant
        """The present time."""
        return machine_now()
