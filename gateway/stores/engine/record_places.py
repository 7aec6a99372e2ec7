"""Finds the places of records in the order of a page: a walk along an index and a bounded look take turns (ADR-62, ADR-72).

Where one index serves everything that is wanted, in the order of the page, it is walked until the page is full. Otherwise each
condition is looked up in the index `record_values`, for at most PROBE entries. If one of them gives fewer, all records that it
names are read, without their bodies, and the other conditions are held against their values. If each gives PROBE or more, the
records are walked in the order of the page, for about as many entries as were looked at. If the page is not full then, four
times as many entries are looked up, and so on. So a page costs no more than a few times the cheaper way of the two: it does not
grow with the records that meet no condition. The statistics of a database play no part: they may be older than its rows.

A function here is a generator: it gives out statements in which `{}` stands for a value, and gets their rows.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from gateway.core.record_commands import BY_CHANGED, BY_ID
from gateway.core.records import Condition, KindName
from gateway.core.values import TenantId

T = TypeVar("T")
Rows: TypeAlias = Sequence[Sequence[Any]]
Steps: TypeAlias = Generator[tuple[str, Sequence[Any]], Rows, T]

PROBE: Final = 100
_MORE: Final = 4
"""Each look is so many times as long as the one before it."""
_MOST_GATHERED: Final = 640 * PROBE
"""A condition that names more records than this is not read whole, because they would need much memory."""
_FIRST_BATCH: Final = 64
_LARGEST_BATCH: Final = 4096
NEVER: Final = -(2**63)
OWN: Final = "{0}.tenant = {{}} AND {0}.kind = {{}}"
_SEEN: Final = "r.changed || ' ' || r.registered || ' ' || r.found_by"
"""What `_Test` looks at."""
_ESCAPE: Final = "~"
"""Both databases need one, and PostgreSQL has another one unless it is named; a pattern of the core has none."""


class Place(NamedTuple):
    """Where a record stands in the order of a page, as the columns have it. values: one for each order but the one by id."""

    values: tuple[Any, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for.

    since: microseconds; changed later.
    registered: microseconds; registered later.
    orders, descending, after: of the page; the id is the last order without being named.
    """

    tenant: TenantId
    kind: KindName
    where: tuple[Condition, ...] = ()
    since: int | None = None
    orders: tuple[str, ...] = (BY_ID,)
    descending: bool = False
    after: Place | None = None
    registered: int | None = None

    @property
    def own(self) -> list[Any]:
        """The values of OWN."""
        return [self.tenant, self.kind]


class _Source(NamedTuple):
    """Entries of an index, from FROM on, and the values. met: the condition that holds for each of them."""

    text: str
    values: list[Any]
    met: Condition | None = None


def entries(wanted: Wanted, condition: Condition) -> tuple[str, list[Any]]:
    """The entries `v` of the index that meet a condition, from FROM on, and the values.

    Several values are several questions in one. Before it has statistics, PostgreSQL would answer `IN` by reading all values of
    the field.
    """
    of_field = f"FROM record_values v WHERE {OWN.format('v')} AND v.field = {{}}"
    first = [*wanted.own, condition.field]
    own = condition.values
    if len(own) > 1:
        each = f"SELECT v.value, v.id {of_field} AND v.value = {{}}"
        return f"FROM ({' UNION ALL '.join([each] * len(own))}) v", [part for value in own for part in (*first, value)]
    bounds = [("=", own[0])] if own else [(">=", condition.low), ("<=", condition.high)]
    given = [(f" AND v.value {sign} {{}}", bound) for sign, bound in bounds if bound is not None]
    if condition.like is not None:
        given.append((f" AND v.value LIKE {{}} ESCAPE '{_ESCAPE}'", condition.like.replace(_ESCAPE, 2 * _ESCAPE)))
    return of_field + "".join(text for text, _ in given), [*first, *(bound for _, bound in given)]


def _seen_of(entry: str) -> str:
    """What `_Test` looks at, of the record that an entry names; two values.

    It is no join: before it has statistics, PostgreSQL would read all records of the kind for each entry.
    """
    return f"(SELECT {_SEEN} FROM records r WHERE {OWN.format('r')} AND r.id = {entry}.id)"


def _changed_since(wanted: Wanted) -> tuple[str, list[Any]]:
    """Also when all are meant: PostgreSQL takes the index only for a question that says something about the moment."""
    since = NEVER if wanted.since is None else wanted.since
    return f"FROM records r WHERE {OWN.format('r')} AND r.changed > {{}}", [*wanted.own, since]


def _registered_since(wanted: Wanted) -> tuple[str, list[Any]]:
    return f"FROM records r WHERE {OWN.format('r')} AND r.registered > {{}}", [*wanted.own, wanted.registered]


def places(wanted: Wanted, enough: int) -> Steps[list[Place]]:
    """The places of records that meet everything, in order, at most `enough`."""
    path = _path(wanted)
    if path.is_whole(wanted):
        rows = yield _batch(wanted, path, wanted.after, enough, bare=True)
        return [path.place(row) for row in rows]
    walk, look = _Walk(wanted, path, enough), PROBE
    while True:
        narrow = (yield from _narrowest(wanted, look)) if look <= _MOST_GATHERED else None
        if narrow is not None:
            return (yield from gathered(wanted, narrow, enough))
        if (yield from walk.go_on(look)):
            return (yield from _settled(wanted, walk, enough))
        look *= _MORE


def _narrowest(wanted: Wanted, most: int) -> Steps[_Source | None]:
    """What gives the fewest entries, and fewer than `most`."""
    sources = [_Source(*entries(wanted, condition), condition) for condition in wanted.where]
    if wanted.since is not None:
        sources.append(_Source(*_changed_since(wanted)))
    if wanted.registered is not None:
        sources.append(_Source(*_registered_since(wanted)))
    best: _Source | None = None
    for source in sources:
        if not most:
            break
        rows = yield f"SELECT count(*) FROM (SELECT 1 {source.text} LIMIT {{}}) p", [*source.values, most]
        best, most = (source, rows[0][0]) if rows[0][0] < most else (best, most)
    return best


def gathered(wanted: Wanted, source: _Source, enough: int) -> Steps[list[Place]]:
    """Read all that one source names, and put what meets the others into order."""
    text, values, met = source
    if met is None:
        rows = yield f"SELECT r.id, {_SEEN} {text}", values
    else:
        rows = yield f"SELECT d.id, {_seen_of('d')} FROM (SELECT DISTINCT v.id {text}) d", [*wanted.own, *values]
    found = list(_Test(wanted, met).places(rows))
    if wanted.after is not None:
        last, down = wanted.after, wanted.descending
        found = [place for place in found if (place < last if down else place > last)]
    return sorted(found, reverse=wanted.descending)[:enough]


def narrow_source(wanted: Wanted) -> Steps[_Source | None]:
    """A source of fewer than PROBE entries; None when there is none."""
    return (yield from _narrowest(wanted, PROBE))


def passed_over(wanted: Wanted, skip: int) -> Steps[tuple[Wanted, int]]:
    """The same page with less to leave out, where the index alone can tell: the values before it are not wanted any more.

    Every record has a moment of change, but it may lack a value of a further field. So only the order by change may follow.
    """
    path = _path(wanted)
    if skip < PROBE or wanted.after is not None or wanted.orders[1:] != (BY_CHANGED,) or not path.meets_all(wanted):
        return wanted, skip
    down = " DESC" if wanted.descending else ""
    rows = yield (
        f"SELECT v.value {path.text} ORDER BY v.value{down}, v.id{down} LIMIT 1 OFFSET {{}}",
        [*path.values, skip],
    )
    if not rows:
        return wanted, skip
    value = rows[0][0]
    sign, bound = (
        (">", Condition(wanted.orders[0], high=value)) if down else ("<", Condition(wanted.orders[0], low=value))
    )
    rows = yield f"SELECT count(*) {path.text} AND v.value {sign} {{}}", [*path.values, value]
    return replace(wanted, where=(bound, *wanted.where)), skip - int(rows[0][0])


class _Test:
    """Holds everything but the condition that is met already against the row of a record."""

    def __init__(self, wanted: Wanted, met: Condition | None) -> None:
        self._where = [condition for condition in wanted.where if condition is not met]
        self._since = wanted.since
        self._registered = wanted.registered
        self._orders = [order for order in wanted.orders if order != BY_ID]
        self._reads = bool(self._where) or any(order != BY_CHANGED for order in self._orders)

    def places(self, rows: Iterable[Sequence[Any]]) -> Iterable[Place]:
        """The places of those that hold; a row ends with the id, and both moments and values as JSON in one text."""
        for row in rows:
            own, seen = row[-2:]
            moment, registered, found_by = seen.split(" ", 2)
            changed = int(moment)
            if self._since is not None and changed <= self._since:
                continue
            if self._registered is not None and int(registered) <= self._registered:
                continue
            values = json.loads(found_by) if self._reads else {}
            if all(condition.meets(values) for condition in self._where):
                keys = [(changed,) if order == BY_CHANGED else values.get(order, ()) for order in self._orders]
                if all(keys):
                    yield Place(tuple([key[0] for key in keys]), own)


# --- walks ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Path:
    """An index in the order of the page.

    text: from FROM on.
    columns: of the place; the id is the last one.
    met: the condition that holds for every entry.
    joined: the entries are of `record_values`; to see more of a record it has to be looked up.
    """

    text: str
    values: list[Any]
    columns: tuple[str, ...]
    met: Condition | None = None
    joined: bool = True

    def is_whole(self, wanted: Wanted) -> bool:
        """True when each entry meets everything that is wanted, and the index has the whole order."""
        return len(wanted.orders) == 1 and self.meets_all(wanted)

    def meets_all(self, wanted: Wanted) -> bool:
        """True when each entry meets everything that is wanted."""
        by_moment = wanted.registered is None and (wanted.since is None or wanted.orders[0] == BY_CHANGED)
        return by_moment and all(condition is self.met for condition in wanted.where)

    def place(self, row: Sequence[Any]) -> Place:
        """Where an entry stands in the index."""
        last = len(self.columns) - 1
        return Place(tuple(row[:last]), row[last])


def _path(wanted: Wanted) -> _Path:
    order = wanted.orders[0]
    if order == BY_CHANGED:
        return _Path(*_changed_since(wanted), ("r.changed", "r.id"), joined=False)
    if order == BY_ID:
        met = next((condition for condition in wanted.where if len(condition.values) == 1), None)
        by_moment = wanted.since is not None or wanted.registered is not None
        if len(wanted.where) == 1 and wanted.where[0].like is not None and not by_moment:
            return _named_like(wanted, wanted.where[0])
        if met is None:
            return _Path(f"FROM records r WHERE {OWN.format('r')}", wanted.own, ("r.id",), joined=False)
        return _Path(*entries(wanted, met), ("v.id",), met)
    in_order = (condition for condition in wanted.where if condition.field == order and len(condition.values) <= 1)
    met = next(in_order, None)
    return _Path(*entries(wanted, met or Condition(order)), ("v.value", "v.id"), met)


def _named_like(wanted: Wanted, condition: Condition) -> _Path:
    """Ids in their order, of one look at all values of the field: most values have to be compared in any case (ADR-78)."""
    text, values = entries(wanted, condition)
    return _Path(f"FROM (SELECT DISTINCT v.id {text}) d WHERE d.id > ''", values, ("d.id",), condition)


class _Walk:
    """Follows an index until there are enough.

    found: the places so far, in the order of the index, which is the first order of the page.
    ended: the index has no further entries.
    """

    def __init__(self, wanted: Wanted, path: _Path, enough: int) -> None:
        self._wanted, self._path, self._enough = wanted, path, enough
        self._test = _Test(wanted, path.met)
        self._after = wanted.after
        self._size = min(max(_FIRST_BATCH, enough), _LARGEST_BATCH)
        self.found: list[Place] = []
        self.ended = False

    def go_on(self, most: int) -> Steps[bool]:
        """Pass over about so many entries; True when there are enough, or no further ones."""
        walked = 0
        while walked < most:
            rows = yield _batch(self._wanted, self._path, self._after, self._size, bare=False)
            self.found += self._test.places(rows)
            self.ended = len(rows) < self._size
            if self.ended or len(self.found) >= self._enough:
                return True
            walked += len(rows)
            self._after = self._path.place(rows[-1])
            self._size = max(self._size, min(2 * self._size, _LARGEST_BATCH))
        return False


def _settled(wanted: Wanted, walk: _Walk, enough: int) -> Steps[list[Place]]:
    """What a walk has found, with records of equal value in the further orders.

    All values but the last one were walked whole. Of the last one there may be any number of further records: they are a
    search of their own, by the other orders.
    """
    found = walk.found
    if len(wanted.orders) == 1:
        return found[:enough]
    if walk.ended:
        return sorted(found, reverse=wanted.descending)[:enough]
    last = found[-1].values[0]
    whole = sorted((place for place in found if place.values[0] != last), reverse=wanted.descending)
    if len(whole) >= enough:
        return whole[:enough]
    equal = Condition(wanted.orders[0], (last,))
    rest = yield from places(
        replace(wanted, where=(*wanted.where, equal), orders=wanted.orders[1:]), enough - len(whole)
    )
    return [*whole, *(Place((last, *place.values), place.id) for place in rest)]


def _batch(wanted: Wanted, path: _Path, after: Place | None, size: int, *, bare: bool) -> tuple[str, list[Any]]:
    """The next entries of a path: the place, and unless `bare` also what `_Test` looks at."""
    columns, text, values = ", ".join(path.columns), path.text, list(path.values)
    if not bare:
        columns += f", {_seen_of('v') if path.joined else _SEEN}"
        values = [*wanted.own, *values] if path.joined else values
    if after is not None:
        sign = "<" if wanted.descending else ">"
        given = [*after.values, after.id]
        text += f" AND ({', '.join(path.columns)}) {sign} ({', '.join(['{}'] * len(given))})"
        values += given
    order = ", ".join(f"{column} DESC" if wanted.descending else column for column in path.columns)
    return f"SELECT {columns} {text} ORDER BY {order} LIMIT {{}}", [*values, size]
