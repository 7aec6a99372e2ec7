"""Every table is the store's own, or goes wherever its tenant goes: export, move, snapshot, reset, purge, import."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.core.catalogue import Customer, Product, Project
from gateway.core.catalogue_records import item_of
from gateway.core.ports import StoreUnavailableError
from gateway.core.records import KindName
from gateway.core.values import TenantId
from gateway.stores import migrations, open_store, open_transfer
from gateway.stores.engine import tables
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.record_rows import record_of as record_of_row
from gateway.stores.engine.record_rows import usages_of
from gateway.stores.engine.rows import item_row
from gateway.stores.engine.statements import CLEAR, STATEMENTS
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import CONDITIONS, NO_TENANTS, NOT_PUT, PUT, SEED, Contents
from gateway.stores.engine.transfer import LastIds, TenantTransfer
from gateway.stores.export_file import Head, digest_of, pages_of, read_pages, write_export

TENANT, OTHER = TenantId("ours"), TenantId("theirs")
TABLES = {table for table in vars(tables).values() if isinstance(table, Table)}
FENCE = Fence("arriving", "test", "move", "2024-02-29T12:00:00+00:00")

_OF_TYPE = {"TEXT": "x", "BIGINT": 1, "BOOLEAN": True, "BYTEA": b"\0\xff"}
_SPECIAL: dict[str, Any] = {
    "latest_date": "2024-02-29",
    "document_date": "2024-02-29",
    "list": "projects",
    "body": '{"id": 1, "name": "x"}',
    "found_by": "{}",
}


def row_of(table: Table, tenant: TenantId) -> list[Any]:
    """A made-up row of a tenant, whatever the table is; ids of two tenants differ."""
    number = 1 if tenant == TENANT else 2
    special = {**_SPECIAL, "tenant": tenant, "digest": tenant, "id": number, "series": number}
    row = []
    for name, kind in table.types.items():
        value = special.get(name, _OF_TYPE[kind])
        fits = isinstance(value, type(_OF_TYPE[kind]))
        row.append(value if fits else str(value) if kind == "TEXT" else _OF_TYPE[kind])
    return [SEED + tenant, "x"] if table is tables.meta else row


def test_each_table_of_the_database_is_somebodys(blank_store: Path) -> None:
    with contextlib.closing(sqlite3.connect(blank_store)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    known = {*CONDITIONS, *NO_TENANTS}
    assert names - {migrations.VERSION_TABLE} == {table.name for table in known}
    assert known == TABLES
    assert not set(CONDITIONS) & set(NO_TENANTS)
    assert all(NO_TENANTS.values())
    assert all(NOT_PUT.values())


def test_each_table_of_a_tenant_is_put_back_and_cleared() -> None:
    assert set(CONDITIONS) == {*PUT, *NOT_PUT}
    assert all(statement.table is table for table, statement in PUT.items())
    cleared = {statement.table for statement in CLEAR}
    assert cleared == set(PUT) - {tables.meta}  # notes go one by one
    assert set(PUT.values()) | set(CLEAR) <= set(STATEMENTS)


async def rows_of(transfer: TenantTransfer, tenant: TenantId) -> dict[str, Sequence[Any]]:
    async with transfer.reading(tenant) as pages:
        return {table.name: rows async for table, rows in pages}


async def fill(url: str) -> None:
    """Give two tenants one row in each table."""
    transfer = await open_transfer(url, write=True)
    for tenant in (TENANT, OTHER):

        async def pages(tenant: TenantId = tenant) -> Any:
            for table in CONDITIONS:
                yield table, [tuple(row_of(table, tenant))]

        await transfer.load(tenant, pages(), None, FENCE, LastIds())
        await transfer.set_fence(tenant, FENCE, None)
    await transfer.close()


async def check_journey(url: str, file: Path) -> None:
    """Take a tenant out and put it in again, by each way there is; nothing is missing, and nobody else is touched."""
    await fill(url)
    transfer = await open_transfer(url, write=True)
    before, others = await rows_of(transfer, TENANT), await rows_of(transfer, OTHER)
    assert list(before) == [table.name for table in CONDITIONS]
    async with transfer.reading(TENANT) as pages:
        summary = await write_export(file, Head(TENANT, migrations.REVISIONS[-1], "test", "now"), pages)
    assert [table.name for table, _ in read_pages(file)] == list(before)
    await transfer.set_fence(TENANT, None, FENCE)
    await transfer.clear(TENANT, FENCE, None)
    assert await rows_of(transfer, TENANT) == {}
    assert not (await transfer.presence(TENANT)).rows
    await transfer.load(TENANT, pages_of(file), None, FENCE, LastIds())
    await transfer.set_fence(TENANT, FENCE, None)
    async with transfer.reading(TENANT) as pages:
        assert (await digest_of(pages)).content == summary.content
    await transfer.close()
    await check_snapshot(url, before)
    transfer = await open_transfer(url, write=True)
    assert await rows_of(transfer, TENANT) == before
    assert await rows_of(transfer, OTHER) == others
    await transfer.close()


async def check_snapshot(url: str, before: dict[str, Sequence[Any]]) -> None:
    store = open_store(url)
    await store.start()
    try:
        contents = await store.tenant_records.contents(TENANT)
        assert {name: list(rows) for name, rows in contents.rows.items()} == {
            table.name: list(before[table.name]) for table in PUT
        }
        kept = Contents.unpack(contents.pack())
        assert kept.rows == {name: list(map(tuple, rows)) for name, rows in contents.rows.items()}
        await store.tenant_records.replace(TENANT, Contents())
        assert (await store.tenant_records.contents(TENANT)).count == 0
        await store.tenant_records.replace(TENANT, kept)
        assert (await store.tenant_records.contents(TENANT)).rows == contents.rows
    except StoreUnavailableError as error:  # the cause says more
        raise error.__cause__ or error from error
    finally:
        await store.close()


async def test_a_tenant_takes_everything_along(store_path: Path, tmp_path: Path) -> None:
    await check_journey(f"sqlite:///{store_path}", tmp_path / "tenant.jsonl")


def test_a_snapshot_of_before_gets_its_customers_and_products_as_records() -> None:
    """Format 1: they were rows of the catalogue."""
    items = [Customer(7, "Åse", email="A@x"), Customer(8, "Bo"), Product(7, "Boat", "B-7"), Project(1, "Pier")]
    former = {"catalogue": [item_row(TENANT, item) for item in items], "meta": [(SEED + TENANT, "x")]}
    packed = zlib.compress(json.dumps({"format": 1, "rows": former}).encode())
    contents = Contents.unpack(packed)
    assert list(contents.of(tables.catalogue)) == [item_row(TENANT, items[-1])]
    kept = [record_of_row(row) for row in contents.of(tables.records)]
    assert [item_of(record) for record in kept] == items[:-1]
    assert [record.version for record in kept] == [1, 1, 1]
    values = {row[2:] for row in contents.of(tables.record_values)}
    assert {("email", "a@x", "017"), ("name", "åse", "017"), ("number", "B-7", "017")} <= values
    usages = usages_of(contents.of(tables.record_usage))
    assert {kind: usage.records for (_, kind), usage in usages.items()} == {"customer": 2, "product": 1}
    assert usages[TENANT, KindName("customer")].bytes == sum(record.size for record in kept[:2])
    assert Contents.unpack(contents.pack()).rows.keys() >= contents.rows.keys()
