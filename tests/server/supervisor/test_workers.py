"""Several workers on one port: real processes on a real PostgreSQL, killed, restarted and stopped while clients call."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from gateway.server.supervisor.merging import merged_metrics
from tests import pg
from tests.cross_dialect.faces import InvoiceXpress, Resurs
from tests.processes import EXAMPLE, Running, run, serving
from tests.until import until


def children(pid: int) -> list[int]:
    """The running processes that a process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


async def ready_workers(session: aiohttp.ClientSession, running: Running) -> int:
    async with session.get(f"{running.admin_url}/readyz") as answer:
        facts = await answer.json(content_type=None)
        return int(facts["ready"])


def test_sqlite_is_refused_with_key_and_line(tmp_path: Path) -> None:
    done = run("serve", "--config", str(EXAMPLE), "--workers", "2", "--port", "0", "--admin-port", "0", folder=tmp_path)
    assert done.returncode == 2
    assert "workers: found 2: a SQLite store belongs to one process" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def two(cluster: pg.Cluster, database: str, tmp_path: Path) -> list[str]:
    """Options for two workers on a database of the test's own."""
    return ["--workers", "2", "--store", cluster.url(database)]


async def test_numbers_are_one_line_through_all_workers(two: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, more=two) as running:
        assert len(children(running.process.pid)) == 2
        for number in range(1, 40):  # each call uses a connection of its own: the kernel chooses the worker
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
                resurs = Resurs(session, running.data_url)
                assert await resurs.set(number)
                assert await resurs.next() == number
                assert await InvoiceXpress(session, running.data_url).current() == number - 1
        async with aiohttp.ClientSession() as session:
            assert await ready_workers(session, running) == 2
            async with session.get(f"{running.admin_url}/metrics") as answer:
                text = await answer.text()
        assert 'worker="1"' in text
        assert 'worker="2"' in text
        assert running.stop() == 0


async def test_a_dead_worker_is_replaced(two: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, more=two) as running:
        before = children(running.process.pid)
        os.kill(before[0], signal.SIGKILL)
        async with aiohttp.ClientSession() as session:

            async def replaced() -> bool:
                now = children(running.process.pid)
                return before[0] not in now and len(now) == 2 and await ready_workers(session, running) == 2

            await until(replaced)
            assert await Resurs(session, running.data_url).set(5)
        assert running.stop() == 0


PATIENT = {"INVOICE_GATEWAY_LIMITS__DRAIN_SECONDS": "600"}
"""An old worker waits a twentieth of this for late requests: a client on a busy machine may be slow to send."""


async def restarted(running: Running, call: Callable[[], Awaitable[None]]) -> None:
    """Ask for a rolling restart, and keep calling until every worker has been replaced."""
    before = set(children(running.process.pid))
    running.process.send_signal(signal.SIGHUP)

    async def all_new() -> bool:
        await call()
        now = set(children(running.process.pid))
        return len(now) == 2 and not now & before

    await until(all_new)


async def test_a_rolling_restart_loses_no_request(two: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, more=two, **PATIENT) as running:
        numbers = count(1)
        given = 0

        async def call() -> None:
            nonlocal given
            given = next(numbers)
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
                assert await Resurs(session, running.data_url).set(given)

        await restarted(running, call)
        async with aiohttp.ClientSession() as session:
            assert await Resurs(session, running.data_url).next() == given
        assert running.stop() == 0


async def test_a_rolling_restart_loses_no_request_on_kept_connections(two: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, more=two, **PATIENT) as running:
        async with aiohttp.ClientSession() as session:
            resurs = Resurs(session, running.data_url)
            assert await resurs.set(7)

            async def call() -> None:  # several at a time, so that both workers keep several connections
                assert await asyncio.gather(*(resurs.next() for _ in range(8))) == [7] * 8

            await restarted(running, call)
        assert running.stop() == 0


async def test_a_rolling_restart_beside_a_killed_worker_leaves_two_workers(two: list[str], tmp_path: Path) -> None:
    log = tmp_path / "stderr.log"
    with serving(tmp_path, more=two) as running:
        before = set(children(running.process.pid))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        running.process.send_signal(signal.SIGHUP)
        await until(lambda: "rolling restart done" in log.read_text(encoding="utf-8"))

        async def two_new() -> bool:
            now = children(running.process.pid)
            return len(now) == 2 and not before & set(now)

        await until(two_new)
        async with aiohttp.ClientSession() as session:
            assert await ready_workers(session, running) == 2
        assert running.stop() == 0


def test_a_busy_port_ends_with_exit_code_3(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        words = ["--config", str(EXAMPLE), "--workers", "2", "--store", "postgresql://nobody@127.0.0.1:1/none"]
        done = run("serve", *words, "--port", port, "--admin-port", "0", folder=tmp_path)
    assert done.returncode == 3
    assert done.stderr == f"invoice-gateway: cannot listen on 127.0.0.1:{port} (port): Address already in use\n"


async def test_workers_share_an_ipv6_address(two: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, more=two, INVOICE_GATEWAY_HOST="::1") as running:
        assert running.data_url.startswith("http://[::1]:")
        async with aiohttp.ClientSession() as session:
            assert await Resurs(session, running.data_url).set(5)
        assert running.stop() == 0


async def test_workers_do_not_outlive_a_killed_supervisor(two: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, more=two) as running:
        workers = children(running.process.pid)
        assert len(workers) == 2
        running.process.kill()
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_metrics_of_workers_are_told_apart() -> None:
    text = '# HELP x_total Requests.\n# TYPE x_total counter\nx_total{dialect="a"} %d\n'
    body, _ = merged_metrics([("1", text % 3), ("2", text % 4)])
    lines = body.decode().splitlines()
    assert 'x_total{dialect="a",worker="1"} 3.0' in lines
    assert 'x_total{dialect="a",worker="2"} 4.0' in lines
    assert sum(line.startswith("# TYPE") for line in lines) == 1
