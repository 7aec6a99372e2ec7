"""Records and the rows that keep them, both ways, for both databases.

An id is kept behind two hexadecimal digits of its length. So the order of the rows' ids is `records.id_order`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.records import KindName, Record, RecordId, RecordKey, RecordUsage
from gateway.core.values import TenantId
from gateway.stores.engine.rows import EPOCH, MICROSECOND, microseconds
from gateway.stores.engine.statements import Row

NO_ID: Final = ""
"""Comes before the place of every id."""
_LENGTH: Final = 2
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def place_of(record: RecordId) -> str:
    """An id as rows keep it."""
    return f"{len(record):02x}{record}"


def id_at(place: str) -> RecordId:
    """The id that a row keeps."""
    return RecordId(place[_LENGTH:])


def key_row(key: RecordKey) -> Row:
    """The primary key of a record's row, or of its tombstone's."""
    return key.tenant, key.kind, place_of(key.id)


def record_row(record: Record) -> Row:
    """The row that keeps a record."""
    return (*tombstone_row(record), _write(dict(record.values)), record.body)


def tombstone_row(record: Record) -> Row:
    """The row that keeps a tombstone."""
    times = microseconds(record.registered), microseconds(record.changed)
    return (*key_row(record.key), record.format, record.version, *times)


def record_of(row: Sequence[Any]) -> Record:
    """The record that a row keeps."""
    tenant, kind, place, form, version, registered, changed, found_by, body = row
    values = {name: tuple(own) for name, own in json.loads(found_by).items()}
    return Record(
        tenant,
        kind,
        id_at(place),
        bytes(body),
        values,
        form,
        version,
        EPOCH + registered * MICROSECOND,
        EPOCH + changed * MICROSECOND,
    )


def tombstone_of(row: Sequence[Any]) -> Record:
    """The tombstone that a row keeps."""
    tenant, kind, place, form, version, registered, changed = row
    times = EPOCH + registered * MICROSECOND, EPOCH + changed * MICROSECOND
    return Record(tenant, kind, id_at(place), b"", {}, form, version, *times, deleted=True)


def value_rows(record: Record) -> set[Row]:
    """The rows of the index that name a record; there are none for a tombstone."""
    tenant, kind, place = key_row(record.key)
    return {(tenant, kind, name, value, place) for name, own in record.values.items() for value in own}


def usage_row(tenant: TenantId, kind: KindName, usage: RecordUsage) -> Row:
    """The row that keeps how much there is of a kind."""
    return (tenant, kind, *usage)


def usages_of(rows: Iterable[Sequence[Any]]) -> dict[tuple[TenantId, KindName], RecordUsage]:
    """What rows keep of how much there is."""
    return {(row[0], row[1]): RecordUsage(*row[2:]) for row in rows}
