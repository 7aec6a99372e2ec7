"""No answer comes from the past: a store answers with what it read only once its server has proved to be the primary."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import pytest

from gateway.core.catalogue import Project
from gateway.core.commands import GetDocuments, GetSeries, ListSeries, SaveCatalogue, SearchDocumentIds
from gateway.core.documents import DocumentId
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.stores import migrate_store, open_store
from gateway.stores.postgres import PostgresStore, consistency, lease, queries
from gateway.stores.postgres import store as store_module
from gateway.stores.postgres.lease import READ_SECONDS, RENEW_SECONDS, WRITE_SECONDS, Lease
from tests import pg
from tests.stores.commands import BY, TENANT, issue, number_for, peek, provide_main
from tests.stores.postgres.conftest import TEMPLATE, MakePostgres, Time, fresh_cluster
from tests.stores.postgres.test_doubt import wait_for_standby
from tests.stores.postgres.test_read_batches import statements_of

T = TypeVar("T")
IMPATIENT = {"commit_seconds": 0.5, "deadline_seconds": 1, "connect_timeout": 0.5}
READS: dict[str, Callable[[PostgresStore], Awaitable[Any]]] = {
    "peek": peek,
    "series": lambda store: store.read(GetSeries(TENANT, None)),
    "all series": lambda store: store.read(ListSeries(TENANT)),
    "documents": lambda store: store.read(GetDocuments(TENANT, (DocumentId(1),))),
    "search": lambda store: store.read(SearchDocumentIds(TENANT)),
    "token": lambda store: store.get("access", "nobody's"),
    "notes": lambda store: store.noted(""),
    "ledger": lambda store: anext(store.ledger()),
    "refusal": lambda store: store.execute(issue("never", start=None)),
}

ROWS = {"peek", "series", "notes"}
"""These rest on rows alone. The others speak also of what is not there, which a commit without confirmation could change."""


# The lease by itself


def test_it_lasts_from_before_the_proof_was_sent(time: Time) -> None:
    held = Lease()
    assert held.is_due(), "nothing is proved yet"
    assert held.proved("1", time.seconds - 0.5)
    assert not held.is_due()
    time.seconds += READ_SECONDS - 0.5
    assert held.is_due()


def test_one_read_renews_it_while_others_go_on(time: Time) -> None:
    held = Lease()
    held.proved("1", time.seconds)
    time.seconds += RENEW_SECONDS
    assert [held.is_due() for _ in range(3)] == [True, False, False]
    time.seconds += READ_SECONDS - RENEW_SECONDS
    assert [held.is_due() for _ in range(3)] == [True] * 3, "the renewal has not come back, so each needs its own"


def test_the_last_proof_tells_which_timeline_leads(time: Time) -> None:
    held = Lease()
    assert held.proved("1", 10.0)
    assert held.proved("2", 12.0)
    assert (held.timeline, held.generation) == ("2", 1)
    assert not held.proved("1", 11.0), "what was sent before is no news"
    assert (held.timeline, held.generation) == ("2", 1)


@pytest.mark.parametrize("how", ["end", "give_up"])
def test_it_ends_early(time: Time, how: str) -> None:
    held = Lease()
    held.proved("1", time.seconds)
    getattr(held, how)()
    assert held.is_due()
    assert held.generation == (how == "give_up")
    assert not held.proved("0", time.seconds - 1), "what was known is not forgotten"


def test_a_store_that_may_read_from_anywhere_needs_none() -> None:
    assert not Lease(needed=False).is_due()


def test_a_proof_that_was_sent_before_the_doubt_does_not_revive_the_lease(time: Time) -> None:
    held = Lease()
    held.proved("1", time.seconds)
    time.seconds += 0.1
    held.end()
    held.proved("1", time.seconds - 0.05)
    assert [held.is_due() for _ in range(3)] == [True] * 3, "it was on its way when the doubt came up"
    time.seconds += 0.1
    held.proved("1", time.seconds)
    assert not held.is_due()


def test_another_timeline_uses_numbers_of_transactions_again() -> None:
    held = Lease()
    held.proved("1", 1.0, (100, 100))
    held.proved("1", 2.0)
    assert held.durable.covers_rows([99])
    held.proved("2", 3.0)
    assert not held.durable.covers_rows([99])


def test_a_database_that_has_gone_back_is_noticed(time: Time) -> None:
    held = Lease()
    held.proved("1", time.seconds, (90, 100), at_once=True)
    held.proved("1", time.seconds - 0.5, (80, 90), at_once=True)
    assert held.regressions == 0, "an answer that comes late"
    time.seconds += 1
    held.proved("1", time.seconds, (80, 95))
    assert held.regressions == 0, "a transaction that began long before its COMMIT was sent"
    time.seconds += 1
    held.proved("1", time.seconds, (101, 101), at_once=True)
    time.seconds += 1
    held.proved("2", time.seconds, (60, 60), at_once=True)
    assert held.regressions == 1, "restored"
    time.seconds += 1
    held.proved("2", time.seconds, (61, 61), at_once=True)
    assert held.regressions == 1, "reported once"


def test_the_clock_goes_on_while_a_process_stands_still() -> None:
    before = lease.now()
    assert lease.now() >= before
    assert WRITE_SECONDS > READ_SECONDS > RENEW_SECONDS


# On a server whose commits get no confirmation, like those of a former primary


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresStore]:
    made = open_store(url)
    assert isinstance(made, PostgresStore)
    await made.start()
    try:
        yield made
    finally:
        await made.close()


@contextmanager
def database_of(server: pg.Cluster) -> Iterator[str]:
    name = server.database(TEMPLATE)
    try:
        yield name
    finally:
        server.sql("ALTER SYSTEM RESET synchronous_standby_names")
        server.sql("SELECT pg_reload_conf()")
        server.drop(name)


@pytest.mark.parametrize("question", READS)
async def test_without_a_lease_nothing_is_told(server: pg.Cluster, time: Time, question: str) -> None:
    ask = READS[question]
    with database_of(server) as name:
        async with opened(server.url(name, **IMPATIENT)) as store:
            assert store._watching is not None
            store._watching.cancel()  # it takes a connection now and then, and a new connection begins with a commit
            await until(lambda: provide_main(store))
            if question != "refusal":
                await until(lambda: number_for(store, "a"))
            await until(lambda: told(ask(store)))
            await wait_for_standby(server, "nobody")
            if question in ROWS:
                await told(ask(store))  # the lease is still valid for a while
            time.seconds += READ_SECONDS
            with pytest.raises(StoreUnavailableError) as caught:
                await ask(store)
            assert caught.value.committed is False
            await wait_for_standby(server, "")
            await until(lambda: told(ask(store)))


async def told(work: Awaitable[Any]) -> None:
    with contextlib.suppress(Refused):
        await work


async def test_the_watch_on_catalogues_outlives_any_error(
    make_store: MakePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "STALE_SECONDS", 0.02)
    store = await make_store()
    asked: list[Exception] = []
    seen = asyncio.Event()

    async def refresh() -> None:
        asked.append((StoreUnavailableError if len(asked) % 2 else ValueError)("broken"))
        if len(asked) > 3:
            seen.set()
        raise asked[-1]

    monkeypatch.setattr(store, "_refresh_catalogues", refresh)
    await seen.wait()


async def test_a_verification_ends_with_a_proof(server: pg.Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with database_of(server) as name:
        async with opened(server.url(name, **IMPATIENT)) as store:
            await provide_main(store)
            sent = statements_of(store, monkeypatch)
            await store.verify()
            assert sent[-1] == queries.PROOF


async def test_a_verification_that_loses_its_server_says_so(
    server: pg.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database_of(server) as name:
        async with opened(server.url(name, **IMPATIENT)) as store:
            await provide_main(store)

            async def lost(connection: Any, *_: Any) -> Any:
                await server.ask("SELECT pg_terminate_backend($1, 10000)", connection.get_server_pid())
                return await connection.fetch("SELECT 1")

            monkeypatch.setattr(consistency, "verify", lost)
            with pytest.raises(StoreUnavailableError):
                await store.verify()


async def test_a_catalogue_is_not_shown_when_it_may_be_old(
    make_store: MakePostgres, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await make_store()
    await store.execute(SaveCatalogue(TENANT, BY, items=(Project(1, "Name"),)))
    time.seconds += store_module.BLIND_SECONDS
    assert store.catalogue(TENANT).projects

    async def noted(prefix: str) -> dict[str, str]:
        raise StoreUnavailableError(prefix)

    with monkeypatch.context() as patch:
        patch.setattr(store, "noted", noted)
        time.seconds += store_module.BLIND_SECONDS + 0.1
        with pytest.raises(StoreUnavailableError):
            store.catalogue(TENANT)
    await store._refresh_catalogues()
    assert store.catalogue(TENANT).projects


# What it costs


async def test_reads_within_the_lease_send_nothing_but_the_question(
    make_store: MakePostgres, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await make_store()
    await provide_main(store)
    await peek(store)
    sent = statements_of(store, monkeypatch)
    for _ in range(5):
        await peek(store)
    assert queries.PROOF not in sent
    time.seconds += RENEW_SECONDS
    await asyncio.gather(*(peek(store) for _ in range(100)))
    await peek(store)
    assert sent.count(queries.PROOF) == 1
    time.seconds += RENEW_SECONDS - 0.1
    await number_for(store, "a")
    time.seconds += RENEW_SECONDS - 0.1
    await peek(store)
    assert sent.count(queries.PROOF) == 1, "a commit of the store's own renews the lease"


@pytest.mark.parametrize("job", ["forget", "nothing"])
async def test_a_commit_that_may_have_written_nothing_waits_all_the_same(
    server: pg.Cluster, time: Time, job: str
) -> None:
    """The row to delete may be gone already: then COMMIT alone would not wait for a standby, and would prove nothing."""
    with database_of(server) as name:
        async with opened(server.url(name, **IMPATIENT)) as store:
            await wait_for_standby(server, "nobody")
            records = store.tenant_records
            with pytest.raises(StoreUnavailableError):
                await records.drop_snapshot(TENANT, "unknown") if job == "forget" else await store.note("name", "value")
            await wait_for_standby(server, "")


# A former primary that is still alive


@asynccontextmanager
async def two_servers() -> AsyncIterator[tuple[pg.Cluster, pg.Cluster, str]]:
    """A primary, its synchronous standby, and the URL of both."""
    with fresh_cluster(wal_level="replica", max_wal_senders="4") as old, pg.standby_of(old, "second") as new:
        await wait_for_standby(old, "second")
        options = "&".join(f"{name}={value}" for name, value in IMPATIENT.items())
        yield old, new, f"postgresql://postgres@127.0.0.1:{old.port},127.0.0.1:{new.port}/postgres?{options}"


async def test_an_idle_gateway_does_not_believe_the_former_primary() -> None:
    """Its connections lead to a server that is alive, answers, and does not know that another one has replaced it."""
    async with two_servers() as (old, new, url), opened(url) as idle, opened(url) as busy:
        await provide_main(busy)
        assert await number_for(busy, "before") == 1
        assert await peek(idle) == 2
        await new.ask("SELECT pg_promote(true, 30)")
        number = await until(lambda: number_for(busy, "after"))
        assert number == 2
        assert await until(lambda: peek(idle)) == 3
        assert (await old.ask("SELECT count(*) FROM issued"))[0][0] == 1
        assert busy._hosts.lease.timeline != "00000001"
        for turn in range(3, 20):
            assert await number_for(busy, f"k-{turn}") == turn
            assert await peek(idle) == turn + 1


async def test_nothing_new_is_acknowledged_while_the_past_may_be_read() -> None:
    """A gateway that starts on the new primary meets no error that would make it wait."""
    async with two_servers() as (_, new, url), opened(url) as idle:
        await provide_main(idle)
        await number_for(idle, "before")
        assert await peek(idle) == 2
        await new.ask("SELECT pg_promote(true, 30)")
        async with opened(new.url()) as late:
            assert await number_for(late, "after") == 2
            assert await until(lambda: peek(idle)) == 3


async def until(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as there is one."""
    while True:
        with contextlib.suppress(StoreUnavailableError):
            return await ask()


async def test_the_first_writer_on_a_timeline_outlasts_the_readers_of_the_former(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    true_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await true_sleep(0 if seconds > WRITE_SECONDS / 2 else seconds)

    monkeypatch.setattr("gateway.stores.postgres.committer.asyncio.sleep", sleep)

    def waited() -> bool:
        found = any(seconds > WRITE_SECONDS / 2 for seconds in slept)
        slept.clear()
        return found

    async with two_servers() as (old, new, url):
        await asyncio.to_thread(migrate_store, url)
        async with opened(url) as store:
            await provide_main(store)
            assert not waited(), "a database is made on the timeline that is there"
        await new.ask("SELECT pg_promote(true, 30)")
        await asyncio.to_thread(old.stop)
        async with opened(url) as store:
            assert await number_for(store, "a") == 1
            assert waited()
        async with opened(url) as store:
            assert await number_for(store, "b") == 2
            assert not waited(), "somebody has waited already"
