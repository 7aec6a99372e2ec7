"""Questions about records, answered from a dictionary by looking at each: what every store must answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, cast

from gateway.core.record_commands import (
    BY_CHANGED,
    BY_ID,
    CountRecords,
    GetRecords,
    GetRecordUsage,
    RecordCursor,
    RecordQuery,
    RecordsCounted,
    RecordsFound,
    RecordsRead,
    SearchRecords,
)
from gateway.core.records import Condition, KindName, Record, RecordKey, RecordUsage, id_order, moment_value
from gateway.core.values import TenantId

_NO_USAGES: Final[Mapping[tuple[TenantId, KindName], RecordUsage]] = MappingProxyType({})


def answer_records(
    records: Mapping[RecordKey, Record],
    query: RecordQuery[Any],
    usages: Mapping[tuple[TenantId, KindName], RecordUsage] = _NO_USAGES,
) -> Any:
    """Answer a query about records. usages: how much there is of each kind."""
    match query:
        case GetRecords():
            found = {key: records[key] for key in query.keys if key in records and not records[key].deleted}
            return RecordsRead(
                found, frozenset(kind for kind in query.any_of if _of(records, query.tenant, kind, True))
            )
        case SearchRecords():
            return _search(records, query)
        case CountRecords():
            count = len(_met(records, query))
            return RecordsCounted(min(count, query.at_most), count > query.at_most)
        case GetRecordUsage():
            return usages.get((query.tenant, query.kind), RecordUsage())
    raise TypeError(f"not a query about records: {type(query).__name__}")


def _met(records: Mapping[RecordKey, Record], query: SearchRecords | CountRecords) -> list[Record]:
    """The records, or tombstones, that meet the conditions and the moments."""
    changed, registered = query.changed_after, query.registered_after
    return [
        record
        for record in _of(records, query.tenant, query.kind.name, query.with_deleted or query.only_deleted)
        if (record.deleted or not query.only_deleted)
        and _meets(record, query.where)
        and (changed is None or record.changed > changed)
        and (registered is None or record.registered > registered)
    ]


def _of(records: Mapping[RecordKey, Record], tenant: TenantId, kind: KindName, dead: bool = False) -> list[Record]:
    own = (record for key, record in records.items() if (key.tenant, key.kind) == (tenant, kind))
    return [record for record in own if dead or not record.deleted]


def _meets(record: Record, where: tuple[Condition, ...]) -> bool:
    return all(condition.meets(record.values) for condition in where)


def _search(records: Mapping[RecordKey, Record], query: SearchRecords) -> RecordsFound:
    found = [(_places(record, (query.order, *query.then)), record) for record in _met(records, query)]
    placed = sorted(
        ((places, record) for places, record in found if places is not None),
        key=lambda pair: _order(pair[0]),
        reverse=query.descending,
    )
    if query.after is not None:
        last, down = _order([query.after]), query.descending
        placed = [pair for pair in placed if (_order(pair[0]) < last if down else _order(pair[0]) > last)]
    page = placed[query.skip : query.skip + query.limit]
    more = len(placed) > query.skip + query.limit
    end = page[-1][0][0] if page and not query.then else None
    return RecordsFound(tuple(record for _, record in page), more, end)


def _places(record: Record, orders: Iterable[str]) -> list[RecordCursor] | None:
    """Where a record stands in each order; None when it has no value of one of them."""
    places = [place_of(record, order) for order in orders]
    return None if None in places else cast("list[RecordCursor]", places)


def _order(places: Sequence[RecordCursor]) -> tuple[Any, ...]:
    return *(place.value for place in places), *id_order(places[0].id)


def place_of(record: Record, order: str) -> RecordCursor | None:
    """Where a record stands in an order; None when it has no value of the field."""
    if order == BY_ID:
        return RecordCursor("", record.id)
    if order == BY_CHANGED:
        return RecordCursor(moment_value(record.changed), record.id)
    values = record.values.get(order)
    return RecordCursor(values[0], record.id) if values else None
