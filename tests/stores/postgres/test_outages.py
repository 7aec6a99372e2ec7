"""Processes are killed, servers crash, freeze and fail over: each acknowledged number is there once, and service comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.stores import open_store
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.committer import BEGIN
from gateway.stores.postgres.connection import Hosts
from gateway.stores.postgres.url import read_address
from tests import pg
from tests.stores.commands import LINE, issue, number_for, peek, provide_main
from tests.stores.postgres.conftest import MakePostgres, fresh_cluster

ROOT = Path(__file__).parents[3]
GATEWAYS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'invoice-gateway'"
HELD = """SELECT count(*) FILTER (WHERE datname = $1), count(*) = current_setting('max_connections')::int
    FROM pg_stat_activity WHERE backend_type = 'client backend'"""
QUICK = {"commit_seconds": 1, "deadline_seconds": 2, "connect_timeout": 0.5}


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[PostgresStore]:
    store = open_store(url, **options)
    assert isinstance(store, PostgresStore)
    await store.start()
    try:
        yield store
    finally:
        await store.close()


async def history(store: PostgresStore) -> dict[str, int]:
    """Every number that was ever given out, by key; the ledger and the tables must agree."""
    count, findings = await store.verify()
    assert findings == []
    assert count
    return {entry.key: entry.number or 0 async for entry in store.ledger() if entry.operation == "issue"}


def assert_gapless(given: dict[str, int]) -> None:
    assert sorted(given.values()) == list(range(1, len(given) + 1))


async def keep_issuing(store: PostgresStore, prefix: str, stop: asyncio.Event, answers: dict[str, int]) -> None:
    """A client that repeats a key until it is answered, and then takes the next number."""
    turn = 0
    while not stop.is_set():
        key = f"{prefix}-{turn}"
        try:
            answers[key] = await number_for(store, key)
            turn += 1
        except StoreUnavailableError:
            await asyncio.sleep(0.001)


@asynccontextmanager
async def clients(answers: dict[str, int], count: int, **stores: PostgresStore) -> AsyncIterator[None]:
    """Run that many clients of each store inside the block; they write down their answers."""
    stop = asyncio.Event()
    tasks = [
        asyncio.ensure_future(keep_issuing(store, f"{name}-{number}", stop, answers))
        for name, store in stores.items()
        for number in range(count)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@contextmanager
def writer(url: str, prefix: str, count: int, clients: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.stores.postgres.writer", url, prefix, str(count), str(clients)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told_by(text: str) -> dict[str, int]:
    """The numbers in a writer's complete lines."""
    pairs = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return {key: int(number) for key, number in pairs}


async def test_three_processes_and_the_same_keys(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    await provide_main(store)
    url = cluster.url(database)
    with writer(url, "k", 150, 8) as one, writer(url, "k", 150, 8) as two, writer(url, "k", 150, 8) as three:
        answers = [told_by((await asyncio.to_thread(each.communicate, timeout=60))[0]) for each in (one, two, three)]
        assert [each.returncode for each in (one, two, three)] == [0, 0, 0]
    given = await history(store)
    assert answers == [given] * 3
    assert_gapless(given)
    assert len(given) == 150


async def test_a_gateway_is_killed(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    await provide_main(store)
    answers: dict[str, int] = {}
    killed: dict[str, int] = {}
    async with clients(answers, 4, other=store):
        for turn in range(4):
            with writer(cluster.url(database), f"killed-{turn}", 100_000, 16) as process:
                assert process.stdout is not None
                first = await asyncio.to_thread(process.stdout.readline)
                await number_for(store, f"between-{turn}")
                process.send_signal(signal.SIGKILL)
                killed |= told_by(first + await asyncio.to_thread(process.stdout.read))
    given = await history(store)
    assert_gapless(given)
    assert len(killed) >= 4
    assert (answers | killed).items() <= given.items()


async def test_a_frozen_gateway_does_not_keep_its_locks_for_ever(
    cluster: pg.Cluster, database: str, store: PostgresStore
) -> None:
    """It stops between two statements, with a line locked: the server ends its session."""
    await provide_main(store)
    await number_for(store, "before")
    hosts = Hosts(read_address(cluster.url(database, deadline_seconds=0.5, commit_seconds=0.5)))
    frozen = await hosts.connect(asyncio.get_running_loop().time() + 60)
    started = time.monotonic()
    await frozen.execute(BEGIN)
    await frozen.execute("SELECT 1 FROM counters FOR UPDATE")
    assert await number_for(store, "after") == 2
    assert 1 <= time.monotonic() - started < 60
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await frozen.execute("COMMIT")
    frozen.terminate()


@pytest.mark.parametrize("how", ["whole", "backend"])
async def test_the_server_is_killed_under_load(own_cluster: pg.Cluster, how: str) -> None:
    answers: dict[str, int] = {}

    async def fifty_more() -> None:
        enough = len(answers) + 50
        while len(answers) < enough:
            await asyncio.sleep(0.01)

    async with opened(own_cluster.url(**QUICK)) as one, opened(own_cluster.url(**QUICK)) as two:
        await provide_main(one)
        async with clients(answers, 8, one=one, two=two):
            for turn in range(3):
                await fifty_more()
                if how == "whole":
                    await asyncio.to_thread(own_cluster.kill)
                    await asyncio.to_thread(own_cluster.start)
                else:  # the server ends every session and recovers by itself
                    backends = await own_cluster.ask(GATEWAYS)
                    os.kill(backends[turn % len(backends)][0], signal.SIGKILL)
                    await asyncio.to_thread(own_cluster.wait)
                await fifty_more()
        assert one.stats.connects + two.stats.connects > 4
    async with opened(own_cluster.url()) as other:
        given = await history(other)
        assert_gapless(given)
        assert answers.items() <= given.items()
        assert len(given) <= len(answers) + 16
        again = await asyncio.gather(*(number_for(other, key) for key in answers))
        assert again == list(answers.values())


async def test_a_frozen_server_is_bounded_and_recovered_from(own_cluster: pg.Cluster) -> None:
    async with opened(own_cluster.url(**QUICK), max_queued=20) as store:
        await provide_main(store)
        assert await number_for(store, "before") == 1
        assert await peek(store) == 2
        with own_cluster.frozen():
            started = time.monotonic()
            waiting = [store.execute(issue(f"k-{i}")) for i in range(30)]
            reading = [peek(store) for _ in range(5)]
            answers = await asyncio.gather(*waiting, *reading, return_exceptions=True)
            assert time.monotonic() - started < 60
            assert all(isinstance(answer, StoreUnavailableError) for answer in answers)
            assert sum(isinstance(answer, StoreOverloadedError) for answer in answers) == 10
            assert not await store.ready()
        while not await store.ready():
            await asyncio.sleep(0.01)
        numbers = [await number_for(store, f"k-{i}") for i in range(30)]
        given = await history(store)
        assert_gapless(given)
        assert [given[f"k-{i}"] for i in range(30)] == numbers


async def test_nobody_is_there(own_cluster: pg.Cluster) -> None:
    async with opened(own_cluster.url(**QUICK)) as store:
        await provide_main(store)
        await asyncio.to_thread(own_cluster.stop)
        started = time.monotonic()
        answers = await asyncio.gather(number_for(store, "a"), peek(store), return_exceptions=True)
        assert [getattr(answer, "committed", "?") for answer in answers] == [False, False]
        assert time.monotonic() - started < 60
        assert not await store.ready()
        await asyncio.to_thread(own_cluster.start)
        while not await store.ready():
            await asyncio.sleep(0.01)
        assert await number_for(store, "a") == 1


async def take_all(cluster: pg.Cluster, taken: list[Any]) -> None:
    while True:
        taken.append(await asyncpg.connect(cluster.url()))


async def test_no_connection_is_left(cluster: pg.Cluster, database: str, make_store: MakePostgres) -> None:
    store = await make_store(url_options=QUICK)
    await provide_main(store)
    taken: list[Any] = []
    try:
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await take_all(cluster, taken)
        # an ended session gives its place back late, and the store may be the first to take it again
        while tuple(await taken[0].fetchrow(HELD, database)) != (0, True):
            await taken[0].fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)
            with pytest.raises(asyncpg.TooManyConnectionsError):
                await take_all(cluster, taken)
        with pytest.raises(StoreUnavailableError) as refused:
            await number_for(store, "a")
        assert refused.value.committed is False
        assert "too many" in str(refused.value) or "remaining connection" in str(refused.value)
    finally:
        for connection in taken:
            await connection.close()
    assert await number_for(store, "a") == 1


async def test_a_deadlock_is_tried_again(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    """A stranger locks rows in the wrong order; the server breaks the deadlock by rolling one of the two back."""
    await provide_main(store)
    credit = (LINE, type(LINE)(LINE.series, "credit_note"))  # type: ignore[arg-type]
    for line in credit:
        await store.execute(issue(f"first-{line.line}", line=line))
    stranger = await asyncpg.connect(cluster.url(database))
    lock = "SELECT 1 FROM counters WHERE line = $1 FOR UPDATE"
    try:
        await stranger.execute("SET deadlock_timeout = '60s'")
        await stranger.execute("BEGIN")
        await stranger.fetch(lock, "invoice")
        both = [asyncio.ensure_future(store.execute(issue(f"k-{line.line}", line=line))) for line in credit]
        while not await cluster.ask("SELECT 1 FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        await stranger.fetch(lock, "credit_note")  # waits for the store, which waits for `invoice`
        await stranger.execute("COMMIT")
        assert [answer.issued.number for answer in await asyncio.gather(*both)] == [2, 2]  # type: ignore[union-attr]
    finally:
        await stranger.close()
    assert (store.stats.deadlocks, store.stats.replays) == (1, 0)


async def test_sessions_ended_by_an_administrator(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    await provide_main(store)
    for turn in range(5):
        asking = [asyncio.ensure_future(number_for(store, f"{turn}-{i}")) for i in range(20)]
        await asyncio.sleep(0)
        await cluster.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)
        assert len(await asyncio.gather(*asking)) == 20
        assert await peek(store) == 20 * turn + 21
    assert_gapless(await history(store))


async def test_rows_that_were_known_are_gone(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    """After a failover to a replica that lagged, what the process remembers of the old primary must not mislead it."""
    await provide_main(store)
    assert [await number_for(store, key) for key in "abc"] == [1, 2, 3]
    await cluster.ask("TRUNCATE counters, issued, ledger", database=database)
    assert [await number_for(store, key) for key in "abc"] == [1, 2, 3]


async def test_a_primary_that_lost_its_standby_is_left() -> None:
    """A real failover: the standby is promoted; the old primary, listed first, still accepts connections but cannot commit."""
    with fresh_cluster(wal_level="replica", max_wal_senders="4") as old, pg.standby_of(old, "second") as new:
        await old.ask("ALTER SYSTEM SET synchronous_standby_names = 'second'")
        await old.ask("SELECT pg_reload_conf()")
        url = f"postgresql://postgres@127.0.0.1:{old.port},127.0.0.1:{new.port}/postgres"
        options = "&".join(f"{name}={value}" for name, value in QUICK.items())
        async with opened(f"{url}?{options}") as store:
            await provide_main(store)
            answers = {f"k-{i}": await number_for(store, f"k-{i}") for i in range(20)}
            await new.ask("SELECT pg_promote(true, 30)")
            started = time.monotonic()
            answers["over"] = await until_told(store, "over")
            assert time.monotonic() - started < 60
            assert store.stats.rotations >= 1
            assert await peek(store) == answers["over"] + 1
            again = [await number_for(store, key) for key in answers]
            assert again == list(answers.values())
            assert_gapless(await history(store))
        assert (await new.ask("SELECT count(*) FROM issued"))[0][0] == 21


async def until_told(store: PostgresStore, key: str) -> int:
    while True:
        with suppress(StoreUnavailableError):
            return await number_for(store, key)


async def test_a_standby_listed_first_is_passed_over() -> None:
    with (
        fresh_cluster(wal_level="replica", max_wal_senders="4") as primary,
        pg.standby_of(primary, "second") as standby,
    ):
        url = f"postgresql://postgres@127.0.0.1:{standby.port},127.0.0.1:{primary.port}/postgres"
        async with opened(url) as store:
            await provide_main(store)
            assert await number_for(store, "a") == 1
            assert await peek(store) == 2
