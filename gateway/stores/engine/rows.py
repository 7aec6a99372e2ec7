"""Values and the rows that keep them, both ways: documents, and the items of catalogues.

What a document is searched by has a column; its lines and extras are JSON in `body`. An item of a catalogue is one row, its
fields as JSON.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from gateway.core import extras
from gateway.core.catalogue import EMPTY, SECTIONS, Address, Addresses, Catalogue, CatalogueItem, Customer, ItemKey
from gateway.core.documents import Document, Line, LineKind, Status
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.statements import Row

COLUMNS: Final = tables.listed(tables.documents)
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_STATUS: Final = {status.value: status for status in Status}
_LINE_KIND: Final = {kind.value: kind for kind in LineKind}
_ITEM_TYPES: Final[Mapping[str, type[Any]]] = {section: kind for kind, section in SECTIONS.items()}


def microseconds(moment: dt.datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // _MICROSECOND


def document_row(document: Document) -> Row:
    """The row that keeps a document. Raises ValueError when its extras cannot be kept."""
    return (
        document.id,
        document.tenant,
        document.kind,
        document.status.value,
        document.stage,
        document.series,
        document.number,
        document.customer,
        document.external_status,
        None if document.document_date is None else document.document_date.isoformat(),
        document.key or None,
        document.version,
        microseconds(document.registered),
        microseconds(document.changed),
        _body(document),
    )


def _body(document: Document) -> str:
    lines = [
        (
            line.id,
            line.position,
            line.kind.value,
            line.product,
            line.description,
            str(line.quantity),
            str(line.unit_price),
            str(line.discount_percent),
            str(line.vat_rate),
            line.extras,
        )
        for line in document.lines
    ]
    return extras.encode({"last_line": document.last_line, "extras": document.extras, "lines": lines})


def document_of(row: Sequence[Any]) -> Document:
    """The document that a row of COLUMNS keeps."""
    (own, tenant, kind, status, stage, series, number, customer, external, date, key, version, first, last, text) = row
    body = extras.decode(text)
    return Document(
        tenant=tenant,
        kind=kind,
        status=_STATUS[status],
        stage=stage,
        series=series,
        customer=customer,
        external_status=external,
        document_date=None if date is None else dt.date.fromisoformat(date),
        lines=tuple([_line(item) for item in body["lines"]]),
        extras=body["extras"],
        id=own,
        number=number,
        key=key or "",
        version=version,
        last_line=body["last_line"],
        registered=EPOCH + first * _MICROSECOND,
        changed=EPOCH + last * _MICROSECOND,
    )


def _line(item: Sequence[Any]) -> Line:
    own, position, kind, product, description, quantity, price, discount, vat, more = item
    return Line(
        description,
        Decimal(quantity),
        Decimal(price),
        Decimal(discount),
        Decimal(vat),
        product,
        _LINE_KIND[kind],
        position,
        own,
        more,
    )


def item_key(tenant: TenantId, key: ItemKey) -> Row:
    """The primary key of an item's row."""
    kind, own = key
    return tenant, SECTIONS[kind], str(own)


def item_row(tenant: TenantId, item: CatalogueItem) -> Row:
    """The row that keeps an item. Raises ValueError when its extras cannot be kept."""
    fields = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    if isinstance(item, Customer):
        fields["addresses"] = dataclasses.asdict(item.addresses)
    return (*item_key(tenant, (type(item), item.id)), extras.encode(fields))


def item_of(section: str, body: str) -> CatalogueItem:
    """The item that a row keeps; fields that this version does not know are left out."""
    kind = _ITEM_TYPES[section]
    stored = extras.decode(body)
    fields = {field.name: stored[field.name] for field in dataclasses.fields(kind) if field.name in stored}
    if "addresses" in fields:
        given = {name: Address(**address) for name, address in fields["addresses"].items() if address is not None}
        fields["addresses"] = Addresses(**given)
    if "customers" in fields:
        fields["customers"] = tuple(fields["customers"])
    item: CatalogueItem = kind(**fields)
    return item


def catalogues_of(rows: Iterable[Sequence[Any]]) -> dict[TenantId, Catalogue]:
    """Every tenant's catalogue from rows of (tenant, section, body)."""
    items: dict[TenantId, list[CatalogueItem]] = {}
    for tenant, section, body in rows:
        items.setdefault(tenant, []).append(item_of(section, body))
    return {tenant: EMPTY.with_changes(own) for tenant, own in items.items()}
