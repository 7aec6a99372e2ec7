"""Commits of unknown outcome, on a server that waits for a missing standby: COMMIT does not return.

The dangers are real: a COMMIT that is cancelled while it waits is valid on the primary alone, and looks like a success.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from gateway.core.commands import Command, CreateSeries, SaveDocument, SaveDocuments
from gateway.core.documents import Document
from gateway.core.ports import StoreUnavailableError
from gateway.core.results import NextSet
from gateway.stores import open_store
from gateway.stores.engine.group_commit import Write
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.queries import BARRIER
from tests import pg
from tests.stores.commands import BY, TENANT, issue, number_for, peek, provide_main, set_next
from tests.stores.postgres.conftest import TEMPLATE, cluster_with_template

IMPATIENT = {"commit_seconds": 1, "deadline_seconds": 3}
"""Options for commands that end without an answer."""
PERSISTENT = {"commit_seconds": 0.5, "deadline_seconds": 120}
"""Options for commands that are in doubt first and answered in the end, however long that takes."""
PATIENT = {"commit_seconds": 60, "deadline_seconds": 120}
"""Options for commands that never come into doubt because of the time."""
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def waiting_server() -> Iterator[pg.Cluster]:
    with cluster_with_template() as made:
        yield made


@pytest.fixture
def server(waiting_server: pg.Cluster) -> Iterator[pg.Cluster]:
    """A server whose commits work again when the test is over."""
    yield waiting_server
    waiting_server.sql("ALTER SYSTEM RESET synchronous_standby_names")
    waiting_server.sql("SELECT pg_reload_conf()")


@pytest.fixture
def url(waiting_server: pg.Cluster, server: pg.Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database for this test alone, with the options of its parameter."""
    name = waiting_server.database(TEMPLATE)
    yield server.url(name, **getattr(request, "param", IMPATIENT))
    waiting_server.sql("ALTER SYSTEM RESET synchronous_standby_names")
    waiting_server.sql("SELECT pg_reload_conf()")
    waiting_server.drop(name)


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    made = open_store(url)
    assert isinstance(made, PostgresStore)
    await made.start()
    await provide_main(made)
    yield made
    await made.close()


async def wait_for_standby(server: pg.Cluster, standby: str) -> None:
    """From now on commits wait for this standby, '' for none; `nobody` is one that is never there."""
    await server.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
    await server.ask("SELECT pg_reload_conf()")
    while (await server.ask("SHOW synchronous_standby_names"))[0][0] != standby:
        await asyncio.sleep(0.01)
    while standby == "nobody" and not await _waits(server):
        await asyncio.sleep(0.01)
    if not standby:
        await server.ask(BARRIER)  # it returns when sessions have learned of it


async def _waits(server: pg.Cluster) -> bool:
    """True when a commit waits: the checkpointer reads the configuration, and sessions follow it a little later."""
    connection = await asyncpg.connect(server.url())
    committing = asyncio.ensure_future(connection.execute(BARRIER))
    own = connection.get_server_pid()
    while not committing.done() and [own] not in [list(row) for row in await server.ask(WAITING)]:
        await asyncio.sleep(0.01)
    waits = not committing.done()
    await server.ask("SELECT pg_terminate_backend($1, 10000)", own)
    await asyncio.wait([committing])
    committing.exception()
    connection.terminate()
    return waits


async def commits_that_wait(server: pg.Cluster) -> list[int]:
    while True:
        found = [row[0] for row in await server.ask(WAITING)]
        if found:
            return found
        await asyncio.sleep(0.01)


async def unknown(work: Any) -> StoreUnavailableError:
    with pytest.raises(StoreUnavailableError) as caught:
        await work
    assert caught.value.committed is None
    return caught.value


async def unavailable(work: Any) -> None:
    """No acknowledgement: the command is in doubt, or it is not done because an earlier commit in doubt holds the locks."""
    with pytest.raises(StoreUnavailableError):
        await work


async def test_a_commit_that_does_not_come_back_is_unknown(server: pg.Cluster, store: PostgresStore) -> None:
    assert await number_for(store, "before") == 1
    await wait_for_standby(server, "nobody")
    await unknown(number_for(store, "during"))
    await unavailable(peek(store))  # nothing confirms that this is the primary
    assert (await server.ask("SELECT count(*) FROM issued", database=_database(store)))[0][0] == 1, "nor is it shown"
    assert not await store.ready()
    await wait_for_standby(server, "")
    assert await number_for(store, "during") == 2, "the key decides, whichever way it went"
    assert await number_for(store, "after") == 3
    assert await store.ready()
    assert (await store.verify())[1] == []


@pytest.mark.parametrize("url", [PERSISTENT], ids=["persistent"], indirect=True)
async def test_what_was_written_after_all_is_acknowledged(server: pg.Cluster, store: PostgresStore) -> None:
    """The store gives COMMIT up, and it goes through during the next try: each command still gets its own first answer."""
    await wait_for_standby(server, "nobody")
    commands = [issue("a"), set_next(10), issue("b"), CreateSeries(TENANT, "Side", BY)]
    tasks = [asyncio.ensure_future(store.execute(command)) for command in commands]
    await commits_that_wait(server)
    while not store.stats.doubts:
        await asyncio.sleep(0.01)
    await wait_for_standby(server, "")
    first, second, third, fourth = await asyncio.gather(*tasks)
    assert (first.issued.number, first.replayed) == (1, False)  # type: ignore[union-attr]
    assert isinstance(second, NextSet)
    assert (second.before.next_number, second.after.next_number) == (2, 10)
    assert (third.issued.number, third.replayed) == (10, False)  # type: ignore[union-attr]
    assert fourth.view.series.id == 2  # type: ignore[union-attr]
    assert store.stats.settled >= 1
    assert [entry.operation async for entry in store.ledger()].count("issue") == 2


@pytest.mark.parametrize("url", [PATIENT], ids=["patient"], indirect=True)
async def test_what_was_not_written_is_done_again(server: pg.Cluster, store: PostgresStore) -> None:
    """The connection breaks during COMMIT before the server has read it: the group is decided again."""
    true_execute = Connection.execute
    broken: list[str] = []

    async def execute(connection: Connection, query: str, *values: Any, **options: Any) -> str:
        if query == "COMMIT" and not broken:
            broken.append(query)
            connection.terminate()
        return await true_execute(connection, query, *values, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "execute", execute)
        answers = await asyncio.gather(*(number_for(store, key) for key in "abc"))
    assert broken
    assert answers == [1, 2, 3]
    assert (store.stats.doubts, store.stats.settled) == (1, 0)
    assert (await store.verify()) == (4, [])


async def test_a_commit_cancelled_by_somebody_else_is_not_acknowledged(
    server: pg.Cluster, store: PostgresStore
) -> None:
    """The server answers COMMIT with success, and warns that no standby has it."""
    await wait_for_standby(server, "nobody")
    issuing = asyncio.ensure_future(store.execute(issue("a")))
    for pid in await commits_that_wait(server):
        await server.ask("SELECT pg_cancel_backend($1)", pid)
    await unknown(issuing)
    assert store.stats.doubts >= 1
    assert (await server.ask("SELECT count(*) FROM issued", database=_database(store)))[0][0] == 1, (
        "on the primary alone"
    )
    await unavailable(number_for(store, "a"))  # known here, but durable nowhere else
    await wait_for_standby(server, "")
    assert await number_for(store, "a") == 1


async def test_control_a_client_that_ignores_the_warning_is_told_success(server: pg.Cluster, url: str) -> None:
    """Negative control: without a check of the warning the same commit counts as done."""
    await wait_for_standby(server, "nobody")
    connection = await asyncpg.connect(_driver_url(server, url))
    try:
        await connection.execute("BEGIN; INSERT INTO meta VALUES ('control', '')")
        committing = asyncio.ensure_future(connection.execute("COMMIT"))
        for pid in await commits_that_wait(server):
            await server.ask("SELECT pg_cancel_backend($1)", pid)
        assert await committing == "COMMIT"
    finally:
        await connection.close()


async def test_a_commit_given_up_is_never_cancelled(server: pg.Cluster, store: PostgresStore) -> None:
    """A program that stops cancels the task: nothing becomes visible, because the server was not asked to cancel COMMIT."""
    await wait_for_standby(server, "nobody")
    issuing = asyncio.ensure_future(store.execute(issue("a")))
    await commits_that_wait(server)
    issuing.cancel()
    for task in asyncio.all_tasks():
        if "execute" in repr(task.get_coro()):
            task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await issuing
    await unavailable(number_for(store, "b"))
    assert (await server.ask("SELECT count(*) FROM issued", database=_database(store)))[0][0] == 0
    await wait_for_standby(server, "")
    assert sorted([await number_for(store, "a"), await number_for(store, "b")]) == [1, 2]


@pytest.mark.parametrize("own", [True, False], ids=["the store's connection", "control: the driver's own"])
async def test_a_commit_given_up_by_a_timeout(server: pg.Cluster, url: str, own: bool) -> None:
    """The driver's own way to give up makes the commit valid on the primary alone. Our connection leaves the COMMIT alone."""
    await wait_for_standby(server, "nobody")
    database = url.partition("?")[0].rpartition("/")[2]
    options = {"connection_class": Connection} if own else {}
    connection = await asyncpg.connect(_driver_url(server, url), **options)
    try:
        await connection.execute("BEGIN; INSERT INTO meta VALUES ('control', '')")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.execute("COMMIT"), 0.3)
        for _ in range(100):
            seen = await server.ask("SELECT 1 FROM meta WHERE name = 'control'", database=database)
            if seen:
                break
        assert bool(seen) is not own
        assert bool(await server.ask(WAITING)) is own
    finally:
        connection.terminate()


@pytest.mark.parametrize("again", [issue("a"), set_next(7)], ids=["replay", "equal set"])
async def test_what_writes_nothing_waits_for_what_it_tells_of(
    server: pg.Cluster, store: PostgresStore, again: Command
) -> None:
    """The answer shows what others wrote, which must be durable first: so the command commits a barrier behind it."""
    await number_for(store, "a")
    await store.execute(set_next(7))
    await wait_for_standby(server, "nobody")
    await unknown(store.execute(again))
    await wait_for_standby(server, "")
    assert await store.execute(again)


async def test_tokens_and_documents_in_doubt(server: pg.Cluster, store: PostgresStore) -> None:
    """Tokens are simply written again; a document is recognised by its version and moment."""
    await wait_for_standby(server, "nobody")
    draft = SaveDocuments(TENANT, (SaveDocument(Document(TENANT)),), BY)
    saving = asyncio.ensure_future(store.execute(draft))
    await commits_that_wait(server)
    while not store.stats.doubts:
        await asyncio.sleep(0.01)
    await wait_for_standby(server, "")
    assert (await saving).saved[0].document.id == 1  # type: ignore[union-attr]
    assert (await store.execute(draft)).saved[0].document.id == 2  # type: ignore[union-attr]
    settled = store.stats.settled
    await wait_for_standby(server, "nobody")
    ready = asyncio.ensure_future(store._submit(Write(())))
    doubts = store.stats.doubts
    while store.stats.doubts == doubts:
        await asyncio.sleep(0.01)
    await wait_for_standby(server, "")
    await ready
    assert settled == 1


def _database(store: PostgresStore) -> str:
    return store._address.name.rpartition("/")[2]


def _driver_url(server: pg.Cluster, url: str) -> str:
    return server.url(url.partition("?")[0].rpartition("/")[2])
