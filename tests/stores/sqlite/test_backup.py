"""A backup is whole, private and of one instant; what is put in a store's place is checked; a crash leaves one of the two."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gateway.stores.errors import StoreError
from gateway.stores.sqlite.backup import FileExistsAlreadyError, back_up, read_former, what_is_held
from gateway.stores.sqlite.replacement import CopyRefusedError, replace, staged
from gateway.stores.sqlite.store import SqliteStore
from tests.stores.commands import number_for, provide_main
from tests.stores.conftest import MakeStore


def killed_at(step: int, store: Path, copy: Path) -> bool:
    """Replace a store in a process that is killed before one of its steps. False when it has fewer steps."""
    left = iter(range(step))

    def count(_: str) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        try:
            replace(store, copy, count)
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL}
    return status != 0


async def filled(make_store: MakeStore, count: int) -> SqliteStore:
    store = await make_store()
    await provide_main(store)
    for number in range(count):
        await number_for(store, f"k{number}")
    return store


def numbers_in(path: Path) -> int:
    """How many ledger entries a store file has, read as a gateway's next start would."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(connection.execute("SELECT count(*) FROM ledger").fetchone()[0])


async def test_a_backup_beside_a_writer_is_private_and_alone(make_store: MakeStore, tmp_path: Path) -> None:
    store = await filled(make_store, 3)
    umask = os.umask(0)
    try:
        held = back_up(store.path, tmp_path / "copy.db")
    finally:
        os.umask(umask)
    assert (held.entries, held.lines) == (4, [("demo", "main", "invoice", 4, 3)])
    assert held.last is not None
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]
    assert (tmp_path / "copy.db").read_bytes()[18:20] == b"\x01\x01", "the copy needs no log beside it"
    assert await number_for(store, "next") == 4
    assert what_is_held(tmp_path / "copy.db").entries == 4


async def test_a_backup_writes_over_nothing(make_store: MakeStore, tmp_path: Path) -> None:
    store = await filled(make_store, 1)
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("there", "dangling"):
        with pytest.raises(FileExistsAlreadyError):
            back_up(store.path, tmp_path / name)
    assert (tmp_path / "there").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "nowhere").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


async def test_a_damaged_store_is_not_backed_up(make_store: MakeStore, tmp_path: Path) -> None:
    """The damage is where nobody looks who only asks what the copy holds."""
    store = await filled(make_store, 40)
    await store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'issued'").fetchone()
    data = bytearray(store.path.read_bytes())
    data[4096 * (page - 1) : 4096 * (page - 1) + 200] = bytes(200)
    store.path.write_bytes(data)
    with pytest.raises(StoreError, match="is damaged, and was not backed up"):
        back_up(store.path, tmp_path / "copy.db")
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


async def test_a_file_system_without_links_will_do(
    make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await filled(make_store, 1)
    await store.close()

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert back_up(store.path, tmp_path / "copy.db").entries == 2
    with pytest.raises(FileExistsAlreadyError):
        back_up(store.path, tmp_path / "copy.db")
    with staged(tmp_path / "copy.db", store.path) as copy:
        kept = replace(store.path, copy)
    assert kept is not None
    assert (numbers_in(kept), numbers_in(store.path)) == (2, 2)


async def test_what_cannot_take_the_stores_place(make_store: MakeStore, tmp_path: Path) -> None:
    store = await filled(make_store, 40)
    whole = tmp_path / "whole.db"
    back_up(store.path, whole)
    with pytest.raises(CopyRefusedError, match="is in use by process"), staged(store.path, tmp_path / "other.db"):
        pass
    with pytest.raises(CopyRefusedError, match="is the store itself"), staged(whole, whole):
        pass
    damaged, cut, plain, newer, strange = (tmp_path / name for name in ("d.db", "c.db", "p.db", "n.db", "s.db"))
    data = bytearray(whole.read_bytes())
    for place in range(4096 * 9, 4096 * 9 + 200):
        data[place] ^= 0xFF
    damaged.write_bytes(data)
    cut.write_bytes(whole.read_bytes()[: 4096 * 7])
    plain.write_bytes(b"")
    shutil.copy(whole, newer)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with closing(sqlite3.connect(strange)) as connection, connection:
        connection.execute("CREATE TABLE songs (id)")
    for path, text in {
        damaged: "is damaged",
        cut: "is damaged",
        plain: "holds no store",
        newer: "does not know",
        strange: "not one of invoice-gateway",
        tmp_path / "none.db": "does not exist",
    }.items():
        with pytest.raises(CopyRefusedError, match=text) as caught, staged(path, tmp_path / "other.db"):
            pass
        assert str(path) in str(caught.value)
    assert not [path for path in tmp_path.iterdir() if "restoring" in path.name]


async def test_a_plain_copy_with_its_log_is_read_with_its_log(make_store: MakeStore, tmp_path: Path) -> None:
    store = await filled(make_store, 5)
    for suffix in ("", "-wal"):
        shutil.copy(f"{store.path}{suffix}", tmp_path / f"plain.db{suffix}")
    with staged(tmp_path / "plain.db", tmp_path / "other.db") as copy:
        assert what_is_held(copy).entries == 6


@pytest.mark.process
async def test_a_kill_at_any_instant_leaves_the_old_store_or_the_new_one(make_store: MakeStore, tmp_path: Path) -> None:
    store = await filled(make_store, 2)
    back_up(store.path, tmp_path / "copy.db")
    await number_for(store, "after the copy")
    former = tmp_path / "former"
    former.mkdir()
    for suffix in ("", "-wal", "-shm"):  # as a gateway that was killed leaves them: nearly everything is in the log
        shutil.copy(f"{store.path}{suffix}", former / f"numbers.db{suffix}")
    await store.close()
    outcomes, finished, step = [], False, 0
    while not finished:
        folder = tmp_path / f"step-{step}"
        shutil.copytree(former, folder)
        path = folder / "numbers.db"
        shutil.copy(tmp_path / "copy.db", folder / "staged")
        finished = not killed_at(step, path, folder / "staged")
        outcomes.append(numbers_in(path))
        step += 1
    assert set(outcomes) == {3, 4}
    assert outcomes == sorted(outcomes, reverse=True), "once the new store is there, it stays"
    kept = [path for path in folder.iterdir() if ".replaced-" in path.name and path.suffix != ".db-shm"]
    assert max(map(numbers_in, [path for path in kept if not path.name.endswith(("-wal", "-shm"))])) == 4
    assert step > 6


async def test_a_damaged_store_can_be_replaced_and_is_kept(make_store: MakeStore, tmp_path: Path) -> None:
    store = await filled(make_store, 2)
    back_up(store.path, tmp_path / "copy.db")
    await store.close()
    store.path.write_bytes(b"not a database" * 1000)
    store.path.with_name(f"{store.path.name}-wal").write_bytes(b"old log")
    assert read_former(store.path) == (set(), {})
    with staged(tmp_path / "copy.db", store.path) as copy:
        kept = replace(store.path, copy)
    assert kept is not None
    assert kept.read_bytes().startswith(b"not a database")
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"old log"
    assert numbers_in(store.path) == 3


async def test_a_store_that_is_being_read_is_not_replaced(
    make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await filled(make_store, 2)
    back_up(store.path, tmp_path / "copy.db")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM ledger").fetchone() == (3,)
        await number_for(store, "more")
        await store.close()
        monkeypatch.setattr("gateway.stores.sqlite.connection.BUSY_SECONDS", 0.01)
        with (
            pytest.raises(StoreError, match="is being read by another program"),
            staged(tmp_path / "copy.db", store.path) as copy,
        ):
            replace(store.path, copy)
    assert numbers_in(store.path) == 4
    assert not [path for path in tmp_path.iterdir() if ".replaced-" in path.name]
