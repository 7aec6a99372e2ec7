"""A PostgreSQL server for the session, and for each test a database of its own with the tables in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.stores import migrate_store, open_store
from gateway.stores.postgres import PostgresStore
from tests import pg
from tests.skips import require_or_skip

MakePostgres = Callable[..., Awaitable[PostgresStore]]
TEMPLATE = "gateway_template"


@contextmanager
def fresh_cluster(**settings: str) -> Iterator[pg.Cluster]:
    """A running server; it is removed afterwards."""
    binaries = pg.binaries()
    if binaries is None:
        require_or_skip("PostgreSQL", "no server binaries for this platform; set PG_BIN")
    made = pg.make_cluster(binaries, **settings)
    try:
        yield made
    finally:
        pg.destroy(made)


@contextmanager
def cluster_with_template() -> Iterator[pg.Cluster]:
    """A running server with the database TEMPLATE, which has the tables."""
    with fresh_cluster() as made:
        made.sql(f"CREATE DATABASE {TEMPLATE}")
        migrate_store(made.url(TEMPLATE))
        yield made


@pytest.fixture(scope="session")
def cluster() -> Iterator[pg.Cluster]:
    """The server that tests share; tests must leave it running."""
    with cluster_with_template() as made:
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[pg.Cluster]:
    """A server for the tests of one module, which may configure it."""
    with cluster_with_template() as made:
        yield made


@pytest.fixture
def own_cluster() -> Iterator[pg.Cluster]:
    """A server for this test alone, which may kill, freeze and configure it; the database `postgres` has the tables."""
    with fresh_cluster() as made:
        migrate_store(made.url())
        yield made


@pytest.fixture
def database(cluster: pg.Cluster) -> Iterator[str]:
    """The name of an empty database for this test alone."""
    name = cluster.database(TEMPLATE)
    yield name
    cluster.drop(name)


@pytest.fixture
def blank(cluster: pg.Cluster) -> Iterator[str]:
    """The URL of a database without tables."""
    name = cluster.database()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
async def make_store(cluster: pg.Cluster, database: str) -> AsyncIterator[MakePostgres]:
    """Opens and starts stores on `database`; closes them at the end."""
    opened: list[PostgresStore] = []

    async def make(**options: Any) -> PostgresStore:
        url_options = options.pop("url_options", {})
        store = open_store(cluster.url(database, **url_options), **options)
        assert isinstance(store, PostgresStore)
        opened.append(store)
        await store.start()
        return store

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
async def store(make_store: MakePostgres) -> PostgresStore:
    """A started store."""
    return await make_store()


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        for module in ("lease", "connection", "committer", "store"):
            monkeypatch.setattr(f"gateway.stores.postgres.{module}.now", lambda: self.seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)
