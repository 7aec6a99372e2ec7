"""What the store needs of a session: poolers that cannot keep one are refused, and limits of an administrator do not strike."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.stores.errors import StoreOpenError
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import CLOCK_SECONDS, Hosts
from gateway.stores.postgres.url import read_address
from tests import pg
from tests.long_form import short_or_long
from tests.skips import require_or_skip
from tests.stores.commands import number_for, peek, provide_main
from tests.stores.postgres.conftest import MakePostgres

pytestmark = pytest.mark.long_form

Pooled = Callable[..., AbstractContextManager[str]]
LIMITS = ("statement_timeout", "idle_session_timeout", "transaction_timeout")


@pytest.fixture
def pooled(cluster: pg.Cluster, database: str) -> Pooled:
    """Starts PgBouncer in front of the database; gives the URL."""
    program = shutil.which("pgbouncer") or require_or_skip("PgBouncer", "no pgbouncer on the path")

    @contextmanager
    def start(mode: str, **settings: object) -> Iterator[str]:
        port = pg.free_port()
        with tempfile.TemporaryDirectory(prefix="pooler-") as name:
            configuration = _configured(Path(name), cluster, pool_mode=mode, listen_port=port, **settings)
            with _running([program, str(configuration)]):
                yield f"postgresql://postgres@127.0.0.1:{port}/{database}?deadline_seconds=5&connect_timeout=5"

    return start


def _configured(folder: Path, cluster: pg.Cluster, **settings: object) -> Path:
    """Write the pooler's files where its user can read them; returns its configuration."""
    users, configuration = folder / "users.txt", folder / "pgbouncer.ini"
    always = {"listen_addr": "127.0.0.1", "auth_type": "trust", "auth_file": users, "unix_socket_dir": ""}
    lines = "".join(f"{name} = {value}\n" for name, value in {**always, **settings}.items())
    users.write_text('"postgres" ""\n')
    configuration.write_text(f"[databases]\n* = host=127.0.0.1 port={cluster.port}\n[pgbouncer]\n{lines}")
    for path in (folder, users, configuration):
        path.chmod(0o755)
    return configuration


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **pg.other_user()
    ) as process:
        assert process.stderr is not None
        said = ""
        while "process up" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize(
    "settings", [{}, {"default_pool_size": 1}, *short_or_long([], [{"server_round_robin": 1}])], ids=str
)
@pytest.mark.parametrize("mode", short_or_long(["transaction"], ["transaction", "statement"]))
async def test_a_pooler_that_changes_sessions_is_refused(
    pooled: Pooled, mode: str, settings: dict[str, object]
) -> None:
    with pooled(mode, **settings) as url:
        store = PostgresStore(url)
        with pytest.raises(StoreOpenError, match=r"pooler|statement pooling") as caught:
            await store.start()
        assert "password" not in str(caught.value)


async def test_a_pooler_that_keeps_sessions_serves(pooled: Pooled) -> None:
    with pooled("session") as url:
        store = PostgresStore(url)
        await store.start()
        try:
            await provide_main(store)
            assert await asyncio.gather(*(number_for(store, key) for key in "abc")) == [1, 2, 3]
            assert await peek(store) == 4
            connection = store._committer._connection
            assert connection is not None
            assert not connection.is_direct
            assert await connection.fetchval("SHOW enable_seqscan") == "off", "settings are those of the session"
        finally:
            await store.close()


async def test_limits_of_an_administrator_do_not_end_what_the_store_does(
    cluster: pg.Cluster, database: str, make_store: MakePostgres
) -> None:
    """A statement timeout would cancel a COMMIT that waits for its standbys, and so make it good on the primary alone."""
    known = {row[0] for row in await cluster.ask("SELECT name FROM pg_settings WHERE name = ANY($1)", list(LIMITS))}
    assert "statement_timeout" in known
    for name in known:
        await cluster.ask(f"ALTER DATABASE {database} SET {name} = '7s'")
    assert (await cluster.ask("SHOW statement_timeout", database=database))[0][0] == "7s"
    store = await make_store()
    await provide_main(store)
    connection = store._committer._connection
    assert connection is not None
    for name in known:
        assert await connection.fetchval(f"SHOW {name}") == "0"


@pytest.mark.parametrize(("chosen", "used"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
async def test_a_commit_waits_at_least_for_the_standbys_disk(
    cluster: pg.Cluster, database: str, make_store: MakePostgres, chosen: str, used: str
) -> None:
    await cluster.ask(f"ALTER DATABASE {database} SET synchronous_commit = {chosen}")
    store = await make_store()
    await provide_main(store)
    connection = store._committer._connection
    assert connection is not None
    assert await connection.fetchval("SHOW synchronous_commit") == used


async def test_clocks_that_differ_are_reported_once(
    cluster: pg.Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[dict[str, Any]] = []
    monkeypatch.setattr("gateway.stores.postgres.connection.log.warning", lambda _, **facts: logged.append(facts))
    hosts = Hosts(read_address(cluster.url(database)))
    deadline = asyncio.get_running_loop().time() + 30
    made = [await hosts.connect(deadline)]
    assert abs(made[0].clock_ahead) < CLOCK_SECONDS, "they are the same clock"
    assert not logged
    true_time = "gateway.stores.postgres.connection.time.time"
    with monkeypatch.context() as patch:
        patch.setattr(true_time, lambda: 0.0)
        made += [await hosts.connect(deadline), await hosts.connect(deadline)]
    assert made[1].clock_ahead > 1e9
    assert len(logged) == 1
    made.append(await hosts.connect(deadline))
    for connection in made:
        await connection.close()
