"""Rules about records: what may be saved over what, who has a unique value, how much a tenant may keep. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from gateway.core.changes import Decision, RecordSaved, RecordsCounted
from gateway.core.commands import Expect
from gateway.core.pending_state import PendingState
from gateway.core.record_commands import Action, RecordsSaved, SaveRecord, SaveRecords
from gateway.core.records import (
    MADE_UP,
    KindName,
    Record,
    RecordId,
    RecordKey,
    RecordKind,
    RecordQuota,
    RecordUsage,
    id_order,
    number_of,
)
from gateway.core.refusals import RecordChanged, RecordExists, RecordsFull, RecordTaken, RecordUnknown, Refused
from gateway.core.values import TenantId

if TYPE_CHECKING:
    from gateway.core.rules import State

_NO_USAGE: Final = RecordUsage()


class RecordState(Protocol):
    """The part of the state that finds records."""

    def record(self, key: RecordKey) -> Record | None:
        """One record, or its tombstone."""
        ...

    def record_with(self, tenant: TenantId, kind: KindName, name: str, value: str) -> RecordId | None:
        """The record that has a unique value."""
        ...

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage: ...

    def records_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        """Every record of a kind, without tombstones. Only to replace them all."""
        ...

    @property
    def record_quota(self) -> RecordQuota: ...


def save_records(state: State, command: SaveRecords) -> Decision[RecordsSaved]:
    """Decide a SaveRecords. Raises Refused."""
    pending = _Saving(PendingState(state), command.tenant, command.kind, command.quota)
    removed = pending.remove_all_but({save.record.id for save in command.saves}) if command.exactly else ()
    saved = tuple([pending.save(save) for save in command.saves])
    return Decision(RecordsSaved(saved, removed), pending.changes())


class _Saving:
    """Saves of one command on top of one another."""

    def __init__(
        self, state: PendingState, tenant: TenantId, kind: RecordKind, quota: RecordQuota | None = None
    ) -> None:
        self._state = state
        self._quota = quota
        self._tenant = tenant
        self._kind = kind
        self._before = self._usage = state.record_usage(tenant, kind.name)
        self._unique = frozenset(name for name, field in kind.fields.items() if field.unique)

    def changes(self) -> tuple[RecordSaved | RecordsCounted, ...]:
        """What has changed; the quota is held against the sum. Raises Refused."""
        if self._usage != self._before:
            self._refuse_too_much()
            self._state.add((RecordsCounted(self._tenant, self._kind.name, self._usage),))
        return tuple(self._state.changes)  # type: ignore[arg-type]

    def _refuse_too_much(self) -> None:
        quota, before, after = self._state.record_quota, self._before, self._usage
        if self._quota is not None:
            own = self._quota
            quota = RecordQuota(min(own.records, quota.records), min(own.bytes, quota.bytes))
        kept, kept_before = after.records + after.tombstones, before.records + before.tombstones
        if kept > max(quota.records, kept_before):
            raise Refused(RecordsFull(self._kind.name, "records", quota.records))
        if after.bytes > max(quota.bytes, before.bytes):
            raise Refused(RecordsFull(self._kind.name, "bytes", quota.bytes))

    def remove_all_but(self, kept: set[RecordId]) -> tuple[RecordId, ...]:
        """Delete what is not in `kept`."""
        others = [own for own in self._state.records_of(self._tenant, self._kind.name) if own.id not in kept]
        for record in others:
            self._delete(record, forget=False)
        return tuple(sorted((record.id for record in others), key=id_order))

    def save(self, save: SaveRecord) -> Record:
        """Decide one save. Raises Refused."""
        wanted = save.record
        found = self._state.record(wanted.key) if wanted.id != MADE_UP else None
        before = self._expected(save, found)
        if save.action is not Action.SAVE:
            forget = save.action is Action.FORGET
            gone = found if forget and before is None else before
            return wanted if gone is None else self._delete(gone, forget)
        if len(wanted.body) > self._kind.max_body:
            raise Refused(RecordsFull(self._kind.name, "body", self._kind.max_body))
        if save.if_different and before is not None and _same(before, wanted):
            return before
        record_id = wanted.id if wanted.id != MADE_UP else self._new_id()
        now = self._state.now(self._tenant)
        registered = now if before is None else before.registered
        version = 1 if found is None else found.version + 1
        after = replace(wanted, id=record_id, version=version, registered=registered, changed=now, deleted=False)
        self._put(found, after)
        if found is None and self._kind.above_all and number_of(record_id) <= self._kind.last_id:
            self._usage = self._usage._replace(last_id=max(self._usage.last_id, number_of(record_id)))
        return after

    def _expected(self, save: SaveRecord, found: Record | None) -> Record | None:
        """The record as it stands, None for a new one. Raises Refused when that is not what the save expects."""
        wanted = save.record.id
        before = None if found is None or found.deleted else found
        if before is None:
            must_exist = save.expect is Expect.EXISTING or save.expected_version is not None
            if must_exist and save.action is Action.SAVE:
                raise Refused(RecordUnknown(self._kind.name, wanted))
            return None
        if save.action is Action.SAVE and save.expect is Expect.NEW and save.expected_version is None:
            raise Refused(RecordExists(self._kind.name, wanted))
        if save.expected_version is not None and save.expected_version != before.version:
            raise Refused(RecordChanged(self._kind.name, wanted, before.version))
        return before

    def _delete(self, before: Record, forget: bool) -> Record:
        after = Record(
            before.tenant,
            before.kind,
            before.id,
            format=before.format,
            version=before.version + (not before.deleted),
            registered=before.registered,
            changed=before.changed if before.deleted else self._state.now(self._tenant),
            deleted=True,
        )
        self._put(before, None if forget or not self._kind.tombstones else after)
        return after

    def _put(self, before: Record | None, after: Record | None) -> None:
        """Put a record in the place of another one, or of its tombstone; None for nothing. Raises Refused."""
        key = (after or before).key  # type: ignore[union-attr]
        given_up = _unique_values(before, self._unique)
        taken = _unique_values(after, self._unique)
        for name, value in taken - given_up:
            owner = self._state.record_with(self._tenant, self._kind.name, name, value)
            if owner is not None and owner != key.id:
                raise Refused(RecordTaken(self._kind.name, name, owner))
        self._state.add((RecordSaved(key, before, after, given_up - taken, taken - given_up),))
        self._usage = _counted(_counted(self._usage, before, -1), after, 1)

    def _new_id(self) -> RecordId:
        """The number behind the last one that was made up; when that is taken, a later one that follows a taken one.

        Behind the largest number it begins again with the first one: a client that proposes the largest id must not keep a
        tenant from ever making another record.
        """
        kind = self._kind
        free = self._free_from(max(self._usage.last_id + 1, kind.first_id))
        if free > kind.last_id:
            free = self._free_from(kind.first_id)
        if free > kind.last_id:
            raise Refused(RecordsFull(kind.name, "records", self._state.record_quota.records))
        self._usage = self._usage._replace(last_id=free)
        return RecordId(str(free))

    def _free_from(self, first: int) -> int:
        """A number that no record and no tombstone has: the first one, or a later one that follows a taken one."""
        free, step = first, 1
        while free <= self._kind.last_id and self._is_taken(free):  # clients may have proposed thousands in a row
            free, step = free + step, 2 * step
        low = free - step // 2 if free > first else first - 1  # taken, or before the first
        while free - low > 1:
            middle = (free + low) // 2
            low, free = (middle, free) if self._is_taken(middle) else (low, middle)
        return free

    def _is_taken(self, number: int) -> bool:
        return self._state.record(self._kind.key(self._tenant, number)) is not None


def _same(before: Record, wanted: Record) -> bool:
    return (before.body, before.format, before.values) == (wanted.body, wanted.format, wanted.values)


def _unique_values(record: Record | None, unique: frozenset[str]) -> frozenset[tuple[str, str]]:
    if record is None or not unique:
        return frozenset()
    return frozenset((name, value) for name in unique for value in record.values.get(name, ()))


def _counted(usage: RecordUsage, record: Record | None, times: int) -> RecordUsage:
    """The usage with a record more, or less."""
    if record is None:
        return usage
    if record.deleted:
        return usage._replace(tombstones=usage.tombstones + times)
    return usage._replace(records=usage.records + times, bytes=usage.bytes + times * record.size)
