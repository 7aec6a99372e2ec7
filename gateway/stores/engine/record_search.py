"""Finds records by their fields. The same steps for both databases; a bounded look decides which index is used (ADR-62).

Where one index serves everything that is wanted, in the order of the page, it is walked until the page is full. Otherwise each
condition is looked up in the index `record_values`, for at most PROBE entries. If one of them gives fewer, all records that it
names are read, without their bodies, and the other conditions are held against their values. If each gives PROBE or more, the
records are walked in the order of the page. The statistics of a database play no part: they may be older than its rows.

A function here is a generator: it gives out statements in which `{}` stands for a value, and gets their rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from gateway.core.record_commands import (
    BY_CHANGED,
    BY_ID,
    CountRecords,
    GetRecords,
    RecordCursor,
    RecordQuery,
    RecordsCounted,
    RecordsFound,
    RecordsRead,
    SearchRecords,
)
from gateway.core.records import Condition, KindName, RecordId, can_be_id, moment_of, moment_value
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.record_rows import NO_ID, id_at, place_of, record_of, tombstone_of
from gateway.stores.engine.rows import EPOCH, MICROSECOND, microseconds
from gateway.stores.engine.tables import listed

T = TypeVar("T")
Rows: TypeAlias = Sequence[Sequence[Any]]
Steps: TypeAlias = Generator[tuple[str, Sequence[Any]], Rows, T]

PROBE: Final = 1000
_FIRST_BATCH: Final = 64
_LARGEST_BATCH: Final = 4096
_KEYS_AT_ONCE: Final = 400
_NEVER: Final = -(2**63)
_MOST: Final = 2**63 - 1
"""The largest LIMIT of a database."""
_FENCE: Final = "(SELECT f.body FROM fences f WHERE f.tenant = {})"
_USED: Final = "(SELECT u.records FROM record_usage u WHERE u.tenant = {} AND u.kind = w.kind)"
_FOUND: Final = (
    f"{_FENCE}, w.kind, {_USED}, {listed(tables.records, 'r')} FROM w LEFT JOIN records r "
    "ON r.tenant = {} AND r.kind = w.kind AND r.id = w.id"
)
_OWN: Final = "{0}.tenant = {{}} AND {0}.kind = {{}}"


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


class _Place(NamedTuple):
    """Where a record stands in the order of a page, as the columns have it. value: "" for the order of ids."""

    value: Any
    id: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to look for.

    order, descending, after: of the page.
    """

    tenant: TenantId
    kind: KindName
    where: tuple[Condition, ...] = ()
    since: int | None = None
    order: str = BY_ID
    descending: bool = False
    after: _Place | None = None

    @property
    def own(self) -> list[Any]:
        return [self.tenant, self.kind]


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
    raise TypeError(f"not a query about records: {type(query).__name__}")


def _page(query: SearchRecords) -> Steps[RecordsFound]:
    since = None if query.changed_after is None else microseconds(query.changed_after)
    after = None if query.after is None else _place_at(query.after, query.order)
    wanted = _Wanted(query.tenant, query.kind.name, query.where, since, query.order, query.descending, after)
    enough = min(query.skip + query.limit + 1, _MOST)
    places = yield from (_with_deleted(wanted, enough) if query.with_deleted else _places(wanted, enough))
    shown = places[query.skip : query.skip + query.limit]
    if not shown:
        return RecordsFound(())
    rows = yield _whole(tables.records, wanted, shown)
    found = {record.id: record for record in map(record_of, rows)}
    if query.with_deleted:
        rows = yield _whole(tables.record_tombstones, wanted, shown)
        found |= {record.id: record for record in map(tombstone_of, rows)}
    records = tuple([found[id_at(place.id)] for place in shown if id_at(place.id) in found])
    return RecordsFound(records, len(places) == enough, _cursor_at(shown[-1], query.order))


def _count(query: CountRecords) -> Steps[RecordsCounted]:
    wanted = _Wanted(query.tenant, query.kind.name, query.where)
    if not query.where:
        rows = yield f"SELECT u.records FROM record_usage u WHERE {_OWN.format('u')}", wanted.own
        count = rows[0][0] if rows else 0
    elif len(query.where) == 1:
        text, values = _entries(wanted, query.where[0])
        rows = yield f"SELECT count(*) FROM (SELECT DISTINCT v.id {text} LIMIT {{}}) d", [*values, query.at_most + 1]
        count = rows[0][0]
    else:
        count = len((yield from _places(wanted, query.at_most + 1)))
    return RecordsCounted(min(count, query.at_most), count > query.at_most)


def _place_at(cursor: RecordCursor, order: str) -> _Place:
    value: Any = cursor.value
    if order == BY_CHANGED:
        value = microseconds(moment_of(cursor.value))
    return _Place(value, place_of(cursor.id))


def _cursor_at(place: _Place, order: str) -> RecordCursor:
    value = moment_value(EPOCH + place.value * MICROSECOND) if order == BY_CHANGED else place.value
    return RecordCursor(value, RecordId(id_at(place.id)))


def _whole(table: tables.Table, wanted: _Wanted, places: Sequence[_Place]) -> tuple[str, list[Any]]:
    """The whole rows at these places."""
    marks = ", ".join(["{}"] * len(places))
    text = f"SELECT {listed(table, 'r')} FROM {table.name} r WHERE {_OWN.format('r')} AND r.id IN ({marks})"
    return text, [*wanted.own, *(place.id for place in places)]


def _entries(wanted: _Wanted, condition: Condition) -> tuple[str, list[Any]]:
    """The entries of the index that meet a condition, from FROM on, and the values."""
    text = f"FROM record_values v WHERE {_OWN.format('v')} AND v.field = {{}}"
    values = [*wanted.own, condition.field]
    own = condition.values
    if own:
        text += " AND v.value = {}" if len(own) == 1 else f" AND v.value IN ({', '.join(['{}'] * len(own))})"
        return text, [*values, *own]
    for sign, bound in ((">=", condition.low), ("<=", condition.high)):
        if bound is not None:
            text += f" AND v.value {sign} {{}}"
            values.append(bound)
    return text, values


def _changed_since(wanted: _Wanted) -> tuple[str, list[Any]]:
    """Also when all are meant: PostgreSQL takes the index only for a question that says something about the moment."""
    since = _NEVER if wanted.since is None else wanted.since
    return f"FROM records r WHERE {_OWN.format('r')} AND r.changed > {{}}", [*wanted.own, since]


def _places(wanted: _Wanted, enough: int) -> Steps[list[_Place]]:
    """The places of records that meet everything, in order, at most `enough`."""
    path = _path(wanted)
    if path.is_whole(wanted):
        rows = yield _batch(wanted, path, wanted.after, enough, bare=True)
        return [_Place(*row) for row in rows]
    best: Condition | None = None
    fewest = PROBE
    by_moment = False
    for condition in wanted.where:
        count = yield from _probe(_entries(wanted, condition), fewest)
        best, fewest = (condition, count) if count < fewest else (best, fewest)
    if wanted.since is not None and fewest:
        count = yield from _probe(_changed_since(wanted), fewest)
        by_moment, fewest = (True, count) if count < fewest else (by_moment, fewest)
    if fewest == PROBE:
        return (yield from _walk(wanted, path, enough))
    return (yield from _gather(wanted, None if by_moment else best, enough))


def _probe(entries: tuple[str, list[Any]], most: int) -> Steps[int]:
    """How many entries there are, counted up to `most`."""
    text, values = entries
    rows = yield f"SELECT count(*) FROM (SELECT 1 {text} LIMIT {{}}) p", [*values, most]
    return int(rows[0][0])


def _gather(wanted: _Wanted, condition: Condition | None, enough: int) -> Steps[list[_Place]]:
    """Read all that one condition names, and put what meets the others into order. None: what was changed since."""
    if condition is None:
        text, values = _changed_since(wanted)
        rows = yield f"SELECT r.id, r.changed, r.found_by {text}", values
    else:
        text, values = _entries(wanted, condition)
        named = f"(SELECT DISTINCT v.id {text}) d CROSS JOIN records r WHERE {_OWN.format('r')} AND r.id = d.id"
        rows = yield f"SELECT r.id, r.changed, r.found_by FROM {named}", [*values, *wanted.own]
    holds = _test(wanted, condition)
    places = [place for row in rows for place in _placed(wanted, row, holds)]
    if wanted.after is not None:
        last, down = wanted.after, wanted.descending
        places = [place for place in places if (place < last if down else place > last)]
    return sorted(places, reverse=wanted.descending)[:enough]


def _placed(wanted: _Wanted, row: Sequence[Any], holds: Callable[[Sequence[Any]], bool]) -> Iterable[_Place]:
    own, changed, found_by = row
    if not holds(row):
        return ()
    if wanted.order == BY_ID:
        return (_Place("", own),)
    if wanted.order == BY_CHANGED:
        return (_Place(changed, own),)
    return [_Place(value, own) for value in json.loads(found_by).get(wanted.order, ())]


def _test(wanted: _Wanted, met: Condition | None) -> Callable[[Sequence[Any]], bool]:
    """Whether a row (id, changed, values as JSON) meets all conditions but the one that is met already."""
    where = [condition for condition in wanted.where if condition is not met]
    since = wanted.since

    def holds(row: Sequence[Any]) -> bool:
        if since is not None and row[1] <= since:
            return False
        if not where:
            return True
        values = json.loads(row[2])
        return all(condition.meets(values) for condition in where)

    return holds


# --- walks ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Path:
    """An index in the order of the page.

    text: from FROM on, without the join with records.
    place: the columns of the place.
    met: the condition that holds for every entry.
    joined: the entries are of `record_values`; to see more of a record it has to be joined.
    """

    text: str
    values: list[Any]
    place: tuple[str, str]
    met: Condition | None = None
    joined: bool = True

    def is_whole(self, wanted: _Wanted) -> bool:
        """True when each entry meets everything that is wanted."""
        by_moment = wanted.since is None or wanted.order == BY_CHANGED
        return by_moment and all(condition is self.met for condition in wanted.where)


def _path(wanted: _Wanted) -> _Path:
    if wanted.order == BY_CHANGED:
        return _Path(*_changed_since(wanted), ("r.changed", "r.id"), joined=False)
    if wanted.order == BY_ID:
        met = next((condition for condition in wanted.where if len(condition.values) == 1), None)
        if met is None:
            return _Path(f"FROM records r WHERE {_OWN.format('r')}", wanted.own, ("", "r.id"), joined=False)
        return _Path(*_entries(wanted, met), ("", "v.id"), met)
    met = next((condition for condition in wanted.where if condition.field == wanted.order), None)
    return _Path(*_entries(wanted, met or Condition(wanted.order)), ("v.value", "v.id"), met)


def _walk(wanted: _Wanted, path: _Path, enough: int) -> Steps[list[_Place]]:
    """Follow an index until there are enough."""
    holds = _test(wanted, path.met)
    found: list[_Place] = []
    after, size = wanted.after, max(_FIRST_BATCH, enough)
    while True:
        rows = yield _batch(wanted, path, after, size, bare=False)
        found += [_Place(value, row[0]) for value, *row in rows if holds(row)]
        if len(rows) < size or len(found) >= enough:
            return found[:enough]
        after, size = _Place(*rows[-1][:2]), max(size, min(2 * size, _LARGEST_BATCH))


def _batch(wanted: _Wanted, path: _Path, after: _Place | None, size: int, *, bare: bool) -> tuple[str, list[Any]]:
    """The next entries of a path: the place, and unless `bare` also what `_test` looks at."""
    value, own = path.place
    columns = f"{value or chr(39) * 2}, {own}" + ("" if bare else ", r.changed, r.found_by")
    text, values = path.text, list(path.values)
    if path.joined and not bare:
        text = text.replace(" WHERE ", " CROSS JOIN records r WHERE ", 1) + f" AND {_OWN.format('r')} AND r.id = v.id"
        values += wanted.own
    if after is not None:
        sign = "<" if wanted.descending else ">"
        text += f" AND ({value}, {own}) {sign} ({{}}, {{}})" if value else f" AND {own} {sign} {{}}"
        values += [*after] if value else [after.id]
    order = ", ".join(f"{column} DESC" if wanted.descending else column for column in (value, own) if column)
    return f"SELECT {columns} {text} ORDER BY {order} LIMIT {{}}", [*values, size]


def _with_deleted(wanted: _Wanted, enough: int) -> Steps[list[_Place]]:
    """Records and tombstones in one order; there are no conditions but the moment, and with it the order is by moments."""
    path = _path(wanted)
    rows = yield _batch(wanted, path, wanted.after, enough, bare=True)
    dead = _Path(path.text.replace("FROM records ", "FROM record_tombstones "), path.values, path.place, joined=False)
    buried = yield _batch(wanted, dead, wanted.after, enough, bare=True)
    places = [_Place(*row) for row in (*rows, *buried)]
    return sorted(places, reverse=wanted.descending)[:enough]
