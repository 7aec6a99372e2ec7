"""Real processes: the exit code and the text for an older store, and workers that are killed again and again."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pg
from tests.processes import EXAMPLE, run, serving
from tests.stores.postgres.conftest import TEMPLATE, cluster
from tests.until import until

__all__ = ["cluster"]

SERVE = ("serve", "--config", str(EXAMPLE), "--port", "0", "--admin-port", "0")


def moved_on(folder: Path, store: str, number: int) -> None:
    words = ("--config", str(EXAMPLE), "--store", store)
    done = run("series", "set", "main", str(number), *words, folder=folder, **watermark(folder))
    assert done.returncode == 0, done.stderr


def watermark(folder: Path) -> dict[str, str]:
    return {"INVOICE_GATEWAY_WATERMARK__PATH": str(folder / "gateway.watermark.db")}


def test_an_older_copy_ends_with_exit_code_4(tmp_path: Path) -> None:
    path, old = tmp_path / "gateway.db", tmp_path / "old.db"
    with serving(tmp_path) as running:
        assert running.stop() == 0
    shutil.copy(path, old)
    moved_on(tmp_path, f"sqlite:///{path}", 12_345)
    for beside in tmp_path.glob("gateway.db*"):
        beside.unlink()
    shutil.copy(old, path)
    done = run(*SERVE, "--store", f"sqlite:///{path}", folder=tmp_path, **watermark(tmp_path))
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "tenant demo, series main, invoice: the watermark has" in done.stderr
    assert "(next number 12345); the store has" in done.stderr
    assert "invoice-gateway serve --accept-store" in done.stderr
    with serving(tmp_path, more=["--accept-store"]) as running:
        assert running.stop() == 0
    assert (tmp_path / "stderr.log").read_text(encoding="utf-8").count("store accepted as it is") >= 1


@pytest.fixture
def database(cluster: pg.Cluster) -> Iterator[str]:
    name = cluster.database(TEMPLATE)
    yield cluster.url(name)
    cluster.drop(name)


def workers_of(pid: int) -> list[int]:
    return [int(own) for own in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


async def test_killed_workers_come_back(database: str, tmp_path: Path) -> None:
    """They share one file, also with a command. None of them is kept from starting by it."""
    log = tmp_path / "stderr.log"
    with serving(tmp_path, more=["--workers", "2", "--store", database]) as running:
        before = workers_of(running.process.pid)
        moved_on(tmp_path, database, 20_000)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await until(lambda: log.read_text(encoding="utf-8").count("worker replaced") == 2)
        assert running.stop() == 0
    assert "older than the watermark" not in log.read_text(encoding="utf-8")
