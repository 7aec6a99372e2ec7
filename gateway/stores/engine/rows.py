"""Values and the rows that keep them, both ways, for both databases.

A row has the columns of its table in the order of `tables`. A database may give 0 and 1 for false and true. What a document
can be searched by has a column of its own; its lines and extras are one text in `body` (`core.document_body`). An item of a
catalogue is one row with its fields as JSON. The row of a ledger entry is made and read by `core.ledger` (`appended_row`,
`entry_of`), because the entry's hash covers the fields in that order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gateway.core import document_body
from gateway.core.catalogue import EMPTY, SECTIONS, Catalogue, CatalogueItem, ItemKey
from gateway.core.catalogue_records import decoded, encoded
from gateway.core.documents import Document, Status
from gateway.core.ledger import Head
from gateway.core.values import Counter, CounterKey, Issued, Series, TenantId
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.statements import Row

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND: Final = dt.timedelta(microseconds=1)
_STATUS: Final = {status.value: status for status in Status}
ITEM_TYPES: Final[Mapping[str, type[Any]]] = {section: kind for kind, section in SECTIONS.items()}


class KeptToken(NamedTuple):
    """A token as its row keeps it.

    kind: what the token is for, a name of the dialect's.
    digest: the SHA-256 of the token, in hex.
    facts: JSON text.
    expires_ms: milliseconds since 1970, UTC.
    """

    kind: str
    digest: str
    tenant: TenantId
    facts: str
    expires_ms: int


class KeptTenant(NamedTuple):
    """A tenant made at run time, as its row keeps it.

    body: JSON text, credentials included.
    created: ISO 8601, UTC.
    """

    id: TenantId
    body: str
    created: str


def series_row(series: Series) -> Row:
    """The row that keeps a series."""
    names = series.id, series.tenant, series.key, series.name, series.prefix, series.suffix
    return *names, series.is_default, series.owner or None


def series_of(row: Sequence[Any]) -> Series:
    """The series that a row keeps."""
    own, tenant, key, name, prefix, suffix, is_default, owner = row
    return Series(own, tenant, key, name, prefix, suffix, bool(is_default), owner or "")


def counter_row(counter: Counter) -> Row:
    """The row that keeps a number line."""
    (series, line), next_number, issued, highest, latest, first, last = counter
    return series, line, next_number, issued, highest, None if latest is None else latest.isoformat(), first, last


def counter_of(row: Sequence[Any]) -> Counter:
    """The number line that a row keeps."""
    series, line, next_number, issued, highest, latest, first, last = row
    date = None if latest is None else dt.date.fromisoformat(latest)
    return Counter(CounterKey(series, line), next_number, issued, highest, date, first, last)


def issued_row(issued: Issued) -> Row:
    """The row that keeps an issued number."""
    line, reserved = issued.counter, (issued.reserved, issued.reservation_key or None)
    return line.series, line.line, issued.number, issued.tenant, issued.key, issued.document, issued.voided, *reserved


def issued_of(row: Sequence[Any]) -> Issued:
    """The issued number that a row keeps."""
    series, line, number, tenant, key, document, voided, reserved, reservation = row
    own = CounterKey(series, line)
    return Issued(tenant, own, number, key, document, bool(voided), bool(reserved), reservation or "")


def chain_of(row: Sequence[Any]) -> CounterKey:
    """The chain of a ledger row, or of any row that begins with series and line."""
    return CounterKey(row[0], row[1])


def head_of(row: Sequence[Any]) -> Head:
    """The end of a chain whose last entry is this ledger row.

    Any row will do that begins with series, line and index and ends with the hash.
    """
    return Head(row[2], row[-1])


def fences_of(rows: Iterable[Sequence[Any]]) -> dict[TenantId, Fence]:
    """The fences that rows keep."""
    return {tenant: Fence.of(body) for tenant, body in rows}


def notes_of(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """The texts by name that rows of `meta` keep."""
    return {row[0]: row[1] for row in rows}


def microseconds(moment: dt.datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


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
        document_body.written(document),
        document.line,
    )


def document_of(row: Sequence[Any]) -> Document:
    """The document that a row keeps."""
    (
        own,
        tenant,
        kind,
        status,
        stage,
        series,
        number,
        customer,
        external,
        date,
        key,
        version,
        first,
        last,
        text,
        line,
    ) = row
    body = document_body.read(text)
    return Document(
        tenant=tenant,
        kind=kind,
        status=_STATUS[status],
        stage=stage,
        series=series,
        customer=customer,
        external_status=external,
        document_date=None if date is None else dt.date.fromisoformat(date),
        lines=body.lines,
        extras=body.extras,
        id=own,
        number=number,
        key=key or "",
        version=version,
        last_line=body.last_line,
        registered=EPOCH + first * MICROSECOND,
        changed=EPOCH + last * MICROSECOND,
        line=line,
    )


def item_key(tenant: TenantId, key: ItemKey) -> Row:
    """The primary key of an item's row."""
    kind, own = key
    return tenant, SECTIONS[kind], str(own)


def item_row(tenant: TenantId, item: CatalogueItem) -> Row:
    """The row that keeps an item. Raises ValueError when its extras cannot be kept."""
    return (*item_key(tenant, (type(item), item.id)), encoded(item))


def item_of(section: str, body: str) -> CatalogueItem:
    """The item that a row keeps; fields that this version does not know are left out."""
    item: CatalogueItem = decoded(ITEM_TYPES[section], body)
    return item


def catalogues_of(rows: Iterable[Sequence[Any]]) -> dict[TenantId, Catalogue]:
    """Every tenant's catalogue, from the rows of its items."""
    items: dict[TenantId, list[CatalogueItem]] = {}
    for tenant, section, _, body in rows:
        items.setdefault(tenant, []).append(item_of(section, body))
    return {tenant: EMPTY.with_changes(own) for tenant, own in items.items()}
