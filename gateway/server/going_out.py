"""Wires what goes out: the pool of connections, and the runner of due work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from gateway.config.model import Config, TenantSection
from gateway.config.outbound import OutboundSection
from gateway.core.values import TenantId
from gateway.outbound.allowed import AllowLists
from gateway.outbound.attempt import Attempts
from gateway.outbound.plan import WorkLimits
from gateway.outbound.pool import Pool, PoolLimits, Recorder
from gateway.outbound.runner import WorkRunner
from gateway.simulation.clock import TenantClock
from gateway.spi.served_dialects import ServedDialects
from gateway.spi.watch import Watch
from gateway.stores.router import StoreRouter
from gateway.tenants.directory import TenantDirectory
from gateway.web.metrics import Metrics


def pool_limits(section: OutboundSection) -> PoolLimits:
    """The bounds of requests."""
    return PoolLimits(
        section.connect_seconds,
        section.total_seconds,
        section.max_request_bytes,
        section.max_answer_bytes,
        section.max_connections,
        section.max_connections_per_host,
    )


def work_limits(section: OutboundSection) -> WorkLimits:
    """The bounds of due work."""
    return WorkLimits(
        section.max_at_once,
        section.max_of_tenant,
        section.attempt_seconds,
        section.lease_seconds,
        section.kept_items,
    )


class GoingOut:
    """What the gateway does of itself. `start` begins due work; `stop_soon` and `close` end it.

    pool: sends requests, for due work and for others.
    runner: does due work.
    """

    def __init__(
        self,
        config: Config,
        store: StoreRouter,
        directory: TenantDirectory,
        dialects: ServedDialects,
        clock: TenantClock,
        watch: Watch,
        admin_url: Callable[[], str],
    ) -> None:
        self._directory = directory
        self._drain_seconds = config.limits.drain_seconds
        self._ending: asyncio.Task[None] | None = None

        def admin_ports() -> set[int]:
            return {port for port in (config.admin_port, urlsplit(admin_url()).port) if port}

        self.pool = Pool(pool_limits(config.outbound), own_ports=admin_ports, watch=watch)
        allowed = AllowLists(config.outbound.allowed_hosts, config.dialects, self._section)
        seconds = config.outbound.attempt_seconds
        self.runner = WorkRunner(
            store,
            clock,
            Attempts(lambda: dialects.current, self.pool, allowed.of, clock, seconds),
            work_limits(config.outbound),
            is_served=lambda tenant: self._section(tenant) is not None,
            is_frozen=clock.is_frozen,
        )
        clock.on_move.append(self.runner.clock_moved)

    def _section(self, tenant: TenantId) -> TenantSection | None:
        found = self._directory.find(tenant)
        return None if found is None else found.section

    def start(self, recorder: Recorder | None, metrics: Metrics) -> None:
        """Begin due work. recorder: notes what is sent."""
        self.pool.recorder = recorder
        metrics.add_gauges(self.pool.figures)
        metrics.add_gauges(self.runner.figures)
        self.runner.start()

    def stop_soon(self) -> None:
        """Begin no more work, and let go of what does not end within the usual time."""
        if self._ending is None:
            self._ending = asyncio.create_task(self.runner.stop(self._drain_seconds))

    async def close(self) -> None:
        """Return when no work is under way and every connection is closed."""
        self.stop_soon()
        if self._ending is not None:
            await self._ending
        await self.pool.close()
