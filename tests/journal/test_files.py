"""Only its owner can read a journal, and a file that is no journal is refused and stays as it is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.journal.file import note_not_recording
from gateway.journal.models import JournalError
from gateway.journal.opening import connect
from gateway.journal.worker_files import SharedIds, held_by_supervisor
from tests.journal.rig import book
from tests.journal.test_honesty import told


@pytest.fixture(params=[0o000, 0o022, 0o002])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.mark.usefixtures("_umask")
async def test_every_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with held_by_supervisor(path):
        ids = SharedIds.after_all(path)
        async with book(tmp_path, shared_ids=ids) as first, book(tmp_path, shared_ids=ids) as second:
            for each in (first, second):
                each.record()
                await each.journal.written()
            found = modes(tmp_path)
    names = {f"journal{number}.db{end}" for number in ("", ".2") for end in ("", "-wal", "-shm", ".lock")}
    assert found == dict.fromkeys(names | {"journal.0.db.lock"}, 0o600)


async def test_files_that_others_could_read_are_narrowed(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record()
    left = sqlite3.connect(tmp_path / "journal.db")  # it keeps the log from being removed
    left.execute("SELECT count(*) FROM entries").fetchone()
    for file in tmp_path.iterdir():
        file.chmod(0o666)
    async with book(tmp_path) as kept:
        assert await told(kept) == (1, True, [])
        assert set(modes(tmp_path)) >= {"journal.db-wal", "journal.db-shm"}
        assert set(modes(tmp_path).values()) == {0o600}
    left.close()


def text(path: Path) -> None:
    path.write_text("notes that somebody needs\n" * 100)


def database(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE series (id INTEGER)")
    db.close()


def damaged_database(path: Path) -> None:
    database(path)
    head = path.read_bytes()[:100]
    path.write_bytes(head + b"x" * 4000)


def database_with_a_log(path: Path) -> None:
    other = path.with_name("other.db")
    with sqlite3.connect(other) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE state (id INTEGER)")
        db.commit()
        for end in ("", "-wal"):
            path.with_name(path.name + end).write_bytes(other.with_name(other.name + end).read_bytes())
    db.close()


def folder(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    connect(path.with_name("real.db")).close()
    path.symlink_to(path.with_name("real.db"))


def pipe(path: Path) -> None:
    os.mkfifo(path)


FOREIGN = [text, database, damaged_database, database_with_a_log, folder, link, pipe]


@pytest.mark.parametrize("make", FOREIGN)
async def test_what_is_no_journal_is_refused_and_stays_as_it_is(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "journal.db"
    make(path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    with pytest.raises(JournalError, match=r"journal\.db is .*set journal\.path"):
        async with book(tmp_path):
            pass
    with pytest.raises(JournalError, match=r"journal\.db is .*set journal\.path"):
        note_not_recording(path, datetime.now(UTC))
    with pytest.raises(JournalError, match=r"journal\.db is .*set journal\.path"):
        connect(path)
    assert SharedIds.after_all(path).ahead_ns
    assert {file: file.read_bytes() for file in before} == before
    assert not list(tmp_path.glob("*.damaged"))


async def test_a_journal_of_an_earlier_version_is_marked_as_one(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record()
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("PRAGMA application_id = 0")
    db.close()
    async with book(tmp_path) as kept:
        assert await told(kept) == (1, True, [])
    db = sqlite3.connect(tmp_path / "journal.db")
    assert db.execute("PRAGMA application_id").fetchone()[0]
    db.close()
