"""The only wiring: configuration → stores → service → dialects → servers. Every other module gets its parts from here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Container
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from gateway.admin.app import admin_application
from gateway.admin.context import Services
from gateway.admin.guesses import AdminGuesses
from gateway.admin.port import AdminRunner
from gateway.admin.worker_port import WorkerPort
from gateway.config.model import Config, DialectSection
from gateway.config.process import LimitsSection
from gateway.config.yaml_file import ConfigError, Document, Problem
from gateway.core.ports import Clock
from gateway.core.values import TenantId
from gateway.journal.file import note_not_recording
from gateway.journal.journal import Journal
from gateway.journal.models import Limits
from gateway.journal.near_miss import NearMisses
from gateway.journal.opening import JournalBusyError
from gateway.journal.worker_files import SharedIds
from gateway.server.errors import ListenError
from gateway.server.going_out import GoingOut
from gateway.server.journal_path import journal_path
from gateway.server.supervisor.charge import charge, inherited_listeners
from gateway.server.supervisor.port import Listeners
from gateway.simulation.clock import TenantClock
from gateway.simulation.fault_engine import FaultEngine
from gateway.simulation.production import ProductionTenants
from gateway.simulation.replay_window import ReplayWindows
from gateway.spi.exchange import Exchange
from gateway.spi.guessing import Guesses
from gateway.spi.redaction import redactor_for
from gateway.spi.registry import installed_adapters
from gateway.spi.served_dialects import CredentialsTakenError, ServedDialects
from gateway.spi.watch import Watch
from gateway.stores.placement import doubled
from gateway.stores.watermark.keeper import Watermark
from gateway.stores.watermark.path import watermark_path
from gateway.stores.watermark.start import refuse_missing
from gateway.tenants.beginning import holdings, refuse_missing_files, refuse_to_begin, take_own_ids
from gateway.tenants.check import checked_plan
from gateway.tenants.configured import configured_tenants, new_store, pins_of, served_dialects
from gateway.tenants.directory import TenantDirectory
from gateway.tenants.snapshots import TenantStates
from gateway.tenants.tenant import Tenant
from gateway.web.app import DataHandler
from gateway.web.body import WebLimits
from gateway.web.metrics import Metrics
from gateway.web.mounts import Mount
from gateway.web.origin import read_networks
from gateway.web.request_log import RequestLog
from gateway.web.server import DataRunner, DataServer

log = structlog.get_logger("gateway")


def make_mounts(config: Config, dialects: ServedDialects, watch: Watch) -> list[Mount]:
    """Put each dialect where the configuration wants it.

    Long prefixes come first. A dialect that the configuration gives hosts to comes last of those with one prefix: on other
    hosts, a path that two dialects claim is the other one's.
    """
    mounts = []
    for name, dialect in dialects.current.items():
        section = config.dialects.get(name, DialectSection())
        exchange = Exchange(name, dialect, config.limits.deadline_seconds, config.limits.max_in_flight, watch=watch)
        dialects.exchanges[name] = exchange
        mounts.append(Mount(exchange, section.prefix, section.public_url, partial(dialects.hosts, name)))
    return sorted(mounts, key=lambda mount: (-len(mount.prefix), mount.exchange.name in dialects.more_hosts))


def web_limits(limits: LimitsSection) -> WebLimits:
    """What the data port reads. A compressed body of the largest size and what it becomes always fit the budget."""
    budget = max(limits.max_reading_bytes, 2 * limits.max_body_bytes)
    return WebLimits(limits.max_body_bytes, limits.body_timeout_seconds, budget)


def new_journal(
    config: Config, dialects: ServedDialects, paths: KnownPaths, watch: Watch, shared_ids: SharedIds | None
) -> Journal:
    """The journal the configuration describes, not yet opened."""
    section = config.journal
    limits = Limits(
        max_entries=section.max_entries,
        max_bytes=section.max_bytes,
        max_age_seconds=section.max_age_seconds,
        max_message_bytes=section.max_message_bytes,
        max_per_second=section.max_per_second,
    )
    return Journal(
        journal_path(config),
        limits,
        watch,
        redactors={
            name: redactor_for(dialect, section.max_message_bytes) for name, dialect in dialects.current.items()
        },
        near_misses=NearMisses(paths),
        sample=section.sample if section.mode == "sampled" else 1.0,
        shared_ids=shared_ids,
    )


async def _ended(task: asyncio.Task[None]) -> None:
    while not task.done():  # a cancellation may be taken for a failure of what the task waits for; cancel again then
        task.cancel()
        await asyncio.wait([task], timeout=1.0)


def _configured_first(tenant: Tenant) -> bool:
    return not tenant.is_configured


class KnownPaths(Container[str]):
    """The paths under which clients reach the dialects, in lower case.

    They are computed when they are first needed, and again after the dialects have changed. Only the first tenants count:
    paths hardly differ between tenants, and there may be thousands of tenants.
    """

    MOST_TENANTS: Final = 100

    def __init__(self, dialects: ServedDialects, directory: TenantDirectory) -> None:
        self._dialects = dialects
        self._directory = directory
        self._paths: frozenset[str] | None = None

    def forget(self) -> None:
        """Dialects have changed."""
        self._paths = None

    def __contains__(self, path: object) -> bool:
        if self._paths is None:
            self._paths = frozenset(
                urlsplit(endpoint.url).path.lower()
                for dialect in self._dialects.current.values()
                for tenant in sorted(self._directory.all(), key=_configured_first)[: self.MOST_TENANTS]
                for endpoint in dialect.endpoints("", tenant.id)
            )
        return path in self._paths


class Gateway:
    """A whole gateway: opened stores, dialects, both ports. Use it as an async context manager.

    dialects: the dialects that are served now.
    directory: all tenants.
    watch: what observes calls, such as the journal and the fault rules.
    journal: None when it is off.
    guesses, admin_guesses: hold back refusals of wrong credentials, on each port.
    faults, replays, clock, production, states: tools for tests against this gateway.
    outbound: what is sent to other servers, and work that is due.
    charge: what a supervisor has started this process with; None in a process of its own.
    worker: the paths for the supervisor, in a worker whose admin port is open.
    accept_store: serve stores that are behind the watermark, too, and take them for right from then on.
    """

    def __init__(
        self, config: Config, document: Document, clock: Clock | None = None, *, accept_store: bool = False
    ) -> None:
        self.accept_store = accept_store
        self.charge = charge()
        self.worker: WorkerPort | None = None
        self.plan = checked_plan(config, document)
        for warning in self.plan.warnings:
            log.warning("configuration", file=document.name, problem=str(warning))
        self.config = config
        self.production = ProductionTenants(TenantId(tenant.id) for tenant in config.tenants if tenant.production)
        self.clock = TenantClock(clock, self.production)
        pins = pins_of(config)
        self.store = new_store(config, self.clock, pins)
        self.watermark = Watermark(watermark_path(config))
        self.watch = Watch()
        counters = None if self.charge is None else self.charge.counters
        self.faults = FaultEngine(self.watch, self.clock, self.production, self.plan.adapters.keys(), counters)
        self.replays = ReplayWindows(self.watch)
        self.dialects = served_dialects(self.plan, self.store, self.clock, self.watch)
        self.directory = TenantDirectory(
            self.dialects, self.production, self.watch, self.replays, store=self.store, pins=pins
        )
        self.states = TenantStates(self.store, self.directory, self.production, self.clock, self.faults, self.replays)
        self.outbound = GoingOut(
            config, self.store, self.directory, self.dialects, self.clock, self.watch, lambda: self.admin_url
        )
        self.journal: Journal | None = None
        self.guesses, self.admin_guesses = (Guesses(config.guessing.limits()) for _ in range(2))
        self.metrics = Metrics()
        for port, guesses in (("data", self.guesses), ("admin", self.admin_guesses)):
            self.metrics.add_gauges(guesses.figures, {"port": port})
        self.mounts: list[Mount] = []
        self.data_url = ""
        self.admin_url = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Gateway:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.watermark.close)
            if not self.accept_store:
                await refuse_missing(self.config)
            refuse_missing_files(self.config, self.plan.file)
            await self.store.start()
            stack.push_async_callback(self.store.close)
            await self._look_at_stores()
            await self._follow_clocks(stack)
            self.server = await self._data_server(stack)
            self._stack = stack.pop_all()
        return self

    async def _follow_clocks(self, stack: AsyncExitStack) -> None:
        store = self.store
        is_shared = store.default.is_shared
        await self.clock.load(
            store, is_shared=is_shared, is_kept_apart=lambda tenant: store.of(tenant) is not store.default
        )
        stack.push_async_callback(_ended, asyncio.create_task(self.clock.follow()))

    async def _look_at_stores(self) -> None:
        """Refuse stores that are older than the watermark, or hold nothing of a production tenant. Give each its span of ids.

        A tenant whose numbers are in two stores is only reported: what is right then, a person has to decide.
        """
        stores = self.store.stores
        await self.watermark.check(stores, accept=self.accept_store)
        self.watermark.attach(stores)
        await refuse_to_begin(self.config, self.plan.file, await holdings(self.store))
        await take_own_ids(self.config, self.store)
        for tenant, names in (await doubled(stores) if len(stores) > 1 else {}).items():
            log.error("numbers of a tenant in several stores", tenant=tenant, stores=names)

    async def __aexit__(self, *exc_info: object) -> None:
        self.outbound.stop_soon()
        await self._stack.aclose()

    async def _open_journal(self, stack: AsyncExitStack) -> Journal | None:
        if self.config.journal.mode == "off":
            with contextlib.suppress(*([] if self.charge is None else [JournalBusyError])):  # another worker notes it
                note_not_recording(journal_path(self.config), datetime.now(UTC))
            return None
        paths = KnownPaths(self.dialects, self.directory)
        self.dialects.on_swap.append(paths.forget)
        ids = None if self.charge is None else self.charge.ids
        journal = new_journal(self.config, self.dialects, paths, self.watch, ids)
        await journal.start()
        stack.push_async_callback(journal.close)
        self.metrics.add_gauges(journal.figures)
        return journal

    async def _data_server(self, stack: AsyncExitStack) -> DataServer:
        config = self.config
        try:
            await self.directory.load(configured_tenants(self.plan))
        except CredentialsTakenError as error:
            raise ConfigError(error.dialect, [Problem(("tenants",), 0, str(error))]) from None
        self.metrics.add_gauges(self.watermark.figures)
        for name, own in self.store.stores.items():
            self.metrics.add_gauges(own.figures, {"store": name})
        self.mounts = make_mounts(config, self.dialects, self.watch)
        self.journal = await self._open_journal(stack)
        handler = DataHandler(
            self.mounts,
            web_limits(config.limits),
            read_networks(config.trusted_proxies),
            self.metrics,
            self._request_log(stack),
            self.journal,
            self.guesses,
            lambda: self.directory.is_blind,
        )
        self.dialects.on_swap.append(handler.forget_routes)
        stack.push_async_callback(_ended, asyncio.create_task(self.directory.watch_store()))
        stack.push_async_callback(self.outbound.close)
        self.outbound.start(self.journal, self.metrics)
        return DataServer(handler, config.limits.keepalive_seconds)

    def _request_log(self, stack: AsyncExitStack) -> RequestLog | None:
        section = self.config.log
        if not section.requests or section.level in {"warning", "error"}:
            return None
        lines = RequestLog(section.format)
        stack.callback(lines.flush)
        return lines

    def admin_application(self) -> web.Application:
        """The application of the admin port."""
        services = Services(
            config=self.config,
            store=self.store,
            dialects=self.dialects,
            directory=self.directory,
            states=self.states,
            production=self.production,
            clock=self.clock,
            faults=self.faults,
            replays=self.replays,
            journal=self.journal,
            data_url=lambda: self.data_url,
            installed=installed_adapters,
        )
        if self.charge is not None:
            self.worker = WorkerPort(services, self.charge.secret)
            return admin_application(services, self.metrics, self.worker)  # the supervisor holds back what is refused
        slowed = AdminGuesses(self.admin_guesses, read_networks(self.config.trusted_proxies))
        return admin_application(services, self.metrics, slowed=slowed)

    async def listen(self) -> None:
        """Open both ports. Requests in flight are answered when the context ends. Raises ListenError."""
        await self.listen_admin()
        await self.listen_data()

    async def listen_admin(self) -> None:
        """Open the admin port. Raises ListenError."""
        config = self.config
        admin = AdminRunner(self.admin_application(), config.limits)
        self.admin_url = await self._open(admin, config.admin_host, config.admin_port, "admin_port")
        self._stack.callback(self.admin_guesses.end)
        if self.journal is not None:  # once the data port is closed, no match can come: nobody waits for the admin port
            self._stack.callback(self.journal.end_waits)

    async def listen_data(self) -> None:
        """Open the data port. Raises ListenError."""
        config = self.config
        drain = config.limits.drain_seconds
        self.data_url = await self._open(
            DataRunner(self.server, drain), config.host, config.port, "port", inherited_listeners()
        )
        self._stack.callback(self.guesses.end)

    async def _open(
        self,
        runner: web.BaseRunner,  # type: ignore[type-arg, unused-ignore]
        host: str,
        port: int,
        key: str,
        listeners: Listeners = (),
    ) -> str:
        """Serve on a port. listeners: sockets that are bound already, to be used instead. Returns the address."""
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        sites: list[web.BaseSite] = [web.SockSite(runner, listener) for listener in listeners]
        try:
            for site in sites or [web.TCPSite(runner, host, port)]:
                await site.start()
        except OSError as error:
            raise ListenError(f"cannot listen on {host}:{port} ({key}): {error.strerror or error}") from None
        bound = runner.addresses[0]
        return f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"
