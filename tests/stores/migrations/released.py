"""Stores as earlier releases left them (the files beside this one), and what must be true after an upgrade."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.core.commands import IssueRequest, PeekNext, SaveDocument, SaveDocuments
from gateway.core.documents import Document
from gateway.core.values import Counter
from gateway.stores import DatabaseStore, migrations, open_store
from gateway.stores.engine import tables
from tests.stores.commands import BY, LINE, TENANT, number_for

HERE: Final = Path(__file__).parent
RELEASED: Final = tuple(own for own in migrations.REVISIONS if (HERE / "sqlite" / f"{own}.sql").exists())
"""The revisions that a release had; each has a file here. Revisions in between were never in anybody's store."""
OLDER: Final = tuple(own for own in RELEASED if own != migrations.REVISIONS[-1])

Rows = dict[str, list[dict[str, Any]]]
"""The rows of each table."""

CRASH: Final = """
import os, sys
from gateway.stores import migrate_store, migrations

true_script = migrations._script

def script(database, revision):
    if revision == sys.argv[2]:
        os._exit(9)
    return true_script(database, revision)

migrations._script = script
migrate_store(sys.argv[1])
"""
"""A migration that dies before it applies the revision named by the second argument."""

_BROKEN: Final = "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);"


def released(database: str, revision: str) -> str:
    """A store at a revision, as SQL.

    database: `sqlite` or `postgres`.
    """
    return (HERE / database / f"{revision}.sql").read_text(encoding="utf-8")


def break_newest(patch: pytest.MonkeyPatch) -> None:
    """The newest revision fails after its first statement."""
    true_script = migrations._script

    def script(database: str, revision: str) -> str:
        return _BROKEN if revision == migrations.REVISIONS[-1] else true_script(database, revision)

    patch.setattr(migrations, "_script", script)


def make_file(path: Path, revision: str) -> None:
    """Make a SQLite file at a revision."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(released("sqlite", revision))


def rows(columns: Iterable[str], found: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Rows in a definite order, without their NULL values."""
    names = list(columns)
    given = [{name: row[place] for place, name in enumerate(names) if row[place] is not None} for row in found]
    return _in_order(given)


def rows_of_file(path: Path) -> Rows:
    """Everything in a SQLite file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        cursors = {name: connection.execute(f'SELECT * FROM "{name}"') for (name,) in tables}
        return {name: rows((column[0] for column in cursor.description), cursor) for name, cursor in cursors.items()}


def assert_kept(before: Rows, after: Rows) -> None:
    """The revision is the newest one; apart from what revisions change on purpose, nothing was added or removed."""
    newest = {migrations.VERSION_TABLE: [{"version_num": migrations.REVISIONS[-1]}]}
    for record in after.get("records", ()) if "records" not in before else ():
        assert record.pop("registered") == record.pop("changed") > 0
    assert after == {name: [] for name in after} | _upgraded(before) | newest


def _upgraded(before: Rows) -> Rows:
    """What revisions make of older rows."""
    rows = {name: _in_order(_with_names(name, row) for row in own) for name, own in before.items()}
    if any("section" in row for row in before.get("catalogue", ())):  # what processes that share a database compare
        versions = [row for row in rows["meta"] if row["name"].startswith("catalogue-version:")]
        rows["meta"] = [row | {"value": "0006"} if row in versions else row for row in rows["meta"]]
    customers = [row for row in rows.get("catalogue", ()) if row["list"] == "customers"]
    if customers:
        rows["catalogue"] = [row for row in rows["catalogue"] if row not in customers]
        rows |= _as_records(customers)
    return _renewed(rows)


def _renewed(rows: Rows) -> Rows:
    """Revision 0008: the body of a customer has all fields of today but the id, and a made-up id is above every other one."""
    sizes, usages = {}, rows.get("record_usage", [])
    records = list(rows.get("records", ()))
    for place, row in enumerate(records):
        if row["kind"] == "customer":
            text = row["body"].decode().replace('"id":1,', "")
            body = text.replace('"extras":{}', '"extras":{},"external_id":"","emails":[],"phones":[]').encode()
            records[place] = row | {"format": 2, "body": body}
            sizes[row["tenant"]] = len(body) - len(row["body"])
    renewed = [
        row | {"bytes": row["bytes"] + sizes[row["tenant"]], "last_id": 1} if row["kind"] == "customer" else row
        for row in usages
    ]
    return rows if not records else {**rows, "records": _in_order(records), "record_usage": _in_order(renewed)}


def _as_records(customers: Sequence[dict[str, Any]]) -> Rows:
    """Revision 0006: customers are records, found by their names; these have nothing else to be found by."""
    rows: Rows = {"records": [], "record_values": [], "record_usage": []}
    for item in customers:
        name, place, body = (
            json.loads(item["body"])["name"],
            f"{len(item['id']):02x}{item['id']}",
            item["body"].encode(),
        )
        own = {"tenant": item["tenant"], "kind": "customer", "id": place}
        found_by = json.dumps({"name": [name.casefold()]}, ensure_ascii=False, separators=(",", ":"))
        rows["records"].append({**own, "format": 1, "version": 1, "found_by": found_by, "body": body})
        rows["record_values"].append({**own, "field": "name", "value": name.casefold()})
        size = len(body) + len(item["id"]) + len(name)
        usage = {"records": 1, "tombstones": 0, "bytes": size, "last_id": -1}
        rows["record_usage"].append({"tenant": item["tenant"], "kind": "customer", **usage})
    return {name: _in_order(_columns_in_order(name, row) for row in own) for name, own in rows.items()}


def _columns_in_order(name: str, row: dict[str, Any]) -> dict[str, Any]:
    table: tables.Table = getattr(tables, name)
    return {column: row[column] for column in table.columns if column in row}


def _with_names(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Revision 0005: a number line has a name, which was the kind of its documents before. No number is reserved.

    Revision 0006: what a list of the catalogue is called by has another name.
    """
    if table == "catalogue":
        row = {("list" if name == "section" else name): value for name, value in row.items()}
    if table in {"counters", "issued", "ledger"} and "kind" in row:
        row = {("line" if name == "kind" else name): value for name, value in row.items()}
    if table == "issued" and "reserved" not in row:
        row = {**row, "reserved": 0}
    if table == "documents" and "number" in row and "line" not in row:
        row = {**row, "line": row["kind"]}
    return row


def _in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)


async def assert_alive(url: str) -> None:
    """The ledger verifies, and numbers go on where they stopped, with documents and without."""
    store = open_store(url)
    await store.start()
    try:
        assert (await store.verify())[1] == []
        before = await _line(store)
        assert before.next_number in {4, 5}
        assert await number_for(store, "next") == before.next_number
        document = SaveDocument(Document(TENANT, lines=()), issue=IssueRequest("with-document"))
        (saved,) = (await store.execute(SaveDocuments(TENANT, (document,), BY))).saved
        assert saved.document.number == before.next_number + 1
        assert (await _line(store)).issued == before.issued + 2
        assert (await store.verify())[1] == []
    finally:
        await store.close()


async def _line(store: DatabaseStore) -> Counter:
    return (await store.read(PeekNext(TENANT, LINE))).counter
