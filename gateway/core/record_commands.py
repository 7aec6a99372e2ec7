"""What can be asked about records: commands, queries and their answers."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.core.commands import Command, Expect, Query, R_co
from gateway.core.records import (
    MADE_UP,
    Condition,
    KindName,
    Record,
    RecordId,
    RecordKey,
    RecordKind,
    RecordQuota,
    RecordUsage,
    moment_of,
)
from gateway.core.values import Origin, TenantId

RECORDS_PAGE: Final = 100
MAX_RECORDS_PAGE: Final = 10_000
COUNTED: Final = 10_000
MAX_COUNTED: Final = 2**31 - 1
BY_ID: Final = "id"
BY_CHANGED: Final = "changed"


class Action(enum.Enum):
    """What a save does.

    SAVE: the record shall read so.
    DELETE: only a tombstone stays, if the kind keeps tombstones.
    FORGET: nothing stays, neither of a record nor of a tombstone.
    """

    SAVE = enum.auto()
    DELETE = enum.auto()
    FORGET = enum.auto()


@dataclass(frozen=True, slots=True)
class SaveRecord:
    """One record as it shall read, whole; or its deletion.

    expect: NEW refuses an id that is taken, EXISTING one that is unknown. To delete what is not there changes nothing.
    expected_version: refuse unless the record stands at this version (implies EXISTING); None does not look.
    if_different: change nothing when body, format and values are what they are already.
    """

    record: Record
    expect: Expect = Expect.NEW
    expected_version: int | None = None
    action: Action = Action.SAVE
    if_different: bool = False

    def __post_init__(self) -> None:
        if self.record.id == MADE_UP and (self.expect is Expect.EXISTING or self.action is not Action.SAVE):
            raise ValueError("an existing record has an id")


@dataclass(frozen=True, slots=True)
class RecordsSaved:
    """Answer to SaveRecords.

    records: one for each save, in their order, as it now stands; version 0 when there was nothing to delete.
    removed: what `exactly` has deleted, by ascending id.
    """

    records: tuple[Record, ...]
    removed: tuple[RecordId, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveRecords(Command[RecordsSaved]):
    """Save and delete several records of one kind: all or nothing, one decided on top of the other.

    exactly: delete every record of the kind that is not in `saves`.
    quota: how much the tenant may have of the kind, where that is less than a tenant may have of any kind.
    Refused: RecordUnknown, RecordExists, RecordChanged, RecordTaken, RecordsFull.
    """

    tenant: TenantId
    kind: RecordKind
    saves: tuple[SaveRecord, ...]
    by: Origin
    exactly: bool = False
    quota: RecordQuota | None = None

    def __post_init__(self) -> None:
        if any((save.record.tenant, save.record.kind) != (self.tenant, self.kind.name) for save in self.saves):
            raise ValueError("a record of another tenant or kind")


class RecordQuery(Query[R_co]):
    """A query about records."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class RecordsRead:
    """Answer to GetRecords.

    records: by key; those that the tenant does not have are left out. A tombstone is not there.
    kinds: those of the kinds asked for of which the tenant has any record, or a tombstone of one.
    """

    records: dict[RecordKey, Record]
    kinds: frozenset[KindName] = frozenset()


@dataclass(frozen=True, slots=True)
class GetRecords(RecordQuery[RecordsRead]):
    """Read records by key, of several kinds in one question, all of one instant.

    keys: all of the tenant's (ValueError).
    any_of: kinds of which to say whether the tenant has any record, or had one that left a tombstone.
    """

    tenant: TenantId
    keys: tuple[RecordKey, ...] = ()
    any_of: tuple[KindName, ...] = ()

    def __post_init__(self) -> None:
        if any(key.tenant != self.tenant for key in self.keys):
            raise ValueError("a record of another tenant")


@dataclass(frozen=True, slots=True)
class GetRecordUsage(RecordQuery[RecordUsage]):
    """Read how much a tenant has of a kind: how many records and tombstones, how many bytes. It costs one look by key."""

    tenant: TenantId
    kind: KindName


class RecordCursor(NamedTuple):
    """Where a page ends; the next one begins behind it.

    value: what the page is ordered by, as the index holds it; "" for ids.
    """

    value: str
    id: RecordId


@dataclass(frozen=True, slots=True)
class RecordsFound:
    """Answer to SearchRecords: one page.

    more: there are further ones after the last.
    end: give it as `after` for the next page; None when the page is empty.
    """

    records: tuple[Record, ...]
    more: bool = False
    end: RecordCursor | None = None


@dataclass(frozen=True, slots=True)
class SearchRecords(RecordQuery[RecordsFound]):
    """Read a page of records.

    where: conditions that must all hold.
    changed_after, registered_after: only those changed, or registered, strictly later (aware; ValueError otherwise).
    with_deleted: tombstones, too. Not together with `where` or an order by a field (ValueError).
    only_deleted: tombstones alone; the same holds.
    order: BY_ID, BY_CHANGED, or a field that has one value at most; then only records with a value are found. Records of equal
        value are in the order of `then`, and last of their ids.
    then: further orders for records of equal value: fields that have one value at most, and only records with a value in each
        of them are found; the last one may be BY_CHANGED. Only with an order by a field, and without `after` (ValueError).
    after: the end of the page before (ValueError for one that is of no page).
    skip: how many of those behind `after` to leave out; each is looked up, so give `after` where you can.
    limit: how many at most, 1 to MAX_RECORDS_PAGE.
    """

    tenant: TenantId
    kind: RecordKind
    where: tuple[Condition, ...] = ()
    changed_after: dt.datetime | None = None
    with_deleted: bool = False
    order: str = BY_ID
    descending: bool = False
    after: RecordCursor | None = None
    skip: int = 0
    limit: int = RECORDS_PAGE
    then: tuple[str, ...] = ()
    registered_after: dt.datetime | None = None
    only_deleted: bool = False

    def __post_init__(self) -> None:
        own = self.kind.fields.get(self.order)
        if self.then:
            self._check_further_orders()
        if self.order not in (BY_ID, BY_CHANGED) and (own is None or own.several):
            raise ValueError(f"{self.kind.name} has no order by {self.order!r}")
        _check_moments(self)
        if own is not None and (self.with_deleted or self.only_deleted):
            raise ValueError("tombstones have no fields")
        if self.after is not None and self.order == BY_CHANGED:
            moment_of(self.after.value)
        if not 1 <= self.limit <= MAX_RECORDS_PAGE or self.skip < 0:
            raise ValueError(f"a page of {self.limit} records behind {self.skip}")

    def _check_further_orders(self) -> None:
        fields = self.then[:-1] if self.then[-1] == BY_CHANGED else self.then
        unordered = [name for name in fields if name not in self.kind.fields or self.kind.fields[name].several]
        if unordered:
            raise ValueError(f"{self.kind.name} has no order by {unordered[0]!r}")
        if self.order not in self.kind.fields or self.after is not None:
            raise ValueError("further orders follow the order by a field, on pages that are counted")


@dataclass(frozen=True, slots=True)
class RecordsCounted:
    """Answer to CountRecords.

    more: there are more than were counted.
    """

    count: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class CountRecords(RecordQuery[RecordsCounted]):
    """Count records, up to `at_most`. Without a condition or a moment the answer is exact and costs nothing.

    at_most: 1 to MAX_COUNTED (ValueError). The others are those of SearchRecords.
    """

    tenant: TenantId
    kind: RecordKind
    where: tuple[Condition, ...] = ()
    at_most: int = COUNTED
    changed_after: dt.datetime | None = None
    registered_after: dt.datetime | None = None
    with_deleted: bool = False
    only_deleted: bool = False

    def __post_init__(self) -> None:
        _check_moments(self)
        if not 1 <= self.at_most <= MAX_COUNTED:
            raise ValueError(f"cannot count up to {self.at_most}")


def _check_moments(query: SearchRecords | CountRecords) -> None:
    """Raises ValueError for a moment without a time zone, and for conditions on tombstones."""
    moments = query.changed_after, query.registered_after
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise ValueError("a moment needs a time zone")
    if query.where and (query.with_deleted or query.only_deleted):
        raise ValueError("tombstones have no fields")
