"""The machine's clock. A clock that tests move is `gateway.simulation.clock`."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.core.values import TenantId


class SystemClock:
    """The time of this machine, UTC, for every tenant. Implements `gateway.core.ports.Clock`."""

    def now(self, tenant: TenantId | None = None) -> datetime:  # noqa: ARG002 - other clocks differ by tenant
        """The present time."""
        return datetime.now(UTC)
