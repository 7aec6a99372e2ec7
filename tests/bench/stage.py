"""The servers of one run: each starts when a row first needs it, all stop at the end. Notes what was left out, and why."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.databases import pgbench, raw_sqlite, redis
from tests.bench.measure import Beside, Called, Served
from tests.bench.missing import NotHere
from tests.bench.payments import PAYMENTS, prepare_payments
from tests.bench.peers import install
from tests.bench.peers.start import Peers
from tests.bench.prepared import prepare
from tests.bench.servers import LOADER_CORE, bare_server, gateway_server, kept_on, on_core
from tests.bench.services import CUSTOMERS, prepare_customers
from tests.bench.workloads import RESURS_PEEK, RESURS_SET, resurs_peek, send
from tests.pg import Cluster, binaries, destroy, free_port, make_cluster

PG_SETTINGS: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "autovacuum": "on",
    "max_connections": "200",
    "max_wal_size": "4GB",
}
WARM_SECONDS, WARM_STEP = 30.0, 3.0
JOURNAL_ALL: Final = {"INVOICE_GATEWAY_JOURNAL__MODE": "on", "INVOICE_GATEWAY_JOURNAL__MAX_PER_SECOND": "1000000"}
JOURNAL_SHIPPED: Final = {"INVOICE_GATEWAY_JOURNAL__MODE": "on"}


@dataclass
class Stage:
    """What runs.

    drafts: how many drafts each prepared store holds.
    payments: how many payments a store for payments holds.
    customers: how many customers a store for the services of 24SevenOffice holds.
    fetch: whether missing programs may be fetched into the cache folder.
    skipped: name and reason of what this machine does not have.
    """

    folder: Path
    stack: ExitStack
    drafts: int = 60_000
    payments: int = PAYMENTS
    customers: int = CUSTOMERS
    fetch: bool = False
    wanted_peers: Sequence[str] = ()
    skipped: dict[str, str] = field(default_factory=dict)
    running: dict[str, Any] = field(default_factory=dict)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.running:
            self.running[name] = make()
        return self.running[name]

    def bare(self) -> Served:
        """The yardstick; it gets the requests of the SQLite gateway."""
        found: Served = self._once("bare", self._bare)
        return found

    def _bare(self) -> Served:
        server = self.stack.enter_context(bare_server())
        return Served("bare aiohttp handler", server, like=self.sqlite())

    def bare_on_uvloop(self) -> Served:
        """The same handler on the event loop that the gateway uses."""
        found: Served = self._once("uvloop", self._bare_on_uvloop)
        return found

    def _bare_on_uvloop(self) -> Served:
        server = self.stack.enter_context(bare_server("uvloop"))
        return Served("bare aiohttp handler on uvloop", server, like=self.sqlite())

    def two_bare(self) -> Served:
        """Two processes of the yardstick on one port, on every core."""
        found: Served = self._once("two bare", self._two_bare)
        return found

    def _two_bare(self) -> Served:
        port = str(free_port())
        first, second = (self.stack.enter_context(bare_server(port, pin=())) for _ in range(2))
        return Served("bare aiohttp handler, 2 processes", first, like=self.sqlite(), more=(second.pid,), free=True)

    def sqlite(self) -> Served:
        """The gateway on SQLite, journal and request log off."""
        found: Served = self._once("sqlite", lambda: self._on_sqlite("SQLite", {}))
        return found

    def with_payments(self) -> Served:
        """The gateway on SQLite with many payments."""
        return self._filled("payments", prepare_payments, self.payments)

    def with_payments_on_postgresql(self) -> Served:
        """The gateway on PostgreSQL with many payments. Raises NotHere."""
        return self._filled_on_postgresql("payments", prepare_payments, self.payments)

    def with_customers(self) -> Served:
        """The gateway on SQLite with many customers."""
        return self._filled("customers", prepare_customers, self.customers)

    def with_customers_on_postgresql(self) -> Served:
        """The gateway on PostgreSQL with many customers. Raises NotHere."""
        return self._filled_on_postgresql("customers", prepare_customers, self.customers)

    def _filled(self, name: str, prepare_store: Callable[[Path, str, int], None], count: int) -> Served:
        def made() -> Served:
            folder = self.folder / name
            prepare_store(folder, "", count)
            return Served("SQLite", self.stack.enter_context(gateway_server(folder)), is_gateway=True)

        found: Served = self._once(name, made)
        return found

    def _filled_on_postgresql(self, name: str, prepare_store: Callable[[Path, str, int], None], count: int) -> Served:
        def made() -> Served:
            folder, cluster = self.folder / f"{name}-postgresql", self.cluster()
            store = cluster.url(cluster.database())
            prepare_store(folder, store, count)
            server = self.stack.enter_context(gateway_server(folder, store))
            return self._on_cluster("PostgreSQL", Served("PostgreSQL", server, is_gateway=True))

        found: Served = self._once(f"{name} on PostgreSQL", made)
        return found

    def journal(self, name: str, settings: dict[str, str]) -> Served:
        """The gateway on SQLite with a journal."""
        found: Served = self._once(name, lambda: self._on_sqlite(name, settings))
        return found

    def _on_sqlite(self, name: str, settings: dict[str, str]) -> Served:
        folder = self.folder / name.replace(" ", "-").replace(",", "")
        prepare(folder, drafts=self.drafts)
        server = self.stack.enter_context(gateway_server(folder, **settings))
        return Served(name, server, is_gateway=True, goal_of="" if settings else "sqlite")

    def cluster(self) -> Cluster:
        """PostgreSQL on the loader's core. Raises NotHere."""
        found: Cluster = self._once("cluster", self._cluster)
        return found

    def _cluster(self) -> Cluster:
        where = binaries()
        if where is None:
            raise NotHere("no PostgreSQL binaries on this machine")
        with kept_on(LOADER_CORE):
            cluster = make_cluster(where, **PG_SETTINGS)
        self.stack.callback(destroy, cluster)
        return cluster

    def postgresql(self) -> Served:
        """The gateway on PostgreSQL. Raises NotHere."""
        found: Served = self._once("postgresql", self._postgresql)
        return found

    def _postgresql(self) -> Served:
        folder, store = self.folder / "postgresql", self._database()
        server = self.stack.enter_context(gateway_server(folder, store))
        return self._on_cluster("PostgreSQL", Served("PostgreSQL", server, is_gateway=True, goal_of="postgresql"))

    def beside_a_writer(self) -> Beside:
        """The gateway on PostgreSQL while another one sets the same line: each peek may show what it has to prove."""
        other: Served = self._once("second gateway", self._second_gateway)
        return Beside("PostgreSQL, another gateway sets the line", self.postgresql(), other, RESURS_SET)

    def _second_gateway(self) -> Served:
        server = self.stack.enter_context(
            gateway_server(self.folder / "second", self._database(), pin=on_core(LOADER_CORE))
        )
        return Served("second gateway", server, is_gateway=True)

    def _database(self) -> str:
        """The URL of a prepared database."""

        def made() -> str:
            cluster = self.cluster()
            store = cluster.url(cluster.database())
            prepare(self.folder / "postgresql", store, drafts=self.drafts)
            return store

        found: str = self._once("database", made)
        return found

    def _on_cluster(self, name: str, served: Served) -> Served:
        process = self.cluster().process
        served.name, served.database = name, process.pid if process else 0
        return served

    def workers(self, count: int) -> Served:
        """`--workers count` on PostgreSQL, on every core. Raises NotHere."""
        found: Served = self._once(f"workers {count}", lambda: self._workers(count))
        return found

    def _workers(self, count: int) -> Served:
        folder, store = self.folder / f"workers{count}", self._database()
        server = self.stack.enter_context(gateway_server(folder, store, more=["--workers", str(count)], pin=()))
        server.admin = ""  # each worker has counts of its own
        name = f"PostgreSQL, {count} worker" + "s" * (count > 1)
        return self._on_cluster(name, Served(name, server, is_gateway=True, free=True))

    def peers(self) -> list[Served]:
        """Other servers that answer the same peek, each warm."""
        found: list[Served] = self._once("peers", self._peers)
        return found

    def _peers(self) -> list[Served]:
        like = self.sqlite()
        request = resurs_peek(like.server.address)
        answer = send(like.server.address, request).decode()
        starting = Peers(self.folder / "peers", self.stack, request, answer, self.fetch)
        found = [Served(name, server, like=like) for name, server in starting.start(self.wanted_peers).items()]
        self.skipped.update(starting.skipped)
        for served in found:
            _warm(served)
        return found

    def raw_sqlite(self) -> Called:
        """Bare transactions on the same disk."""
        return raw_sqlite(self.folder)

    def databases(self) -> list[Called]:
        """Databases that are asked without HTTP."""
        found: list[Called] = []
        with self.optional("pgbench"):
            found.append(pgbench(self.cluster(), self.folder))
        with self.optional("Redis"):
            found += self._once("redis", self._redis)
        return found

    def _redis(self) -> list[Called]:
        here = shutil.which("redis-server") is not None
        extra = None if here else install.installed("redis", fetch=self.fetch)
        return self.stack.enter_context(redis(self.folder / "redis", extra))

    @contextmanager
    def optional(self, name: str) -> Any:
        """If this machine lacks something that the block needs, note it and leave the rest of the block out."""
        try:
            yield
        except (NotHere, RuntimeError, OSError) as error:
            self.skipped[name] = str(error) or type(error).__name__


def _warm(served: Served) -> None:
    """Let a server compile its code: load it until a request no longer gets much cheaper, for at most WARM_SECONDS."""
    before, spent = 0.0, 0.0
    while spent < WARM_SECONDS:
        now = served.take(RESURS_PEEK, 64, WARM_STEP).cpu_us
        spent += WARM_STEP
        if before and now > before * 0.9:
            return
        before = now


def stop_signal() -> None:
    """Let SIGTERM end the run as Ctrl-C does, so that servers are stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
