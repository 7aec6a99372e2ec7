"""Records: what a dialect or the core keeps beside numbers and documents. Values only; rules are in `record_rules`.

A record has a tenant, a kind, an id, and a body of bytes that nobody here reads. Beside the body stand the values that it can
be found by. A kind says which fields these are. Values are kept in a form whose order as text is their own order, so one index
serves all types (ADR-62).

A record that is deleted leaves a tombstone: id, version and moment stay, so that lists of what has changed can name it.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, NewType, TypeAlias

from gateway.core.documents import NEVER
from gateway.core.values import TenantId

RecordId = NewType("RecordId", str)
KindName = NewType("KindName", str)
FieldValue: TypeAlias = str | int | bool | dt.datetime
Given: TypeAlias = FieldValue | Iterable[FieldValue] | None
"""What a field is given: one value, several, or None for none."""

MADE_UP: Final = RecordId("")
"""Stands for an id that is not there yet: the store gives the next number of the kind."""
MAX_ID: Final = 128
"""The longest id, in characters."""
MAX_TEXT: Final = 200
"""So many characters of a text are indexed. Longer texts are found by as many of their first characters."""
MAX_PATTERN: Final = 1000
"""The longest pattern that a text is compared with, in characters."""
MAX_BODY: Final = 4 * 1024 * 1024
"""The largest body that a kind may allow, in bytes."""
MADE_UP_END: Final = 2**63
"""Numbers that are made up for ids lie below this one."""

_KIND: Final = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_OWN_WORDS: Final = frozenset({"id", "changed"})
_BIAS: Final = 2**63
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_HIGHEST: Final = "\U0010ffff"
_UNKEPT: Final = re.compile("[\0\ud800-\udfff]")
"""What no database keeps in a text."""


class FieldType(enum.Enum):
    """What the values of a field are, and how they are put into order.

    TEXT: by code points.
    NUMBER: whole numbers of 64 bits.
    MOMENT: aware, to the microsecond.
    FLAG: false before true.
    """

    TEXT = enum.auto()
    NUMBER = enum.auto()
    MOMENT = enum.auto()
    FLAG = enum.auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field that records of a kind are found by.

    several: a record may have several values; without it, one at most.
    unique: no two records of the tenant and kind have the same value (else RecordTaken).
    folded: letter case makes no difference; only for texts.
    """

    type: FieldType = FieldType.TEXT
    several: bool = False
    unique: bool = False
    folded: bool = False

    def indexed(self, value: FieldValue) -> str:
        """The value as the index holds it. Raises ValueError for one of another type."""
        return _INDEXED[self.type](value, self.folded)


def _text(value: FieldValue, folded: bool) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    plain = _UNKEPT.sub("\ufffd", value)
    return (plain.casefold() if folded else plain)[:MAX_TEXT]


def _number(value: FieldValue, _: bool) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not -_BIAS <= value < _BIAS:
        raise ValueError(f"not a whole number of 64 bits: {value!r}")
    return f"{value + _BIAS:016x}"


def _moment(value: FieldValue, _: bool) -> str:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise ValueError(f"not a moment with a time zone: {value!r}")
    return moment_value(value)


def moment_value(moment: dt.datetime) -> str:
    """A moment as the index holds it."""
    return f"{(moment - NEVER) // _MICROSECOND + _BIAS:016x}"


def moment_of(value: str) -> dt.datetime:
    """The moment that the index holds so. Raises ValueError, OverflowError."""
    return NEVER + (int(value, 16) - _BIAS) * _MICROSECOND


def _flag(value: FieldValue, _: bool) -> str:
    if not isinstance(value, bool):
        raise ValueError(f"not a flag: {value!r}")
    return "1" if value else "0"


_INDEXED: Final = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MOMENT: _moment,
    FieldType.FLAG: _flag,
}


class RecordKey(NamedTuple):
    """Names one record."""

    tenant: TenantId
    kind: KindName
    id: RecordId


Values: TypeAlias = Mapping[str, tuple[str, ...]]
"""By field, what a record is found by, as the index holds it; ascending, and without fields that have none."""
_NO_VALUES: Final[Values] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands. Make it by `RecordKind.record`.

    id: MADE_UP until the store has given one.
    body: of the kind's own form.
    values: what it is found by.
    format: of the body, as the kind counted when it was saved.
    version: 1 when it is new; each save and deletion adds one.
    registered, changed: the tenant's time.
    deleted: only a tombstone is left, without body and values.
    """

    tenant: TenantId
    kind: KindName
    id: RecordId
    body: bytes = b""
    values: Values = field(default_factory=lambda: _NO_VALUES)
    format: int = 1
    version: int = 0
    registered: dt.datetime = NEVER
    changed: dt.datetime = NEVER
    deleted: bool = False

    @property
    def key(self) -> RecordKey:
        """Names the record."""
        return RecordKey(self.tenant, self.kind, self.id)

    @property
    def size(self) -> int:
        """What it counts for in the quota: bytes of the body, characters of the id and of the values."""
        return len(self.body) + len(self.id) + sum(len(value) for own in self.values.values() for value in own)


class Condition(NamedTuple):
    """A condition on one field: one of these values, or a value in a span. Make it by `RecordKind`.

    values: any of them; empty for a span.
    low, high: the ends of the span, both inclusive; None where it has no end.
    like: a value in the span must look so, too: `%` stands for any characters, `_` for one (ADR-78); None for every value.
    """

    field: str
    values: tuple[str, ...] = ()
    low: str | None = None
    high: str | None = None
    like: str | None = None

    def meets(self, values: Values) -> bool:
        """Whether a record with these values meets the condition."""
        return any(self.takes(value) for value in values.get(self.field, ()))

    def takes(self, value: str) -> bool:
        """Whether one value meets the condition."""
        if self.values:
            return value in self.values
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return False
        return self.like is None or _looks_like(self.like).match(value) is not None


@lru_cache(maxsize=256)
def _looks_like(pattern: str) -> re.Pattern[str]:
    """What matches as SQL's LIKE does, without an escape.

    Each part between two `%` is taken where it is found first, and not given back (`(?>…)`). So a pattern of many `%` takes no
    longer than a plain one.
    """
    first, *rest = ["".join("." if sign == "_" else re.escape(sign) for sign in part) for part in pattern.split("%")]
    if not rest:
        return re.compile(rf"{first}\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(rf"{first}{middle}.*{rest[-1]}\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record, as a dialect or the core declares it.

    name: 1-64 characters of a-z, 0-9, dot, dash, underscore; a dialect's begins with its own name and a dot.
    fields: by name, what records are found by.
    format: of the body; a new number when the form of the body changes.
    max_body: bytes of the largest body, at most MAX_BODY.
    first_id: the first number that is made up for an id.
    last_id: the last number that is made up for an id.
    above_all: a number that is made up for an id is above every number that is or was an id of the kind. When one of them is
        `last_id`, it is a lower one that never was an id.
    tombstones: a deleted record leaves a tombstone.
    """

    name: KindName
    fields: Mapping[str, Field] = field(default_factory=dict)
    format: int = 1
    max_body: int = 64 * 1024
    first_id: int = 1
    last_id: int = MADE_UP_END - 1
    above_all: bool = False
    tombstones: bool = True

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.name):
            raise ValueError(f"not the name of a kind of record: {self.name!r}")
        wrong = [name for name in self.fields if not _FIELD.fullmatch(name) or name in _OWN_WORDS]
        if wrong:
            raise ValueError(f"not the name of a field: {wrong[0]!r}")
        if not 0 < self.max_body <= MAX_BODY or not 0 <= self.first_id <= self.last_id < MADE_UP_END:
            raise ValueError(f"{self.name}: max_body, first_id or last_id is out of range")

    def record(
        self, tenant: TenantId, record: RecordId | str, body: bytes = b"", values: Mapping[str, Given] | None = None
    ) -> Record:
        """A record to be saved. Raises ValueError for an id or value that cannot be kept, and for an unknown field."""
        check_id(RecordId(record))
        found = {name: self._indexed(name, given) for name, given in sorted((values or {}).items())}
        kept = {name: own for name, own in found.items() if own}
        return Record(tenant, self.name, RecordId(record), body, kept, self.format)

    def _indexed(self, name: str, given: Given) -> tuple[str, ...]:
        own = self._field(name)
        if given is None:
            return ()
        if isinstance(given, (str, int, dt.datetime)):
            return (own.indexed(given),)
        values = tuple(sorted({own.indexed(value) for value in given}))
        if len(values) > 1 and not own.several:
            raise ValueError(f"{self.name}.{name} has one value at most")
        return values

    def _field(self, name: str) -> Field:
        if name not in self.fields:
            raise ValueError(f"{self.name} has no field {name!r}")
        return self.fields[name]

    def key(self, tenant: TenantId, record: RecordId | str | int) -> RecordKey:
        """Names a record of this kind."""
        return RecordKey(tenant, self.name, RecordId(str(record)))

    # Conditions to search by

    def is_one_of(self, name: str, *wanted: FieldValue) -> Condition:
        """The field has one of these values. Raises ValueError, also when there are none."""
        if not wanted:
            raise ValueError("any of nothing")
        own = self._field(name)
        return Condition(name, tuple(sorted({own.indexed(value) for value in wanted})))

    def is_between(self, name: str, low: FieldValue | None = None, high: FieldValue | None = None) -> Condition:
        """The field has a value from `low` to `high`, both included; None where there is no bound. Raises ValueError."""
        own = self._field(name)
        return Condition(
            name, (), None if low is None else own.indexed(low), None if high is None else own.indexed(high)
        )

    def begins_with(self, name: str, beginning: str) -> Condition:
        """The text begins so. Raises ValueError."""
        low = self._field(name).indexed(beginning)
        return Condition(name, (), low, low + _HIGHEST * (MAX_TEXT - len(low)))

    def is_like(self, name: str, pattern: str) -> Condition:
        """The folded text looks like a pattern of SQL: `%` stands for any characters, `_` for one. There is no escape.

        Only the first MAX_TEXT characters of a text are compared. Raises ValueError for a field that is not a folded text, and
        for a pattern of more than MAX_PATTERN characters.
        """
        own = self._field(name)
        if own.type is not FieldType.TEXT or not own.folded or len(pattern) > MAX_PATTERN:
            raise ValueError(f"{self.name}.{name} is not a folded text, or the pattern is longer than {MAX_PATTERN}")
        folded = re.sub("%%+", "%", _UNKEPT.sub("\ufffd", pattern).casefold())
        plain = re.match("[^%_]*", folded)[0]  # type: ignore[index]
        if plain == folded:
            return Condition(name, (plain,))
        low = plain[:MAX_TEXT] or None
        high = None if low is None else low + _HIGHEST * (MAX_TEXT - len(low))
        return Condition(name, (), low, high, None if folded == f"{plain}%" and len(plain) <= MAX_TEXT else folded)


def can_be_id(record: str) -> bool:
    """False for what no record can be named by: longer than MAX_ID, or with characters that are not printable."""
    return len(record) <= MAX_ID and record.isprintable()


def check_id(record: RecordId) -> None:
    """Raises ValueError for an id that cannot be kept."""
    if not can_be_id(record):
        raise ValueError(f"not the id of a record: {record[:MAX_ID]!r} (1-{MAX_ID} printable characters)")


def id_order(record: RecordId) -> tuple[int, str]:
    """Short ids come first, ids of one length by code points. So whole numbers are in their own order."""
    return len(record), record


def number_of(record: RecordId) -> int:
    """The number that an id is; -1 for an id that is none, as are those with leading zeros."""
    if not record.isascii() or not record.isdecimal() or (record[0] == "0" and record != "0"):
        return -1
    return int(record)


class RecordUsage(NamedTuple):
    """How much a tenant has of one kind.

    records: those that are not deleted.
    tombstones: those that are.
    bytes: the sum of `Record.size`.
    last_id: the last number that was made up for an id; -1 before the first one. Of a kind whose ids are `above_all` it is the
        highest number that is or was an id, or the last one that was made up after that had reached the kind's `last_id`.
    """

    records: int = 0
    tombstones: int = 0
    bytes: int = 0
    last_id: int = -1


@dataclass(frozen=True, slots=True)
class RecordQuota:
    """How much a tenant may have of one kind.

    records: tombstones count, too.
    bytes: the sum of `Record.size`.
    """

    records: int = 1_000_000
    bytes: int = 2 * 1024**3


DEFAULT_QUOTA: Final = RecordQuota()
