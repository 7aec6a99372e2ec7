"""A gateway does not serve a store that is older than the watermark, and is never wrong about it (ADR-54)."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.offline import SetRequest, set_next
from gateway.config.model import Config
from gateway.config.yaml_file import Document
from gateway.core.commands import Issue, ListSeries
from gateway.core.values import INVOICE, CounterKey, Origin, TenantId
from gateway.server.wiring import Gateway
from gateway.stores.engine.ledger_pages import LedgerPlace
from gateway.stores.errors import StoreError
from gateway.stores.sqlite.store import SqliteStore
from gateway.stores.watermark.comparison import StoreBehindError
from gateway.stores.watermark.file import WatermarkError, WatermarkFile
from gateway.stores.watermark.keeper import Watermark
from gateway.stores.watermark.path import watermark_path
from gateway.tenants.store_sessions import StoreSessions
from tests import pg
from tests.conftest import example_config
from tests.stores.postgres.conftest import TEMPLATE, cluster

__all__ = ["cluster"]

DEMO = TenantId("demo")
BY = Origin("test", "tester", "request", "because")


def configured(folder: Path, store: str = "", mark: str = "mark.db") -> tuple[Config, Document]:
    config, document = example_config(folder, {"watermark": {"mode": "on", "path": ""}, "journal": {"mode": "off"}})
    changes: dict[str, Any] = {"watermark": config.watermark.model_copy(update={"path": str(folder / mark)})}
    if store:
        changes["store"] = store
    return config.model_copy(update=changes), document


@asynccontextmanager
async def gateway(
    folder: Path, *, store: str = "", accept: bool = False, mark: str = "mark.db"
) -> AsyncIterator[Gateway]:
    async with Gateway(*configured(folder, store, mark), accept_store=accept) as made:
        yield made


async def give(made: Gateway, *keys: str) -> list[int]:
    """Give numbers out; they are durable, and the watermark knows them."""
    (view,) = [one for one in (await made.store.read(ListSeries(DEMO))).views if one.series.key == "main"]
    line = CounterKey(view.series.id, INVOICE)
    given = [await made.store.execute(Issue(DEMO, line, key, f"document {key}", BY, 10001)) for key in keys]
    await made.watermark.flush()
    return [one.issued.number for one in given]


def remove(path: Path) -> None:
    for beside in path.parent.glob("gateway.db*"):
        beside.unlink()


def empty(path: Path) -> None:
    remove(path)
    path.touch()


def put_back(path: Path) -> None:
    remove(path)
    shutil.copy(path.with_name("old.db"), path)
    os.utime(path)  # it is the newest file of all


def put_back_without_log(path: Path) -> None:
    remove(path)
    shutil.copy(path.with_name("no-log.db"), path)


HARM = [remove, empty, put_back, put_back_without_log]


@pytest.fixture
def folder(tmp_path: Path, blank_store: Path) -> Path:
    shutil.copy(blank_store, tmp_path / "gateway.db")
    return tmp_path


@pytest.mark.parametrize("harm", HARM)
async def test_an_older_store_is_refused_until_it_is_accepted(
    folder: Path, harm: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "gateway.db"
    async with gateway(folder) as made:
        await give(made, "a")
    shutil.copy(path, folder / "old.db")
    async with gateway(folder) as made:
        first = await give(made, "b", "c")
        shutil.copy(path, folder / "no-log.db")  # as if the log had been lost in a crash
    harm(path)
    for _ in range(2):
        with pytest.raises(StoreBehindError) as caught:
            async with gateway(folder):
                pass
    text = str(caught.value)
    assert f"store 'default' ({path}) is {'missing' if harm in {remove, empty} else 'older'}" in text
    assert (
        f"tenant demo, series main, invoice: the watermark has 3 ledger entries (next number {first[-1] + 1})" in text
    )
    assert ("the store has nothing of it" in text) == (harm in {remove, empty})
    async with gateway(folder, accept=True) as made:
        assert (await give(made, "d"))[0] <= first[0]
    shown = capsys.readouterr().out
    assert "store accepted as it is" in shown
    async with gateway(folder):  # and from then on it is the right one
        pass


async def test_commands_without_a_gateway_refuse_and_note_as_a_gateway_does(folder: Path) -> None:
    config, document = configured(folder)
    async with gateway(folder) as made:
        await give(made, "a")
    shutil.copy(folder / "gateway.db", folder / "old.db")
    request = SetRequest("demo", "main", INVOICE, 50_000, False, "")
    assert (await set_next(config, document, request))[0]
    known = WatermarkFile(folder / "mark.db").known("default").ends
    assert [end.next_number for end in known.values() if end.line == INVOICE and end.key == "main"] == [50_000]
    put_back(folder / "gateway.db")
    with pytest.raises(StoreBehindError):
        await set_next(config, document, request)
    async with StoreSessions(config) as place:
        await place.reading("default")  # looking is allowed
        with pytest.raises(StoreBehindError):
            await place.writing("default")


async def test_a_tenant_that_another_process_begins_anew_during_the_comparison_is_not_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway(folder) as made:
        await give(made, "a")
    async with gateway(folder, mark="other.db") as made:
        await give(made, "b")
        store, hashes_at = made.store.default, SqliteStore.hashes_at

        async def reset_meanwhile(self: SqliteStore, places: Sequence[LedgerPlace]) -> Mapping[LedgerPlace, str]:
            monkeypatch.undo()
            await made.states.reset(DEMO, BY, datetime.now(UTC))
            return await hashes_at(self, places)

        monkeypatch.setattr(SqliteStore, "hashes_at", reset_meanwhile)
        watermark = Watermark(folder / "mark.db")
        await watermark.check({"default": store})
        await watermark.close()


async def test_a_lost_watermark_is_mentioned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for mark, is_lost in (("mark.db", False), ("mark.db", False), ("elsewhere.db", True)):
        async with gateway(folder, mark=mark) as made:
            await give(made, mark)
        assert ("watermark knows nothing of this store" in capsys.readouterr().out) == is_lost
        assert {end.key for end in WatermarkFile(folder / mark).known("default").ends.values()} == {"main"}


def test_two_stores_beside_each_other_have_two_watermarks(folder: Path) -> None:
    names = ("shop.db", "shop.east", "shop.west")
    paths = [watermark_path(Config(store=f"sqlite:///{folder / name}")) for name in names]
    found = [path.name for path in paths if path is not None]
    assert found == ["shop.watermark.db", "shop.east.watermark.db", "shop.west.watermark.db"]


async def test_a_store_elsewhere_is_not_begun_anew(folder: Path, tmp_path: Path) -> None:
    async with gateway(folder) as made:
        await give(made, "a")
    with pytest.raises(StoreBehindError):
        async with gateway(folder, store=f"sqlite:///{tmp_path / 'elsewhere' / 'gateway.db'}"):
            pass
    assert not (tmp_path / "elsewhere").exists()


async def test_what_a_crash_leaves_is_served(folder: Path, tmp_path: Path) -> None:
    """At any moment, the watermark first, because it must never know more than the store."""
    async with gateway(folder) as made:
        for number in range(6):
            await give(made, f"key {number}")
            crashed = tmp_path / f"crashed-{number}"
            crashed.mkdir()
            for name in sorted(folder.glob("mark.db*")) + sorted(folder.glob("gateway.db*")):
                shutil.copy(name, crashed)
            async with gateway(crashed) as again:
                await give(again, "more")


async def changed(made: Gateway, how: str) -> None:
    if how == "reset":
        await made.states.reset(DEMO, BY, datetime.now(UTC))
    elif how == "restore":
        await made.states.save(DEMO, "s", datetime.now(UTC))
        await give(made, "x")
        await made.states.restore(DEMO, "s", BY)


@pytest.mark.parametrize("how", ["reset", "restore"])
async def test_a_tenant_that_is_begun_anew_is_noted_before_the_answer(folder: Path, how: str) -> None:
    file = WatermarkFile(folder / "mark.db")
    async with gateway(folder) as made:
        await give(made, "a", "b")
    shutil.copy(folder / "gateway.db", folder / "old.db")
    async with gateway(folder) as made:
        await changed(made, how)
        known = file.known("default")
        assert known.begun[DEMO]
        assert {end.begun for end in known.ends.values() if end.tenant == DEMO} == {known.begun[DEMO]}
    async with gateway(folder) as made:
        await give(made, "c")
    put_back(folder / "gateway.db")
    with pytest.raises(StoreBehindError, match="was replaced or deleted on purpose, and the store is from before that"):
        async with gateway(folder):
            pass


async def test_a_watermark_that_cannot_be_written_is_no_outage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with gateway(folder) as made:
        await give(made, "a", "b")

    def fail(*_: object) -> None:
        raise WatermarkError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(WatermarkFile, "write", fail)
        async with gateway(folder) as made:
            await give(made, "c")
            await changed(made, "reset")
            assert made.watermark.figures()["watermark_failures"] >= 2
    assert capsys.readouterr().out.count("watermark not written") == 1
    # the store has a note of its own that the tenant was begun anew, so the old watermark refuses nothing
    async with gateway(folder) as made:
        await give(made, "d")
    assert WatermarkFile(folder / "mark.db").known("default").begun[DEMO]


async def test_a_damaged_watermark_is_no_watermark(folder: Path) -> None:
    async with gateway(folder) as made:
        await give(made, "a")
    (folder / "mark.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match=r"mark\.db is damaged .* move it away"):
        async with gateway(folder):
            pass
    (folder / "mark.db").unlink()
    async with gateway(folder):
        assert WatermarkFile(folder / "mark.db").known("default").ends == {}
    assert WatermarkFile(folder / "mark.db").known("default").ends  # what is there is noted soon after the start


@pytest.fixture
def databases(cluster: pg.Cluster) -> Iterator[tuple[str, Callable[[], str]]]:
    """A database, and what makes a copy of it as it is."""
    made = [cluster.database(TEMPLATE)]

    def copy() -> str:
        made.append(cluster.database(made[0]))
        return cluster.url(made[-1])

    yield cluster.url(made[0]), copy
    for name in made:
        cluster.drop(name)


async def test_an_older_database_is_refused(
    folder: Path, databases: tuple[str, Callable[[], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, copy = databases
    async with gateway(folder, store=store) as made:
        await give(made, "a")
    old = copy()
    async with gateway(folder, store=store) as made, gateway(folder, store=store, mark="other.db") as other:
        # two processes, each with a file of its own, or with one file together
        assert await give(made, "b") < await give(other, "c")
        await changed(other, "reset")
        with (
            monkeypatch.context() as patched
        ):  # this machine's clock is behind, and it has not heard of the other reset
            patched.setattr(time, "time_ns", lambda: 1)
            made.store.default.begun = {}
            await changed(made, "reset")
        await give(made, "d")
    for mark in ("mark.db", "other.db"):  # a reset by the other one is no reason to refuse
        async with gateway(folder, store=store, mark=mark) as made:
            await give(made, f"e {mark}")
    for mark in ("mark.db", "other.db"):
        with pytest.raises(StoreBehindError, match="series main, invoice"):
            async with gateway(folder, store=old, mark=mark):
                pass
    async with gateway(folder, store=old, accept=True):
        pass
    async with gateway(folder, store=old, mark="other.db") as made:  # the store knows that it was accepted
        await give(made, "f")
