"""Customers and products of snapshots and files that earlier versions wrote get the form of today."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.stores.engine import tables
from gateway.stores.engine.former_fields import renewed_pages
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import Contents
from tests.stores.migrations import aged


def contents(rows: aged.Rows) -> Contents:
    return Contents({table.name: own for table, own in rows.items()})


def joined(pages: list[tuple[Table, Sequence[Row]]]) -> list[tuple[Table, Row]]:
    return [(table, row) for table, rows in pages for row in rows]


def test_a_snapshot_of_an_earlier_version_is_renewed() -> None:
    unpacked = Contents.unpack(contents(aged.former_rows()).pack())
    assert aged.in_order(unpacked) == aged.rows_of_today()
    assert aged.in_order(Contents.unpack(unpacked.pack())) == aged.rows_of_today()


def test_a_snapshot_without_records_stays_as_it_is() -> None:
    packed = zlib.compress(json.dumps({"format": 2, "columns": {}, "rows": {}}).encode())
    assert Contents.unpack(packed) == Contents({})


def without_values(rows: aged.Rows) -> aged.Rows:
    return {table: own for table, own in rows.items() if table is not tables.record_values}


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_file_of_an_earlier_version_is_read_as_a_store_gives_it_out(size: int) -> None:
    former = [
        (table, rows[start : start + size])
        for table, rows in aged.former_rows().items()
        for start in range(0, len(rows), size)
    ]
    pages = list(renewed_pages(former, size))
    today: Any = [(table, row) for table, rows in aged.rows_of_today().items() for row in rows]
    assert joined(pages) == today
    assert max(len(rows) for _, rows in pages) <= size


def test_values_have_their_place_where_a_file_had_none() -> None:
    """The items were found by nothing, so the file has no rows of that table."""
    former = without_values(aged.former_rows())
    tables_in_order = list(dict.fromkeys(table for table, _ in renewed_pages(former.items(), 1000)))
    assert tables_in_order == list(aged.rows_of_today())
