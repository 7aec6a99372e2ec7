"""A commit whose answer is lost, while another process goes on with what it wrote: nothing is done twice (ADR-49)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import pytest

from gateway.core.catalogue import Project
from gateway.core.commands import Expect, GetDocuments, ListSeries, SaveCatalogue, SaveDocument, SaveDocuments
from gateway.core.documents import Document, DocumentId
from gateway.core.refusals import Refused
from gateway.core.values import TenantId
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.tenant_records import TakenError
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.postgres import PostgresStore, queries
from gateway.stores.postgres.commit_proof import MARK
from gateway.stores.postgres.connection import Connection
from tests import pg
from tests.stores.commands import BY, TENANT, peek, provide_main, set_next
from tests.stores.postgres.conftest import MakePostgres

Do = Callable[[PostgresStore], Awaitable[Any]]
END = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
OTHER = TenantId("other")


def saved(version: int, stage: str, own: int = 0, tenant: TenantId = TENANT) -> SaveDocuments:
    """Save a document. version: the one that it has now, 0 for a new one."""
    document = Document(tenant, id=DocumentId(own), version=version, stage=stage)
    expect = Expect.EXISTING if version else Expect.NEW
    return SaveDocuments(tenant, (SaveDocument(document, expect, version or None),), BY)


async def _stages(store: PostgresStore) -> Any:
    found = await store.read(GetDocuments(TENANT, tuple(map(DocumentId, range(1, 10)))))
    return [(document.id, document.stage) for document in found.documents]


async def _token(store: PostgresStore) -> Any:
    store._tokens.forget(TENANT)
    found = await store.get("code", "a")
    return found and dict(found[1])


async def _catalogue(store: PostgresStore) -> Any:
    await store._refresh_catalogues()
    return [project.name for project in store.catalogue(TENANT).projects.values()]


async def _tenants(store: PostgresStore) -> Any:
    return [kept.body for kept in await store.tenant_records.tenants()]


async def _snapshots(store: PostgresStore) -> Any:
    return [head.created for head in await store.tenant_records.snapshots(TENANT)]


def _put(mark: int) -> Do:
    return lambda store: store.put("code", "a", TENANT, {"mark": mark}, END)


def _named(name: str) -> Do:
    return lambda store: store.execute(SaveCatalogue(TENANT, BY, items=(Project(1, name),)))


def _snapshot(at: dt.datetime) -> Do:
    return lambda store: store.tenant_records.keep_snapshot(TENANT, "a", Contents(), at)


def _tenant(body: str) -> Do:
    return lambda store: store.tenant_records.add_tenant(KeptTenant(OTHER, body, "now"))


NOON, NIGHT = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC), dt.datetime(2026, 1, 1, 23, tzinfo=dt.UTC)
CASES: dict[str, tuple[Do, Do, Callable[[PostgresStore], Awaitable[Any]], Any]] = {
    "a new document is edited": (
        lambda store: store.execute(saved(0, "one")),
        lambda store: store.execute(saved(1, "two", own=1)),
        _stages,
        [(1, "two")],
    ),
    "a document is edited twice": (
        lambda store: store.execute(saved(1, "two", own=1)),
        lambda store: store.execute(saved(2, "three", own=1)),
        _stages,
        [(1, "three")],
    ),
    "a token is dropped": (_put(1), lambda store: store.drop("code", "a"), _token, None),
    "a token is replaced": (_put(1), _put(2), _token, {"mark": 2}),
    "a note is replaced": (
        lambda store: store.note("note", "one"),
        lambda store: store.note("note", "two"),
        lambda store: store.noted("note"),
        {"note": "two"},
    ),
    "a catalogue goes on": (_named("one"), _named("two"), _catalogue, ["two"]),
    "a tenant is taken away": (
        _tenant("one"),
        lambda store: store.tenant_records.drop_tenant(KeptTenant(OTHER, "one", "now")),
        _tenants,
        [],
    ),
    "a snapshot is replaced": (
        _snapshot(NOON),
        _snapshot(NIGHT),
        _snapshots,
        [NIGHT.isoformat(timespec="microseconds")],
    ),
    "a line goes on": (
        lambda store: store.execute(set_next(10)),
        lambda store: store.execute(set_next(20)),
        peek,
        20,
    ),
}
"""For each kind of write: what is in doubt, what another process does meanwhile, and what must be there in the end."""


@contextmanager
def answer_lost(store: PostgresStore, meanwhile: Callable[[], Awaitable[Any]]) -> Iterator[list[str]]:
    """The next COMMIT of a store takes effect, and its answer is lost.

    meanwhile: what others do before the store tries again.
    """
    true_execute = Connection.execute
    lost: list[str] = []

    async def execute(connection: Connection, query: str, *values: Any, **options: Any) -> str:
        answer = await true_execute(connection, query, *values, **options)
        if query == "COMMIT" and connection is store._committer._connection and not lost:
            lost.append(query)
            await meanwhile()
            connection.terminate()
            raise ConnectionResetError("the answer is lost")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "execute", execute)
        yield lost


@pytest.mark.parametrize("case", CASES)
async def test_what_others_did_meanwhile_stays(make_store: MakePostgres, case: str) -> None:
    doubted, later, look, expected = CASES[case]
    first, second = await make_store(), await make_store()
    await provide_main(first)
    if case == "a document is edited twice":
        await first.execute(saved(0, "one"))
    with answer_lost(first, lambda: later(second)) as lost:
        await doubted(first)
    assert lost
    assert (first.stats.doubts, first.stats.settled) == (1, 1)
    for store in (first, second):
        assert await look(store) == expected
    assert (await first.verify())[1] == []


async def test_a_tenant_that_is_made_is_not_taken_by_itself(make_store: MakePostgres) -> None:
    """A second try would find the first one's row, and would say that somebody else has made the tenant."""
    first, second = await make_store(), await make_store()

    async def nothing() -> None:
        """Nobody does anything."""

    with answer_lost(first, nothing):
        await _tenant("one")(first)
    with pytest.raises(TakenError):
        await _tenant("two")(second)
    assert await _tenants(second) == ["one"]


async def test_a_settled_doubt_shows_the_catalogue_as_it_is_now(make_store: MakePostgres) -> None:
    first, second = await make_store(), await make_store()
    assert first._watching is not None
    first._watching.cancel()

    async def later() -> None:
        await _named("two")(second)
        await first._refresh_catalogues()  # it has been compared already

    with answer_lost(first, later):
        await _named("one")(first)
    assert [project.name for project in first.catalogue(TENANT).projects.values()] == ["two"]


async def test_an_answer_that_comes_late_does_not_bring_an_old_catalogue_back(make_store: MakePostgres) -> None:
    first, second = await make_store(), await make_store()
    assert first._watching is not None
    first._watching.cancel()
    true_execute = Connection.execute

    async def execute(connection: Connection, query: str, *values: Any, **options: Any) -> str:
        answer = await true_execute(connection, query, *values, **options)
        if query == "COMMIT" and connection is first._committer._connection:
            await _named("two")(second)
            await first._refresh_catalogues()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "execute", execute)
        await _named("one")(first)
    assert await _catalogue(first) == ["two"]


# Marks


@asynccontextmanager
async def connected(cluster: pg.Cluster, database: str) -> AsyncIterator[Any]:
    """A connection of somebody else's."""
    connection = await asyncpg.connect(cluster.url(database))
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_store_that_is_closed_takes_its_mark_along(
    make_store: MakePostgres, cluster: pg.Cluster, database: str
) -> None:
    first, second = await make_store(), await make_store()
    await first.note("a", "1")
    await second.note("a", "2")

    async def marks() -> int:
        return len(await cluster.ask("SELECT 1 FROM meta WHERE starts_with(name, $1)", MARK, database=database))

    assert await marks() == 2
    await first.close()
    assert await marks() == 1
    await second.note("a", "3")
    assert await marks() == 1
    await second.close()
    assert await marks() == 0


async def test_the_mark_waits_for_a_transaction_that_goes_on(
    make_store: MakePostgres, cluster: pg.Cluster, database: str
) -> None:
    """The server may still be at the COMMIT that was given up. Its answer is known when it has ended, not before."""
    store = await make_store()
    own = store._committer._mark
    async with connected(cluster, database) as former:
        await former.execute("BEGIN")
        await former.execute(queries.NOTE, own, "group of the former transaction")
        async with connected(cluster, database) as later:
            await later.execute("BEGIN")
            await later.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(Exception, match="lock timeout"):
                await later.fetchval(queries.MARKED, own)
            await later.execute("ROLLBACK")
            await former.execute("COMMIT")
            assert await later.fetchval(queries.MARKED, own) == "group of the former transaction"


# Ids of documents that others take


async def test_a_document_that_arrives_is_not_written_over(
    make_store: MakePostgres, cluster: pg.Cluster, database: str
) -> None:
    """A tenant that arrives takes no lock for its documents. A save that proposes one of their ids meanwhile is refused."""
    arriving = await make_store()
    await arriving.execute(saved(0, "theirs", own=5, tenant=OTHER))
    async with connected(cluster, database) as loading:
        rows = await loading.fetch("DELETE FROM documents WHERE id = 5 RETURNING *")
        await loading.execute("BEGIN")
        values = ", ".join(f"${place}" for place in range(1, len(rows[0]) + 1))
        await loading.execute(f"INSERT INTO documents VALUES ({values})", *rows[0])

        async def waits() -> bool:
            return bool(await cluster.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))

        store = await make_store()
        saving = asyncio.ensure_future(store.execute(saved(0, "ours", own=5)))
        while not await waits():
            await asyncio.sleep(0.01)
        await loading.execute("COMMIT")
    with pytest.raises(Refused):
        await saving
    found = await arriving.read(GetDocuments(OTHER, (DocumentId(5),)))
    assert [document.stage for document in found.documents] == ["theirs"]


async def test_a_restoration_and_a_save_do_not_take_the_same_id(make_store: MakePostgres) -> None:
    """Each waits for the other, and the later one of them fails as a whole."""
    first, second = await make_store(), await make_store()
    await provide_main(first)
    await first.execute(saved(0, "ours", own=7))
    contents = await first.tenant_records.contents(TENANT)
    await first.tenant_records.replace(TENANT, Contents())
    true_execute = Connection.execute
    beside: list[Any] = []

    async def execute(connection: Connection, query: str, *values: Any, **options: Any) -> str:
        if query == "COMMIT" and connection is first._committer._connection and not beside:
            beside.append(asyncio.ensure_future(second.execute(saved(0, "theirs", own=7, tenant=OTHER))))
            await asyncio.wait(beside, timeout=0.2)
            assert not beside[0].done(), "it waits for the lock"
        return await true_execute(connection, query, *values, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "execute", execute)
        await first.tenant_records.replace(TENANT, contents)
    with pytest.raises(Refused):
        await beside[0]
    assert second.stats.races == 0, "it has waited before it decided"
    found = await first.read(GetDocuments(TENANT, (DocumentId(7),)))
    assert [document.stage for document in found.documents] == ["ours"]
    assert (await first.read(ListSeries(TENANT))).views
