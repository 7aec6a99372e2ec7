"""Tenants that earlier versions exported come in, with all numbers, and with the snapshots that are in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.commands import GetDocuments, Issue, PeekNext
from gateway.core.documents import DocumentId
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey, SeriesId
from gateway.stores.engine import tables
from gateway.stores.engine.former_rows import SNAPSHOT_COLUMNS, reshaping
from gateway.stores.engine.tenant_rows import PUT
from gateway.stores.export_file import check_export
from tests.multi_store.places import opened, sound
from tests.multi_store.test_export import imported
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


def test_columns_of_no_version_are_refused() -> None:
    for table in PUT:
        assert reshaping(table, table.columns) is None
        former = SNAPSHOT_COLUMNS.get(table.name, table.columns)  # snapshots of format 1 do not have the newer tables
        reshape = reshaping(table, former)
        assert reshape is None or len(reshape([1] * len(former))) == len(table.columns)
        with pytest.raises(ValueError, match="another version"):
            reshaping(table, ("id", "nothing"))
