"""Tenants that earlier versions exported come in, with all numbers, and with the snapshots that are in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.catalogue import EMPTY
from gateway.core.catalogue_records import CUSTOMER, PRODUCT, item_of
from gateway.core.commands import GetDocuments, Issue, PeekNext
from gateway.core.documents import DocumentId
from gateway.core.record_commands import CountRecords, SearchRecords
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey, SeriesId
from gateway.stores.engine import tables
from gateway.stores.engine.former_rows import SNAPSHOT_COLUMNS, reshaping
from gateway.stores.engine.tenant_rows import PUT
from gateway.stores.export_file import ExportError, check_export
from tests.multi_store.places import opened, sound
from tests.multi_store.test_export import exported, imported
from tests.stores.commands import BY, TENANT

EXPORTED = Path(__file__).parent / "exported"
INVOICES, CREDIT_NOTES = CounterKey(SeriesId(1), INVOICE), CounterKey(SeriesId(1), CREDIT_NOTE)


@pytest.mark.parametrize("store", ["default", "east"])
@pytest.mark.parametrize("revision", [path.stem for path in sorted(EXPORTED.glob("*.jsonl"))])
async def test_a_tenant_of_an_earlier_version(tmp_path: Path, urls: dict[str, str], revision: str, store: str) -> None:
    path = EXPORTED / f"{revision}.jsonl"
    assert check_export(path).findings == []
    assert (await imported(tmp_path, urls, path, store)).problems == []
    assert await sound(urls[store]) == 4
    there = await opened(urls[store])
    try:
        assert (await there.read(PeekNext(TENANT, INVOICES))).counter.next_number == 2
        assert (await there.execute(Issue(TENANT, CREDIT_NOTES, "k2", "", BY))).issued.number == 7
        first, draft = (await there.read(GetDocuments(TENANT, (DocumentId(1), DocumentId(2))))).documents
        assert (first.counter, first.number, draft.line) == (CREDIT_NOTES, 7, None)
        kept = await there.tenant_records.snapshot(TENANT, "before")
        assert kept is not None
        assert [counter.key for counter in kept.counters()] == [CREDIT_NOTES, INVOICES]
        now = await there.tenant_records.contents(TENANT)
        assert kept.of(tables.documents) == now.of(tables.documents)
    finally:
        await there.close()


@pytest.mark.parametrize("store", ["default", "east"])
async def test_customers_and_products_of_an_earlier_version_are_records(
    tmp_path: Path, urls: dict[str, str], store: str
) -> None:
    path = EXPORTED / "customers" / "0004.jsonl"
    checked = check_export(path)
    assert (await imported(tmp_path, urls, path, store)).problems == []
    there = await opened(urls[store])
    try:
        for kind, names in ((CUSTOMER, ["Ana", "Bob "]), (PRODUCT, ["P"])):
            found = await there.read(SearchRecords(TENANT, kind, (kind.is_between("name"),)))
            assert [item_of(record).name for record in found.records] == names
            assert (await there.read(CountRecords(TENANT, kind))).count == len(names)
        assert there.catalogue(TENANT) == EMPTY
    finally:
        await there.close()
    again = check_export(await exported(urls[store], tmp_path / "again.jsonl"))
    assert (again.summary.content, again.summary.rows) == (checked.summary.content, checked.summary.rows)


def test_a_customer_that_is_none_is_found_before_anything_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    text = (EXPORTED / "customers" / "0004.jsonl").read_text().replace(r'"{\"id\":1', r'"{\"idea\":1')
    path.write_text(text)
    with pytest.raises(ExportError, match="not a customer"):
        check_export(path)


def test_columns_of_no_version_are_refused() -> None:
    for table in PUT:
        assert reshaping(table, table.columns) is None
        former = SNAPSHOT_COLUMNS.get(table.name, table.columns)  # snapshots of format 1 do not have the newer tables
        reshape = reshaping(table, former)
        assert reshape is None or len(reshape([1] * len(former))) == len(table.columns)
        with pytest.raises(ValueError, match="another version"):
            reshaping(table, ("id", "nothing"))
