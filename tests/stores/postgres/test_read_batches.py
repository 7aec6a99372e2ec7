"""Questions of one turn share a SELECT; an answer shows everything that any gateway acknowledged before the question."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from gateway.core.catalogue import Project
from gateway.core.commands import (
    CreateSeries,
    GetSeries,
    Issue,
    IssueRequest,
    ListSeries,
    PeekNext,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SearchDocuments,
    UpdateSeries,
)
from gateway.core.documents import Document
from gateway.core.ports import StoreOverloadedError
from gateway.core.refusals import Refused, SeriesUnknown
from gateway.core.results import SeriesCreated
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey, SeriesId, TenantId
from gateway.stores.engine import tables, tokens
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres import store as store_module
from gateway.stores.postgres.connection import Connection
from tests import pg
from tests.stores.commands import BY, FREE, LINE, TENANT, issue, number_for, peek, provide_main, set_next, void
from tests.stores.postgres.conftest import MakePostgres

LATER = datetime.now(UTC) + timedelta(hours=1)


def statements_of(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that reach the database from now on; the store's regular check for changes by others is paused."""
    assert store._watching is not None
    store._watching.cancel()
    sent: list[str] = []
    for name in ("execute", "fetch", "fetchval", "fetchrow", "copy_records_to_table"):
        true = getattr(Connection, name)

        def send(connection: Any, query: str, *values: Any, true: Any = true, **options: Any) -> Any:
            sent.append(query)
            return true(connection, query, *values, **options)

        monkeypatch.setattr(Connection, name, send)
    return sent


async def test_what_waits_in_one_turn_shares_a_select(store: PostgresStore) -> None:
    await provide_main(store)
    await number_for(store, "a")
    queries: list[Any] = [
        PeekNext(TENANT, LINE),
        GetSeries(TENANT, None),
        GetSeries(TENANT, SeriesId(1)),
        ListSeries(TENANT),
    ]
    before = store.figures()["store_selects"]
    answers = await asyncio.gather(*(store.read(query) for query in queries * 50))
    assert store.figures()["store_selects"] == before + 1
    assert answers[0].counter.next_number == 2
    assert answers[1].view == answers[2].view == answers[3].views[0]
    assert answers[4:] == answers[:4] * 49


async def test_each_asker_gets_its_own_refusal(store: PostgresStore) -> None:
    await provide_main(store)
    queries: list[Any] = [
        PeekNext(TenantId("stranger"), LINE),
        PeekNext(TENANT, CounterKey(SeriesId(9), INVOICE)),
        PeekNext(TENANT, CounterKey(SeriesId(2**70), INVOICE)),
        GetSeries(TenantId("stranger"), None),
        GetSeries(TENANT, SeriesId(-(2**70))),
        PeekNext(TENANT, LINE),
    ]
    answers = await asyncio.gather(*(store.read(query) for query in queries), return_exceptions=True)
    refusals = [answer.refusal for answer in answers[:5] if isinstance(answer, Refused)]
    assert refusals == [SeriesUnknown(own) for own in (1, 9, 2**70, None, -(2**70))]
    assert answers[5].counter.next_number is None
    assert (await store.read(ListSeries(TenantId("stranger")))).views == ()


@pytest.mark.parametrize("line", [CounterKey(SeriesId(2**70), INVOICE), CounterKey(SeriesId(7), INVOICE)])
async def test_commands_on_what_cannot_be_there(store: PostgresStore, line: CounterKey) -> None:
    await provide_main(store)
    commands = [issue("a"), issue("b", line=line), set_next(7)]
    answers = await asyncio.gather(*map(store.execute, commands), return_exceptions=True)
    assert isinstance(answers[1], Refused)
    assert answers[1].refusal == SeriesUnknown(line.series)
    assert store.stats.replays == 0


async def test_a_read_sees_what_the_other_gateway_has_acknowledged(make_store: MakePostgres) -> None:
    one, two = await make_store(), await make_store()
    await provide_main(one)

    async def watch() -> None:
        """Ask again and again; the number shown never goes back."""
        last = 0
        while last < 100:
            shown = await peek(two) or 0
            assert shown >= last
            last = shown

    watching = [asyncio.ensure_future(watch()) for _ in range(8)]
    for i in range(100):
        number = await number_for(one, f"k-{i}")
        assert await peek(two) == number + 1
    await asyncio.gather(*watching)


@pytest.mark.parametrize("count", [1, 10, 300])
async def test_a_group_costs_as_many_statements_as_one_command(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    await provide_main(store)
    lines = [LINE, CounterKey(SeriesId(1), CREDIT_NOTE)]
    await asyncio.gather(*(store.execute(Issue(TENANT, line, line.line, "", BY, 1)) for line in lines))
    sent = statements_of(store, monkeypatch)
    commands = [Issue(TENANT, lines[i % 2], f"k-{i}", "", BY, 1) for i in range(count)]
    await asyncio.gather(*map(store.execute, commands))
    assert len(sent) <= 9  # BEGIN, lock, read twice, three tables, COMMIT
    assert sent[-1] == "COMMIT"


async def test_more_questions_than_may_wait(make_store: MakePostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await make_store(max_queued=3)
    await provide_main(store)
    answers = await asyncio.gather(*(peek(store) for _ in range(10)), return_exceptions=True)
    assert answers[:3] == [None] * 3
    assert all(isinstance(answer, StoreOverloadedError) for answer in answers[3:])
    assert await peek(store) is None


async def test_a_search_does_not_hold_up_a_peek(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    await provide_main(store)
    blocker = await asyncpg.connect(cluster.url(database))
    try:
        await blocker.execute("BEGIN; LOCK TABLE documents IN ACCESS EXCLUSIVE MODE")
        searching = asyncio.ensure_future(store.read(SearchDocuments(TENANT)))
        assert await number_for(store, "a") == 1
        assert await peek(store) == 2
        assert not searching.done()
        await blocker.execute("COMMIT")
        assert (await searching).documents == ()
    finally:
        await blocker.close()


class Passing:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


async def test_a_dropped_token_is_good_elsewhere_for_a_second_at_most(
    make_store: MakePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = Passing()
    monkeypatch.setattr(tokens, "time", passing)
    one, two = await make_store(), await make_store()
    assert await two.get("access", "secret") is None
    await one.put("access", "secret", TENANT, {"n": 1}, LATER)
    assert await two.get("access", "secret") == (TENANT, {"n": 1}), "what is absent is asked for again"
    await one.drop("access", "secret")
    assert await one.get("access", "secret") is None
    passing.seconds += store_module.STALE_SECONDS - 0.001
    assert await two.get("access", "secret") == (TENANT, {"n": 1}), "known, and not a second old"
    passing.seconds += 0.001
    assert await two.get("access", "secret") is None


async def test_what_was_switched_elsewhere_is_not_undone_by_a_prolongation(make_store: MakePostgres) -> None:
    """One process prolongs with facts that are out of date, within the second in which that is allowed."""
    one, two = await make_store(), await make_store()
    await one.put("session", "secret", TENANT, {"n": 1}, LATER)
    assert await two.get("session", "secret") == (TENANT, {"n": 1})
    await one.put("session", "secret", TENANT, {"n": 2}, LATER)
    await two.prolong("session", "secret", LATER + timedelta(hours=1), timedelta())
    two._tokens._cache.clear()
    assert await two.get("session", "secret") == (TENANT, {"n": 2})


async def test_expired_tokens_are_purged(
    cluster: pg.Cluster, database: str, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PURGE_EVERY", 2)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await store.put("access", "first", TENANT, {}, past)
    await store.put("access", "other's", TenantId("other"), {}, past)
    await store.put("access", "second", TENANT, {}, LATER)
    await store.put("access", "third", TENANT, {}, LATER)
    left = await cluster.ask("SELECT tenant FROM tokens", database=database)
    assert sorted(row[0] for row in left) == ["demo", "demo", "other"]


async def test_a_catalogue_changed_elsewhere_shows_by_itself(make_store: MakePostgres) -> None:
    one, two = await make_store(), await make_store()
    for turn in range(2):
        await one.execute(SaveCatalogue(TENANT, BY, items=(Project(turn, "Name"),)))
        assert list(one.catalogue(TENANT).projects) == list(range(turn + 1)), "at once where it was changed"
        while list(two.catalogue(TENANT).projects) != list(range(turn + 1)):
            await asyncio.sleep(0.01)
    both = [SaveCatalogue(TENANT, BY, items=(Project(10 + n, "Both"),)) for n in range(2)]
    await asyncio.gather(one.execute(both[0]), two.execute(both[1]))
    three = await make_store()
    assert list(three.catalogue(TENANT).projects) == [0, 1, 10, 11]


async def test_ready_is_a_commit(store: PostgresStore) -> None:
    commits = store.stats.commits
    assert await store.ready()
    assert store.stats.commits == commits + 1
    await store.close()
    assert not await store.ready()


async def test_made_up_keys_are_free_ones(store: PostgresStore) -> None:
    await store.execute(CreateSeries(TENANT, "One", BY, key="series-2"))
    await store.execute(CreateSeries(TENANT, "Two", BY, key="series-3-new"))
    answers = [await store.execute(CreateSeries(TENANT, name, BY)) for name in ("Three", "Four")]
    keys = [answer.view.series.key for answer in answers if isinstance(answer, SeriesCreated)]
    assert keys == ["series-3", "series-4"]


async def test_ids_taken_in_a_row_are_passed_over_at_once(
    cluster: pg.Cluster, database: str, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This happens after an import that proposed thousands of ids, then left a gap, then proposed thousands more."""
    draft = SaveDocuments(TENANT, (SaveDocument(Document(TENANT)),), BY)
    await store.execute(draft)
    columns = ", ".join(f'"{name}"' for name in tables.documents.columns if name != "id")
    many = f"INSERT INTO documents (id, {columns}) SELECT n, {columns} FROM documents, generate_series({{}}, {{}}) n"
    await cluster.ask(many.format(2, 5000) + " WHERE id = 1", database=database)
    await cluster.ask(many.format(5002, 9000) + " WHERE id = 1", database=database)
    sent = statements_of(store, monkeypatch)
    both = await asyncio.gather(store.execute(draft), store.execute(draft))
    assert [answer.saved[0].document.id for answer in both] == [5001, 9001]  # type: ignore[union-attr]
    assert len(sent) < 20
    assert (await store.execute(draft)).saved[0].document.id == 9002  # type: ignore[union-attr]


async def test_no_table_is_scanned(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    """The server makes plans while tables are small and keeps them while tables grow: no plan may depend on small tables."""
    await provide_main(store)
    scans = "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('issued', 'ledger', 'counters', 'series')"
    draft = SaveDocument(Document(TENANT))

    async def everything(turn: int) -> None:
        await asyncio.gather(*(number_for(store, f"{turn}-{i}") for i in range(20)))
        await asyncio.gather(store.execute(set_next(100 * turn + 100)), store.execute(void(1)), return_exceptions=True)
        await store.execute(UpdateSeries(TENANT, SeriesId(1), FREE, BY, prefix=f"p{turn}"))
        await store.execute(SaveDocuments(TENANT, (replace(draft, issue=IssueRequest(f"d{turn}")),), BY))
        await asyncio.gather(peek(store), store.read(GetSeries(TENANT, None)), store.read(ListSeries(TENANT)))

    async def seen() -> int:
        await sessions_ended(cluster, database, store)
        return int((await cluster.ask(scans, database=database))[0][0])

    await everything(0)
    await cluster.ask("ANALYZE", database=database)  # now the planner knows that they are small
    before = await seen()
    for turn in range(1, 10):
        await everything(turn)
    assert await seen() == before


async def sessions_ended(cluster: pg.Cluster, database: str, store: PostgresStore) -> None:
    """End the store's sessions: a session's counts are in the server's statistics before it leaves the list of sessions."""
    sessions = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    pids = [row[0] for row in await cluster.ask(sessions, database)]
    store._committer.drop()
    await store._readers.close()
    while await cluster.ask("SELECT 1 FROM pg_stat_activity WHERE pid = ANY($1::int[])", pids):
        await asyncio.sleep(0.01)
