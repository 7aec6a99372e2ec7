"""Customers and products of one tenant as revision 0007 kept them, and as revision 0008 does."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from typing import Final

from gateway.core.catalogue import Address, Addresses, Customer, Product
from gateway.core.catalogue_records import CUSTOMER, PRODUCT, record_of
from gateway.core.records import Record, RecordId, RecordUsage
from gateway.core.values import TenantId
from gateway.stores import DatabaseStore, open_store
from gateway.stores.engine import tables
from gateway.stores.engine.record_rows import record_row, tombstone_row, usage_row, value_rows
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import Contents

TENANT: Final = TenantId("aged")
_MOMENT: Final = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
_ITEMS: Final = (
    Customer(
        7,
        "Åse",
        "987654325",
        "A@example.com",
        "Bills@example.com",
        "+47 22 00 00 01",
        addresses=Addresses(post=Address("x", country="NO")),
        extras={"d": {"a": Decimal("1.50")}},
    ),
    Customer(12, "Bo"),
    Product(3, "Boat", "B-3", Decimal("1250.00"), vat_rate=Decimal(25)),
)
_DELETED: Final = RecordId("40")
_NEWER: Final = frozenset({"external_id", "emails", "phones", "category", "ean"})
_FOUND_BY: Final = frozenset({"name", "organization_number", "email", "number"})

Rows = dict[Table, list[Row]]


def _records() -> list[Record]:
    return [
        replace(record_of(TENANT, item), version=place, registered=_MOMENT, changed=_MOMENT + dt.timedelta(days=place))
        for place, item in enumerate(_ITEMS, 1)
    ]


def _former(record: Record) -> Record:
    """The same record with the id in its body, without newer fields, and found by former fields only."""
    body = {"id": int(record.id)} | json.loads(record.body)
    text = json.dumps({name: value for name, value in body.items() if name not in _NEWER}, ensure_ascii=False)
    values = {name: own for name, own in record.values.items() if name in _FOUND_BY}
    return replace(record, body=text.encode(), values=values, format=1)


def _rows(records: list[Record], last_ids: dict[str, int]) -> Rows:
    tombstone = Record(TENANT, CUSTOMER.name, _DELETED, version=2, registered=_MOMENT, changed=_MOMENT, deleted=True)
    usages = []
    for kind in (CUSTOMER.name, PRODUCT.name):
        own = [record for record in records if record.kind == kind]
        tombstones = 1 if kind == CUSTOMER.name else 0
        usage = RecordUsage(len(own), tombstones, sum(record.size for record in own), last_ids[kind])
        usages.append(usage_row(TENANT, kind, usage))
    return {
        tables.records: sorted(map(record_row, records)),
        tables.record_tombstones: [tombstone_row(tombstone)],
        tables.record_values: sorted(row for record in records for row in value_rows(record)),
        tables.record_usage: usages,
    }


def former_rows() -> Rows:
    """As revision 0007 kept them."""
    return _rows([_former(record) for record in _records()], {CUSTOMER.name: -1, PRODUCT.name: -1})


def rows_of_today() -> Rows:
    """As they are kept since revision 0008: the highest id is known, of tombstones, too."""
    return _rows(_records(), {CUSTOMER.name: 40, PRODUCT.name: 3})


def in_order(contents: Contents) -> Rows:
    """The rows of these tables."""
    return {table: sorted(map(tuple, contents.of(table))) for table in rows_of_today()}


async def assert_renewed(url: str) -> None:
    """A store that had the former rows has those of today, and nothing is wrong in it."""
    store: DatabaseStore = open_store(url)
    await store.start()
    try:
        assert in_order(await store.tenant_records.contents(TENANT)) == rows_of_today()
        assert (await store.verify())[1] == []
    finally:
        await store.close()
