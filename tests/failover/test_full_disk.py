"""A full disk under a SQLite store, and under the log: answers stay in the dialect, and no acknowledged number is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import aiohttp
import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores import SqliteStore, open_store
from gateway.web.request_log import RequestLog
from tests.conftest import example_config
from tests.cross_dialect.faces import Resurs
from tests.failover import file_faults
from tests.failover.scene import file_scene
from tests.processes import READY, clean_environment
from tests.skips import require_or_skip
from tests.stores.commands import number_for, peek, provide_main

FULL = Path("/dev/full")


@pytest.mark.parametrize("beside", ["nobody", "reader"])
async def test_a_full_disk_loses_nothing(tmp_path: Path, beside: str) -> None:
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(file_faults.small_disk(tmp_path / "small"))
            fault = file_faults.disk_filled(folder)
        except OSError:  # mounting is not permitted: files that may not grow are the next best
            folder = tmp_path / "limited"
            fault = file_faults.file_limited
        if beside == "reader":
            fault = file_faults.beside_a_reader(fault)
        async with file_scene(folder) as scene:
            row = await scene.run("disk full", fault)
    assert row.sound, (row.verdict, row.failures, row.bugs)
    assert not [said for said in row.failures if said.startswith("no ")], row.failures


async def test_a_disk_that_was_full_beside_a_reader_takes_commits_again(tmp_path: Path) -> None:
    """A copy or a verification of the file may take long. Recovery must not wait for its end."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(file_faults.small_disk(tmp_path / "small"))
        except OSError as error:
            require_or_skip("a small file system of its own", str(error))
        store = open_store(f"sqlite:///{disk / 'numbers.db'}")
        await store.start()
        try:
            await provide_main(store)
            reader = stack.enter_context(closing(sqlite3.connect(store.path, isolation_level=None)))
            reader.execute("BEGIN")
            assert reader.execute("SELECT * FROM issued").fetchall() == []
            given = await _numbers_until_full(store, disk)
            assert await number_for(store, "afterwards") == given + 1
            assert await store.ready()
            assert await peek(store) == given + 2
            assert reader.execute("SELECT * FROM issued").fetchall() == []
            assert (await store.verify())[1] == []
        finally:
            await store.close()


async def _numbers_until_full(store: SqliteStore, disk: Path) -> int:
    """Give out numbers while another file takes the rest of the disk; returns how many, when the other file is gone."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        file_faults.fill(file)
    numbers: list[int] = []
    with pytest.raises(StoreUnavailableError):
        await _give_out(store, numbers)
    assert not await store.ready()
    ballast.unlink()
    return len(numbers)


async def _give_out(store: SqliteStore, numbers: list[int]) -> None:
    while True:
        numbers.append(await number_for(store, f"key {len(numbers)}"))


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_request_lines_that_cannot_be_written_are_lost() -> None:
    stream = FULL.open("w", encoding="utf-8")
    log = RequestLog("text", stream)
    log._lines.append("a request")
    log.flush()
    with pytest.raises(OSError, match="No space left"):
        stream.close()


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
async def test_a_log_that_cannot_be_written_breaks_no_answer(tmp_path: Path) -> None:
    example_config(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("requests: false", "requests: true"), encoding="utf-8")
    words = ["serve", "--config", str(config), "--port", "0", "--admin-port", "0"]
    with FULL.open("wb") as nowhere:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", *words, "--store", f"sqlite:///{tmp_path / 'numbers.db'}"],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=nowhere,
            text=True,
        )
    try:
        assert process.stdout is not None
        ready = READY.fullmatch(process.stdout.readline())
        assert ready
        async with aiohttp.ClientSession() as session:
            resurs = Resurs(session, ready[1])
            assert await resurs.set(7)
            at_once = [resurs.next() for _ in range(1000)]  # more than the log collects before it writes
            assert set(await asyncio.gather(*at_once)) == {7}
    finally:
        process.kill()
        process.communicate(timeout=20)
