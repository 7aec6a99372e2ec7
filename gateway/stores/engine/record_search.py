"""Finds records by key and by their fields: the same steps for both databases. `record_places` decides which index is used.

A function here is a generator: it gives out statements in which `{}` stands for a value, and gets their rows.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any, Final

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
from gateway.core.records import KindName, Record, RecordId, RecordUsage, can_be_id, moment_of, moment_value
from gateway.stores.engine import tables
from gateway.stores.engine.record_lists import COLUMNS, Listed, listed_count, listed_places, younger
from gateway.stores.engine.record_places import (
    OWN,
    Place,
    Rows,
    Steps,
    Wanted,
    entries,
    gathered,
    narrow_source,
    passed_over,
    places,
)
from gateway.stores.engine.record_rows import NO_ID, id_at, place_of, record_of, tombstone_of
from gateway.stores.engine.rows import EPOCH, MICROSECOND, microseconds
from gateway.stores.engine.tables import listed

_KEYS_AT_ONCE: Final = 400
_MOST: Final = 2**63 - 1
"""The largest LIMIT of a database."""
_FENCE: Final = "(SELECT f.body FROM fences f WHERE f.tenant = {})"
_USED: Final = "(SELECT u.records + u.tombstones FROM record_usage u WHERE u.tenant = {} AND u.kind = w.kind)"
_FOUND: Final = (
    f"{_FENCE}, w.kind, {_USED}, {listed(tables.records, 'r')} FROM w LEFT JOIN records r "
    "ON r.tenant = {} AND r.kind = w.kind AND r.id = w.id"
)


# --- by key -----------------------------------------------------------------------------------------------------------


def keyed(query: GetRecords, first: Sequence[str] = ()) -> list[tuple[str, Sequence[Any]]]:
    """The statements that read records by key; each of their rows begins with the fence on the tenant.

    first: columns before that; in each `{}` stands for the tenant once. `r` is the record, `w.kind` its kind.
    """
    pairs = [(key.kind, place_of(key.id)) for key in dict.fromkeys(query.keys) if can_be_id(key.id)]
    pairs += [(kind, NO_ID) for kind in query.any_of]
    found: list[tuple[str, Sequence[Any]]] = []
    for start in range(0, len(pairs), _KEYS_AT_ONCE):
        chunk = pairs[start : start + _KEYS_AT_ONCE]
        values = ", ".join(["({}, {})"] * len(chunk))
        given = [text for pair in chunk for text in pair]
        columns = "".join(f"{column}, " for column in first)
        tenants = [query.tenant] * (columns.count("{}") + 3)
        found.append((f"WITH w(kind, id) AS (VALUES {values}) SELECT {columns}{_FOUND}", [*given, *tenants]))
    return found


def read_of(query: GetRecords, rows: Iterable[Sequence[Any]]) -> RecordsRead:
    """The answer that rows of `keyed` give."""
    records, kinds = {}, set()
    for _, kind, used, *row in rows:
        if used:
            kinds.add(KindName(kind))
        if row[0] is not None:
            record = record_of(row)
            records[record.key] = record
    return RecordsRead(records, frozenset(kinds.intersection(query.any_of)))


# --- by fields --------------------------------------------------------------------------------------------------------


def answer(query: RecordQuery[Any]) -> Steps[Any]:
    """Answer a search or a count."""
    if isinstance(query, SearchRecords):
        return (yield from _page(query))
    if isinstance(query, CountRecords):
        return (yield from _count(query))
    if isinstance(query, GetRecords):
        rows: list[Sequence[Any]] = []
        for select in keyed(query):
            rows += yield select
        return read_of(query, rows)
    if isinstance(query, GetRecordUsage):
        return (yield from _usage(query))
    raise TypeError(f"not a query about records: {type(query).__name__}")


def _usage(query: GetRecordUsage) -> Steps[RecordUsage]:
    columns = ", ".join(f"u.{name}" for name in RecordUsage._fields)
    rows = yield f"SELECT {columns} FROM record_usage u WHERE {OWN.format('u')}", (query.tenant, query.kind)
    return RecordUsage(*rows[0]) if rows else RecordUsage()


def _page(query: SearchRecords) -> Steps[RecordsFound]:
    wanted = _wanted(query, (query.order, *query.then), query.descending, query.after)
    shown, more = yield from (_listed(wanted, query) if _is_list(query) else _found(wanted, query))
    if not shown:
        return RecordsFound(())
    buries = query.with_deleted or query.only_deleted
    found: dict[RecordId, Record] = {}
    if not query.only_deleted:
        rows = yield from _whole(tables.records, wanted, shown)
        found = {record.id: record for record in map(record_of, rows)}
    if buries:
        rows = yield from _whole(tables.record_tombstones, wanted, shown)
        found |= {record.id: record for record in map(tombstone_of, rows)}
    records = tuple([found[id_at(place.id)] for place in shown if id_at(place.id) in found])
    end = None if query.then else _cursor_at(shown[-1], query.order)
    return RecordsFound(records, more, end)


def _is_list(query: SearchRecords) -> bool:
    """Whether the page is of a list by moments alone."""
    by_field = query.where or query.order not in COLUMNS
    buries = query.with_deleted or query.only_deleted
    return not by_field and (buries or query.registered_after is not None or query.skip > 0)


def _moments(query: SearchRecords | CountRecords) -> bool:
    return query.changed_after is not None or query.registered_after is not None


def _wanted(
    query: SearchRecords | CountRecords,
    orders: tuple[str, ...] = (BY_ID,),
    descending: bool = False,
    after: RecordCursor | None = None,
) -> Wanted:
    since, registered = [
        None if moment is None else microseconds(moment) for moment in (query.changed_after, query.registered_after)
    ]
    place = None if after is None else _place_at(after, orders[0])
    return Wanted(query.tenant, query.kind.name, query.where, since, orders, descending, place, registered)


def _listed(wanted: Wanted, query: SearchRecords) -> Steps[tuple[list[Place], bool]]:
    """A page of a list, and whether there is more behind it."""
    listed = Listed.of(query.with_deleted, query.only_deleted)
    found = yield from listed_places(wanted, listed, min(query.skip, _MOST), query.limit + 1)
    return found[: query.limit], len(found) > query.limit


def _found(wanted: Wanted, query: SearchRecords) -> Steps[tuple[list[Place], bool]]:
    """A page of what meets the conditions, and whether there is more behind it."""
    skip = query.skip
    if skip:
        if (yield from _number(wanted)) <= skip:
            return [], False
        wanted, skip = yield from passed_over(wanted, skip)
    enough = min(skip + query.limit + 1, _MOST)
    found = yield from places(wanted, enough)
    return found[skip : skip + query.limit], len(found) == enough


def _number(wanted: Wanted) -> Steps[int]:
    """How many records of the kind there are."""
    return (yield from _usage(GetRecordUsage(wanted.tenant, wanted.kind))).records


def _count(query: CountRecords) -> Steps[RecordsCounted]:
    wanted, most = _wanted(query), query.at_most + 1
    several = {name for name, field in query.kind.fields.items() if field.several}
    if query.where:
        count = yield from _counted(wanted, most, several)
    elif _moments(query):
        count = yield from listed_count(wanted, Listed.of(query.with_deleted, query.only_deleted), most)
    else:
        usage = yield from _usage(GetRecordUsage(query.tenant, query.kind.name))
        buried = usage.tombstones if query.with_deleted or query.only_deleted else 0
        count = buried + (0 if query.only_deleted else usage.records)
    return RecordsCounted(min(count, query.at_most), count > query.at_most)


def _counted(wanted: Wanted, most: int, several: Container[str]) -> Steps[int]:
    """How many records meet the conditions, up to `most`. The database counts, unless one condition names few records.

    several: the fields of which a record may have more than one value.
    """
    by_moment = wanted.since is not None or wanted.registered is not None
    if len(wanted.where) > 1 or by_moment:
        source = yield from narrow_source(wanted)
        if source is not None:
            return len((yield from gathered(wanted, source, most)))
    distinct = (
        "DISTINCT " if len(wanted.where) == 1 and not by_moment and wanted.where[0].field in several else ""
    )  # a set has no doubles
    selects, values = [], []
    for condition in wanted.where:
        text, own = entries(wanted, condition)
        selects.append(f"SELECT {distinct}v.id {text}")
        values += own
    if by_moment:
        texts, own = younger(wanted)
        selects.append(texts)
        values += own
    rows = yield f"SELECT count(*) FROM ({' INTERSECT '.join(selects)} LIMIT {{}}) d", [*values, most]
    return int(rows[0][0])


def _place_at(cursor: RecordCursor, order: str) -> Place:
    own = place_of(cursor.id)
    if order == BY_ID:
        return Place((), own)
    return Place((microseconds(moment_of(cursor.value)) if order == BY_CHANGED else cursor.value,), own)


def _cursor_at(place: Place, order: str) -> RecordCursor:
    value: Any = place.values[0] if place.values else ""
    return RecordCursor(moment_value(EPOCH + value * MICROSECOND) if order == BY_CHANGED else value, id_at(place.id))


def _whole(table: tables.Table, wanted: Wanted, found_at: Sequence[Place]) -> Steps[Rows]:
    """The whole rows at these places.

    The kind is given with each id: before it has statistics, PostgreSQL would else read all records of the kind.
    """
    found: list[Sequence[Any]] = []
    for start in range(0, len(found_at), _KEYS_AT_ONCE):
        chunk = found_at[start : start + _KEYS_AT_ONCE]
        named = f"WITH w(kind, id) AS (VALUES {', '.join(['({}, {})'] * len(chunk))})"
        joined = f"FROM w LEFT JOIN {table.name} r ON r.tenant = {{}} AND r.kind = w.kind AND r.id = w.id"
        values = [text for place in chunk for text in (wanted.kind, place.id)]
        rows = yield f"{named} SELECT {listed(table, 'r')} {joined}", [*values, wanted.tenant]
        found += (row for row in rows if row[0] is not None)
    return found
