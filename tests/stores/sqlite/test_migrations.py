"""Numbered files of SQL build the tables of every store, from nothing or from an earlier release; a failure changes nothing."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.stores import migrate_store, migrations
from gateway.stores.errors import StoreOpenError
from tests.stores.migrations import aged, describe, released

TYPES = {"INTEGER": "BIGINT", "BLOB": "BYTEA"}
"""Types that SQLite names differently. An INTEGER key is the row's own number, a BIGINT key is not."""


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def description(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return describe.of_sqlite(connection)


@pytest.fixture(params=released.OLDER)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file as an earlier release left it."""
    path = tmp_path / f"{request.param}.db"
    released.make_file(path, request.param)
    return path


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_every_revision_has_one_file_for_each_database(database: str) -> None:
    files = sorted((Path(migrations.__file__).parent / database).iterdir())
    assert [path.name.partition("_")[0] for path in files] == list(migrations.REVISIONS)
    assert {path.suffix for path in files} == {".sql"}


def test_a_new_file_has_the_tables_that_are_written_down(blank_store: Path) -> None:
    assert description(blank_store) == describe.expected("sqlite")


def test_the_stores_use_the_tables_and_columns_that_there_are(blank_store: Path) -> None:
    with contextlib.closing(sqlite3.connect(blank_store)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert names == {table.name for table in describe.TABLES} | {migrations.VERSION_TABLE}
        for table in describe.TABLES:
            columns = connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table.name,)).fetchall()
            assert [(name, TYPES.get(kind, kind)) for name, kind, _ in columns] == list(table.types.items())
            key = sorted((place, name) for name, _, place in columns if place)
            assert tuple(name for _, name in key) == table.key


# Stores of earlier releases


async def test_an_older_file_is_upgraded_and_keeps_what_is_in_it(old: Path) -> None:
    before = released.rows_of_file(old)
    missing = migrations.REVISIONS[migrations.REVISIONS.index(old.stem) + 1 :]
    assert migrate_store(url(old), dry_run=True) == missing
    assert released.rows_of_file(old) == before
    assert migrate_store(url(old)) == missing
    assert description(old) == describe.expected("sqlite")
    released.assert_kept(before, released.rows_of_file(old))
    assert migrate_store(url(old)) == ()


@pytest.mark.parametrize("revision", released.RELEASED)
async def test_a_file_of_any_revision_is_opened_and_goes_on(tmp_path: Path, revision: str) -> None:
    released.make_file(tmp_path / "any.db", revision)
    await released.assert_alive(url(tmp_path / "any.db"))
    assert description(tmp_path / "any.db") == describe.expected("sqlite")


async def test_customers_and_products_are_found_by_what_they_are_found_by_today(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    released.make_file(path, "0007")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for table, rows in aged.former_rows().items():
            places = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({places})", rows)
        connection.commit()
    await aged.assert_renewed(url(path))


# All or nothing


@pytest.mark.parametrize("at", migrations.REVISIONS[2:])
def test_a_crash_in_the_middle_leaves_the_old_revision(tmp_path: Path, at: str) -> None:
    path = tmp_path / "old.db"
    released.make_file(path, "0001")
    rows, tables = released.rows_of_file(path), description(path)
    assert subprocess.run([sys.executable, "-c", released.CRASH, url(path), at], check=False).returncode == 9
    assert (released.rows_of_file(path), description(path)) == (rows, tables)
    assert migrate_store(url(path)) == migrations.REVISIONS[1:]
    released.assert_kept(rows, released.rows_of_file(path))


def test_a_crash_while_a_file_is_made_leaves_no_tables(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    assert subprocess.run([sys.executable, "-c", released.CRASH, url(path), "0004"], check=False).returncode == 9
    assert description(path).strip() == ""
    assert migrate_store(url(path)) == migrations.REVISIONS
    assert description(path) == describe.expected("sqlite")


def test_a_revision_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, tables = released.rows_of_file(old), description(old)
    with monkeypatch.context() as patch:
        released.break_newest(patch)
        with pytest.raises(StoreOpenError, match=r"cannot open store .*nowhere"):
            migrate_store(url(old))
    assert (released.rows_of_file(old), description(old)) == (rows, tables)
    migrate_store(url(old))
    released.assert_kept(rows, released.rows_of_file(old))


def make_version_table(path: Path, *others: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for name in (migrations.VERSION_TABLE, *others):
            connection.execute(f"CREATE TABLE {name} (version_num VARCHAR(32) NOT NULL)")


def test_a_version_table_without_a_version_is_nobodys(tmp_path: Path) -> None:
    make_version_table(tmp_path / "empty.db")
    assert migrate_store(url(tmp_path / "empty.db")) == migrations.REVISIONS
    make_version_table(tmp_path / "foreign.db", "customers")
    before = (tmp_path / "foreign.db").read_bytes()
    with pytest.raises(StoreOpenError, match="not one of invoice-gateway"):
        migrate_store(url(tmp_path / "foreign.db"))
    assert (tmp_path / "foreign.db").read_bytes() == before


# Scripts for SQLite

TRIGGER = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = ';'; DELETE FROM a; END;"


@pytest.mark.parametrize(
    "statements",
    [
        ["SELECT 1;", "SELECT 2;", "SELECT 3;"],
        ["SELECT 1;", TRIGGER, "SELECT 2;"],
        ["SELECT ';', \"c;d\", [c;d] FROM a;"],
        ["-- one; two\nSELECT 1;", "-- three;\n/* four; */ SELECT 2;", "-- five; six"],
        ["SELECT 1;", "SELECT 2"],
    ],
)
@pytest.mark.parametrize("between", [" ", "\n\n"])
def test_a_script_is_split_where_a_statement_ends(statements: list[str], between: str) -> None:
    split = list(migrations._statements(between.join(statements) + "\n"))
    assert [text.strip() for text in split if text.strip()] == statements
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute('CREATE TABLE a (b, "c;d")')
        connection.execute("BEGIN")
        for text in split:
            connection.execute(text)
        assert connection.in_transaction
