"""The only wiring: configuration → store → service → dialects → servers. Everything else is handed what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.admin.app import admin_application
from gateway.clock import SystemClock, TenantClock
from gateway.config import Config, DialectSection, TenantSection, load_catalogue, problems_of
from gateway.config_file import ConfigError, Document, Problem
from gateway.core.catalogue import CatalogueItem
from gateway.core.ports import Clock
from gateway.core.service import SequenceService
from gateway.core.values import SeriesId, TenantId
from gateway.errors import ListenError
from gateway.faults.engine import FaultEngine
from gateway.faults.replay import ReplayWindows
from gateway.journal.file import note_not_recording
from gateway.journal.journal import Journal
from gateway.journal.models import Limits
from gateway.journal.near_miss import NearMisses
from gateway.metrics import Metrics
from gateway.production import ProductionTenants
from gateway.spi.adapter import Adapter, Bound, Context, Dialect
from gateway.spi.exchange import Exchange
from gateway.spi.redaction import redactor_for
from gateway.spi.registry import AdapterError, installed_adapters, load_adapter
from gateway.spi.watch import Watch
from gateway.stores import SQLITE, DurableStore, open_store, sqlite_path
from gateway.supervisor.workers import is_worker
from gateway.web.app import DataHandler, DataServer, Mount, WebLimits
from gateway.web.origin import read_networks
from gateway.web.request_log import RequestLog


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked configuration: which adapters serve, with which settings, for which tenants."""

    config: Config
    adapters: Mapping[str, Adapter]
    settings: Mapping[str, BaseModel]
    bindings: Mapping[str, Sequence[tuple[TenantId, BaseModel]]]
    catalogues: Mapping[TenantId, Sequence[CatalogueItem]]


def plan(config: Config, document: Document) -> Plan:
    """Check everything that can be checked without a store. Raises ConfigError with every problem found."""
    problems: list[Problem] = []
    installed = installed_adapters()
    adapters: dict[str, Adapter] = {}
    settings: dict[str, BaseModel] = {}
    sections = {name: config.dialects.get(name, DialectSection()) for name in installed}
    for name in config.dialects.keys() - installed.keys():
        path = ("dialects", name)
        problems.append(Problem(path, document.line_of(path), _unknown_dialect(installed)))
    for name, section in sections.items():
        if not section.enabled:
            continue
        try:
            adapters[name] = load_adapter(installed[name])
            settings[name] = adapters[name].Settings.model_validate(section.settings)
        except AdapterError as error:
            problems.append(Problem(("dialects", name), document.line_of(("dialects", name)), str(error)))
        except ValidationError as error:
            prefix = ("dialects", name, "settings")
            problems.extend(problems_of(error, document, adapters[name].Settings, prefix))
    bindings = _bindings(config, document, adapters, installed.keys(), problems)
    if problems:
        raise ConfigError(document.name, problems)
    return Plan(config, adapters, settings, bindings, _catalogues(config, document))


def _catalogues(config: Config, document: Document) -> dict[TenantId, Sequence[CatalogueItem]]:
    """What each tenant's catalogue begins with. Raises ConfigError for a file that cannot be used."""
    folder = Path(document.name).parent
    found: dict[TenantId, Sequence[CatalogueItem]] = {}
    for tenant in config.tenants:
        section = load_catalogue(folder / tenant.catalogue_file) if tenant.catalogue_file else tenant.catalogue
        if section is not None:
            found[TenantId(tenant.id)] = section.items()
    return found


def _unknown_dialect(installed: Mapping[str, object]) -> str:
    return "no adapter of this name is installed; installed: " + ", ".join(sorted(installed))


def _bindings(
    config: Config,
    document: Document,
    adapters: Mapping[str, Adapter],
    installed: Iterable[str],
    problems: list[Problem],
) -> dict[str, list[tuple[TenantId, BaseModel]]]:
    found: dict[str, list[tuple[TenantId, BaseModel]]] = {name: [] for name in adapters}
    names = set(installed)
    for index, tenant in enumerate(config.tenants):
        for name, raw in (tenant.model_extra or {}).items():
            path = ("tenants", index, name)
            if name not in names:
                text = (
                    "unknown key; allowed: " + ", ".join(TenantSection.model_fields) + ", " + ", ".join(sorted(names))
                )
                problems.append(Problem(path, document.line_of(path), text))
            elif name in adapters:
                try:
                    binding = adapters[name].Binding.model_validate(raw)
                except ValidationError as error:
                    problems.extend(problems_of(error, document, adapters[name].Binding, path))
                else:
                    found[name].append((TenantId(tenant.id), binding))
    return found


def build_dialects(
    checked: Plan,
    store: DurableStore,
    clock: Clock,
    series: Mapping[TenantId, Mapping[str, SeriesId]],
    watch: Watch | None = None,
) -> dict[str, Dialect]:
    """Make every enabled dialect. Raises ConfigError when bindings contradict one another."""
    watch = watch or Watch()
    service, vault = watch.watched_service(SequenceService(store)), watch.watched_vault(store)
    dialects: dict[str, Dialect] = {}
    for name, adapter in checked.adapters.items():
        bound = [Bound(tenant, binding, series[tenant]) for tenant, binding in checked.bindings[name]]
        context = Context(checked.settings[name], bound, service, vault, clock)
        try:
            dialects[name] = adapter.build(context)
        except ValueError as error:
            raise ConfigError(name, [Problem(("tenants",), 0, f"{name}: {error}")]) from None
    return dialects


def make_mounts(config: Config, dialects: Mapping[str, Dialect], watch: Watch) -> list[Mount]:
    """Put each dialect where the configuration wants it; those bound to a host or prefix are asked first."""
    mounts = []
    for name, dialect in dialects.items():
        section = config.dialects.get(name, DialectSection())
        exchange = Exchange(name, dialect, config.limits.deadline_seconds, config.limits.max_in_flight, watch=watch)
        mounts.append(Mount(exchange, section.host.lower(), section.prefix, section.public_url))
    return sorted(mounts, key=lambda mount: (not mount.host, -len(mount.prefix)))


def new_store(config: Config, clock: Clock) -> DurableStore:
    """The store the configuration names, not yet opened."""
    return open_store(
        config.store, clock=clock, auto_migrate=config.auto_migrate, max_queued=config.limits.max_queued_commands
    )


async def provision(store: DurableStore, tenants: Sequence[TenantSection]) -> dict[TenantId, dict[str, SeriesId]]:
    """Make sure that every configured series exists; returns the ids by tenant and key."""
    result: dict[TenantId, dict[str, SeriesId]] = {}
    for tenant in tenants:
        wanted = [(s.key, s.name or s.key, s.prefix, s.suffix, s.default) for s in tenant.series]
        result[TenantId(tenant.id)] = dict(await store.provision(TenantId(tenant.id), wanted))
    return result


def journal_path(config: Config) -> Path:
    """The journal's file: as configured, else beside the store's file, else where a store would be by default."""
    if config.journal.path:
        return Path(config.journal.path)
    if config.store.startswith(SQLITE):
        return sqlite_path(config.store).with_suffix(".journal.db")
    return Path("data/invoice-gateway.journal.db")


def new_journal(config: Config, dialects: Mapping[str, Dialect], watch: Watch) -> Journal:
    """The journal the configuration describes, not yet opened."""
    section = config.journal
    limits = Limits(
        max_entries=section.max_entries,
        max_bytes=section.max_bytes,
        max_age_seconds=section.max_age_seconds,
        max_message_bytes=section.max_message_bytes,
    )
    return Journal(
        journal_path(config),
        limits,
        watch,
        redactors={name: redactor_for(dialect, section.max_message_bytes) for name, dialect in dialects.items()},
        near_misses=NearMisses(_known_paths(config, dialects)),
        sample=section.sample if section.mode == "sampled" else 1.0,
        one_of_many=is_worker(),
    )


def _known_paths(config: Config, dialects: Mapping[str, Dialect]) -> set[str]:
    endpoints = (
        endpoint
        for dialect in dialects.values()
        for tenant in config.tenants
        for endpoint in dialect.endpoints("", TenantId(tenant.id))
    )
    return {urlsplit(endpoint.url).path for endpoint in endpoints}


class Gateway:
    """A whole gateway: opened store, dialects, both ports. Use as an async context manager.

    watch: who looks on at calls. journal: None when it is off. faults, replays, clock, production: for tests against it.
    """

    def __init__(self, config: Config, document: Document, clock: Clock | None = None) -> None:
        self.plan = plan(config, document)
        self.config = config
        self.production = ProductionTenants(TenantId(tenant.id) for tenant in config.tenants if tenant.production)
        self.clock = TenantClock(clock or SystemClock(), self.production)
        self.store = new_store(config, self.clock)
        self.watch = Watch()
        self.watch.strict.update(TenantId(tenant.id) for tenant in config.tenants if tenant.profile == "strict")
        self.faults = FaultEngine(self.watch, self.clock, self.production, self.plan.adapters.keys())
        self.replays = ReplayWindows(
            self.watch, {TenantId(tenant.id): tenant.replay_window_seconds for tenant in config.tenants}
        )
        self.journal: Journal | None = None
        self.metrics = Metrics()
        self.dialects: dict[str, Dialect] = {}
        self.mounts: list[Mount] = []
        self.data_url = ""
        self.admin_url = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Gateway:
        async with AsyncExitStack() as stack:
            await self.store.start()
            stack.push_async_callback(self.store.close)
            await self.clock.load(self.store)
            self.server = await self._data_server(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    async def _open_journal(self, stack: AsyncExitStack) -> Journal | None:
        if self.config.journal.mode == "off":
            note_not_recording(journal_path(self.config), datetime.now(UTC))
            return None
        journal = new_journal(self.config, self.dialects, self.watch)
        await journal.start()
        stack.push_async_callback(journal.close)
        self.metrics.add_gauges(journal.figures)
        return journal

    async def _data_server(self, stack: AsyncExitStack) -> DataServer:
        config = self.config
        series = await provision(self.store, config.tenants)
        for tenant, items in self.plan.catalogues.items():
            await self.store.seed_catalogue(tenant, items)
        self.dialects = build_dialects(self.plan, self.store, self.clock, series, self.watch)
        self.metrics.add_gauges(self.store.figures)
        self.mounts = make_mounts(config, self.dialects, self.watch)
        self.journal = await self._open_journal(stack)
        handler = DataHandler(
            self.mounts,
            WebLimits(config.limits.max_body_bytes, config.limits.body_timeout_seconds),
            read_networks(config.trusted_proxies),
            self.metrics,
            self._request_log(stack),
            self.journal,
        )
        return DataServer(handler, config.limits.keepalive_seconds)

    def _request_log(self, stack: AsyncExitStack) -> RequestLog | None:
        section = self.config.log
        if not section.requests or section.level in {"warning", "error"}:
            return None
        lines = RequestLog(section.format)
        stack.callback(lines.flush)
        return lines

    async def listen(self) -> None:
        """Open both ports. Raises ListenError. Requests in flight are drained when the context ends."""
        config = self.config
        drain = config.limits.drain_seconds
        admin = web.AppRunner(
            admin_application(self.store, self.metrics, config.admin_token), access_log=None, shutdown_timeout=drain
        )
        self.admin_url = await self._open(admin, config.admin_host, config.admin_port, "admin_port")
        data = web.ServerRunner(self.server, shutdown_timeout=drain)
        self.data_url = await self._open(data, config.host, config.port, "port")

    async def _open(self, runner: web.BaseRunner, host: str, port: int, key: str) -> str:  # type: ignore[type-arg, unused-ignore]
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, host, port, reuse_port=is_worker() or None).start()
        except OSError as error:
            raise ListenError(f"cannot listen on {host}:{port} ({key}): {error.strerror or error}") from None
        bound = runner.addresses[0]
        return f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"
