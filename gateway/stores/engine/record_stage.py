"""Records as a group of commands sees and changes them, and the rows to write. A part of the unit of work."""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, Protocol

from gateway.core.changes import RecordSaved, RecordsCounted
from gateway.core.records import KindName, Record, RecordId, RecordKey, RecordQuota, RecordUsage, can_be_id
from gateway.core.values import TenantId
from gateway.stores.engine import statements
from gateway.stores.engine.record_rows import key_row, record_row, tombstone_row, usage_row, value_rows
from gateway.stores.engine.statements import Row, Statement

UniqueValue = tuple[TenantId, KindName, str, str]
"""Tenant, kind, field, value as the index holds it."""


class RecordLookup(Protocol):
    """Finds records in the database, because memory does not hold them."""

    def records(self, keys: Iterable[RecordKey]) -> Iterable[Record]:
        """Those that are there, and tombstones."""
        ...

    def record_with(self, wanted: UniqueValue) -> RecordId | None: ...
    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage: ...

    def records_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        """All of a kind, without tombstones."""
        ...


class _Rows(Protocol):
    """Where rows are put down."""

    def set_row(self, statement: Statement, identity: object, row: Row) -> None: ...

    def drop_row(self, statement: Statement, identity: object) -> bool:
        """True when there was one."""
        ...


class RecordStage:
    """What a group has looked up and changed. Answers what `record_rules.RecordState` asks.

    changed: the tenants whose records have changed.
    """

    def __init__(self, lookup: RecordLookup, rows: _Rows) -> None:
        self._lookup = lookup
        self._rows = rows
        self.changed: set[TenantId] = set()
        self._records: dict[RecordKey, Record | None] = {}
        self._owners: dict[UniqueValue, RecordId | None] = {}
        self._usage: dict[tuple[TenantId, KindName], RecordUsage] = {}

    def look_up(self, keys: Iterable[RecordKey]) -> None:
        """Fetch records, all at once, before deciding."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._records]
        if wanted:
            possible = [key for key in wanted if can_be_id(key.id)]
            found = {record.key: record for record in self._lookup.records(possible)}
            self._records.update({key: found.get(key) for key in wanted})

    def record(self, key: RecordKey) -> Record | None:
        """One record, or its tombstone."""
        self.look_up([key])
        return self._records[key]

    def record_with(self, wanted: UniqueValue) -> RecordId | None:
        """The record that has a unique value."""
        if wanted not in self._owners:
            self._owners[wanted] = self._lookup.record_with(wanted)
        return self._owners[wanted]

    def usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        """How much the tenant has of a kind."""
        if (tenant, kind) not in self._usage:
            self._usage[tenant, kind] = self._lookup.record_usage(tenant, kind)
        return self._usage[tenant, kind]

    def all_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        """Every record of a kind, without tombstones."""
        for record in self._lookup.records_of(tenant, kind):
            self._records.setdefault(record.key, record)
        own = (record for key, record in self._records.items() if (key.tenant, key.kind) == (tenant, kind))
        return [record for record in own if record is not None and not record.deleted]

    def save(self, change: RecordSaved) -> None:
        """A record is new, changed or gone."""
        key, record, row = change.key, change.record, key_row(change.key)
        self._records[key] = record
        self.changed.add(key.tenant)
        for name, value in change.given_up:
            self._owners[key.tenant, key.kind, name, value] = None
        for name, value in change.taken:
            self._owners[key.tenant, key.kind, name, value] = key.id
        self._save_values(change.before, record)
        if change.before is not None and (record is None or record.deleted is not change.before.deleted):
            self._drop(change.before.deleted, row)
        if record is not None:
            self._put(record, row)

    def _put(self, record: Record, key: Row) -> None:
        save, drop = _STATEMENTS[record.deleted]
        self._rows.drop_row(drop, key)
        self._rows.set_row(save, key, (tombstone_row if record.deleted else record_row)(record))

    def _drop(self, is_tombstone: bool, key: Row) -> None:
        save, drop = _STATEMENTS[is_tombstone]
        self._rows.drop_row(save, key)
        self._rows.set_row(drop, key, key)

    def _save_values(self, before: Record | None, after: Record | None) -> None:
        """Only what differs is written: a record of many fields seldom changes in all of them."""
        former = value_rows(before) if before is not None else set()
        wanted = value_rows(after) if after is not None else set()
        self._exchange(statements.ADD_VALUE, statements.DROP_VALUE, former - wanted)
        self._exchange(statements.DROP_VALUE, statements.ADD_VALUE, wanted - former)

    def _exchange(self, revoked: Statement, made: Statement, rows: Iterable[Row]) -> None:
        """Put rows down for one statement, unless that only takes back what the group did itself."""
        for row in rows:
            if not self._rows.drop_row(revoked, row):
                self._rows.set_row(made, row, row)

    def count(self, change: RecordsCounted) -> None:
        """There is so much of a kind now."""
        tenant, kind, usage = change
        self._usage[tenant, kind] = usage
        self.changed.add(tenant)
        self._rows.set_row(statements.SAVE_USAGE, (tenant, kind), usage_row(tenant, kind, usage))


_STATEMENTS: Final[Mapping[bool, tuple[Statement, Statement]]] = {
    False: (statements.SAVE_RECORD, statements.DROP_RECORD),
    True: (statements.SAVE_TOMBSTONE, statements.DROP_TOMBSTONE),
}
"""How a record or a tombstone is saved and dropped."""


class RecordUnit(ABC):
    """The part of the unit of work that answers what rules ask about records.

    record_quota: how much a tenant may have of one kind.
    """

    record_quota: RecordQuota
    _lookup: RecordLookup

    @cached_property
    def staged_records(self) -> RecordStage:
        """Records as the group sees and changes them. Most groups ask for none, so it is made when it is asked for."""
        # Without a ring, what a group has changed is freed at once. The collector comes seldom, and pieces of files are large.
        return RecordStage(self._lookup, weakref.proxy(self))

    @abstractmethod
    def set_row(self, statement: Statement, identity: object, row: Row) -> None:
        """The row that stands for `identity`; when it is set more than once, only the last one is written."""

    @abstractmethod
    def drop_row(self, statement: Statement, identity: object) -> bool:
        """The row that stands for `identity` need not be written any more. True when there was one."""

    def look_up_records(self, keys: Iterable[RecordKey]) -> None:
        """Fetch records, all at once, before deciding."""
        self.staged_records.look_up(keys)

    def record(self, key: RecordKey) -> Record | None:
        """One record, or its tombstone."""
        return self.staged_records.record(key)

    def record_with(self, tenant: TenantId, kind: KindName, name: str, value: str) -> RecordId | None:
        """The record that has a unique value."""
        return self.staged_records.record_with((tenant, kind, name, value))

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        """How much the tenant has of a kind."""
        return self.staged_records.usage(tenant, kind)

    def records_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        """Every record of a kind, without tombstones."""
        return self.staged_records.all_of(tenant, kind)

    def save_record(self, change: RecordSaved) -> None:
        """A record is new, changed or gone."""
        self.staged_records.save(change)

    def count_records(self, change: RecordsCounted) -> None:
        """There is so much of a kind now."""
        self.staged_records.count(change)
