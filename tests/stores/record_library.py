"""A few thousand records, the questions that are put to them, and how each is answered in both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from gateway.core.record_commands import (
    BY_CHANGED,
    CountRecords,
    GetRecords,
    RecordCursor,
    RecordQuery,
    SearchRecords,
)
from gateway.core.records import RecordId
from gateway.stores import DatabaseStore
from tests.core.record_cases import OURS, PERSON, delete, person, save, saves

MANY: Final = 3000
FIRST: Final = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
RARE: Final = PERSON.is_one_of("mail", "p7@example.com")
COMMON: Final = PERSON.is_one_of("paid", True)
_MIDDLE: Final = RecordCursor("", RecordId("1500"))

QUESTIONS: Final[dict[str, RecordQuery[Any]]] = {
    "by key": GetRecords(OURS, (PERSON.key(OURS, 7), PERSON.key(OURS, "never")), (PERSON.name,)),
    "everything": SearchRecords(OURS, PERSON),
    "everything from the middle": SearchRecords(OURS, PERSON, after=_MIDDLE, skip=3),
    "everything backwards": SearchRecords(OURS, PERSON, after=_MIDDLE, descending=True),
    "one rare value": SearchRecords(OURS, PERSON, (RARE,)),
    "one common value": SearchRecords(OURS, PERSON, (COMMON,)),
    "a common and a rare value": SearchRecords(OURS, PERSON, (COMMON, RARE)),
    "two common values": SearchRecords(OURS, PERSON, (COMMON, PERSON.is_one_of("tag", "red", "green"))),
    "a beginning": SearchRecords(OURS, PERSON, (PERSON.begins_with("name", "Name 29"),)),
    "a common beginning": SearchRecords(OURS, PERSON, (PERSON.begins_with("name", "na"),)),
    "a span, in its order": SearchRecords(OURS, PERSON, (PERSON.is_between("age", 3, 8),), order="age"),
    "by a field, backwards": SearchRecords(OURS, PERSON, (COMMON,), order="name", descending=True),
    "far behind": SearchRecords(OURS, PERSON, order="age", then=("changed",), descending=True, skip=1505, limit=5),
    "far behind, of a span": SearchRecords(
        OURS, PERSON, (PERSON.is_between("age", 3, 8),), order="age", then=("changed",), skip=1200, limit=500
    ),
    "by fields": SearchRecords(
        OURS, PERSON, order="age", then=("paid", "changed"), descending=True, skip=1500, limit=5
    ),
    "by fields of few": SearchRecords(OURS, PERSON, (RARE,), order="age", then=("name",)),
    "by fields of many": SearchRecords(OURS, PERSON, (COMMON,), order="paid", then=("age", "name"), limit=5),
    "changed since": SearchRecords(OURS, PERSON, changed_after=FIRST, order=BY_CHANGED),
    "changed since, by id": SearchRecords(OURS, PERSON, (COMMON,), changed_after=FIRST),
    "changes with tombstones": SearchRecords(OURS, PERSON, changed_after=FIRST, with_deleted=True, order=BY_CHANGED),
    "changes with tombstones, by id": SearchRecords(OURS, PERSON, changed_after=FIRST, with_deleted=True, skip=2500),
    "everything with tombstones": SearchRecords(OURS, PERSON, with_deleted=True, skip=2500),
    "tombstones": SearchRecords(OURS, PERSON, only_deleted=True, skip=5),
    "registered since": SearchRecords(OURS, PERSON, registered_after=FIRST, skip=2500),
    "registered and changed since, with tombstones": SearchRecords(
        OURS, PERSON, registered_after=FIRST, changed_after=FIRST, with_deleted=True, order=BY_CHANGED, skip=2500
    ),
    "registered since, of a common value": SearchRecords(OURS, PERSON, (COMMON,), registered_after=FIRST),
    "a pattern": SearchRecords(OURS, PERSON, (PERSON.is_like("name", "%E 29_"),)),
    "a common pattern from the middle": SearchRecords(
        OURS, PERSON, (PERSON.is_like("name", "n%2%"),), after=_MIDDLE, descending=True
    ),
    "a pattern, in its order": SearchRecords(OURS, PERSON, (PERSON.is_like("name", "n%2%"),), order="name", skip=300),
    "a pattern and a common value": SearchRecords(OURS, PERSON, (PERSON.is_like("name", "%2%"), COMMON)),
    "a pattern, changed since": SearchRecords(
        OURS, PERSON, (PERSON.is_like("name", "%2%"),), changed_after=FIRST, order=BY_CHANGED
    ),
    "count of a pattern": CountRecords(OURS, PERSON, (PERSON.is_like("name", "%2%"),)),
    "count of what is younger": CountRecords(OURS, PERSON, registered_after=FIRST, changed_after=FIRST),
    "count of tombstones": CountRecords(OURS, PERSON, only_deleted=True, changed_after=FIRST),
    "count of younger ones with a value": CountRecords(OURS, PERSON, (COMMON,), changed_after=FIRST),
    "count of all": CountRecords(OURS, PERSON),
    "count of a common value": CountRecords(OURS, PERSON, (COMMON,), 100),
    "count of two": CountRecords(OURS, PERSON, (COMMON, PERSON.begins_with("name", "Name 2")), 100),
}

PUT_INTO_ORDER: Final = frozenset(
    {"changes with tombstones, by id", "registered since", "a pattern", "a common pattern from the middle"}
)
"""Questions whose index has another order than the page: all that it names is put into order."""
MERGED: Final = frozenset({name for name in QUESTIONS if name.endswith("with tombstones")})
"""Questions that two tables answer. SQLite puts the beginnings of both into order."""


async def fill(store: DatabaseStore) -> None:
    """Save MANY records, and delete every hundredth."""
    people = [
        person(
            str(number),
            b"x" * 50,
            name=f"Name {number}",
            mail=f"p{number}@example.com",
            tag=("red", "green") if number % 3 else ("blue",),
            age=number % 10,
            born=FIRST + dt.timedelta(days=number),
            paid=number % 2 == 0,
        )
        for number in range(1, MANY + 1)
    ]
    await store.execute(saves(*map(save, people)))
    await store.execute(saves(*(delete(str(number)) for number in range(100, MANY, 100))))
