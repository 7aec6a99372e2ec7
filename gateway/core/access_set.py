"""What commands may look at and change, worked out from the commands alone, so that a store can lock and load it beforehand.

Some needs follow only from the state: the line of a document that is about to be voided, for instance. They are not in the
access set. When a decision asks for such a thing, the store adds it and decides again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from gateway.core.catalogue_records import KINDS, items_as_records
from gateway.core.commands import (
    Command,
    CreateSeries,
    Expect,
    Issue,
    MoveAhead,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SetDefault,
    SetNext,
    Unchanged,
    UpdateSeries,
    Void,
)
from gateway.core.document_commands import ChangeDocument
from gateway.core.document_rules import line_of
from gateway.core.documents import UNASSIGNED, DocumentId
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.record_commands import SaveRecords
from gateway.core.records import MADE_UP, KindName, RecordKey
from gateway.core.together import Build, Together
from gateway.core.values import MAX_NUMBER, MIN_NUMBER, CounterKey, SeriesId, TenantId, reserved_key
from gateway.core.work import DropWork, FinishWork, ForgetWork, RetryWork, ScheduleWork, TakeWork, WorkId


@dataclass(slots=True)
class AccessSet:
    """What a group of commands needs.

    To be locked, because it may change or decides something:
    lines: number lines.
    whole_series: series with all their lines.
    tenants: those whose series may change their names, keys or default.
    documents: by id.
    catalogues: by tenant.
    record_kinds: kinds of a tenant whose records may change; also those whose records a decision looks at.
    schedules: tenants that get new items of work.
    lanes: lanes of a tenant's work in which a first attempt may begin.
    work: items of work, by tenant and id.
    creates_series, creates_documents: whether new ids may be needed.

    To be read:
    series: by id.
    defaults: tenants whose default series is asked for.
    names, series_keys: of a tenant's series.
    issue_keys: keys that may have got a number already.
    document_keys: keys that may have made a document already.
    reservation_keys: keys that may have reserved a number already.
    numbers: numbers of which a decision asks who has them.
    runs: numbers that are given out; a decision asks for the first free number behind each.
    document_ids: ids of which a decision asks whether they are taken.
    records: by key.
    record_values: unique values, of tenant, kind and field, of which a decision asks who has them.
    whole_kinds: kinds of a tenant all of whose records are read.
    """

    lines: set[CounterKey] = field(default_factory=set)
    whole_series: set[SeriesId] = field(default_factory=set)
    tenants: set[TenantId] = field(default_factory=set)
    documents: set[DocumentId] = field(default_factory=set)
    catalogues: set[TenantId] = field(default_factory=set)
    schedules: set[TenantId] = field(default_factory=set)
    lanes: set[tuple[TenantId, str]] = field(default_factory=set)
    work: set[tuple[TenantId, WorkId]] = field(default_factory=set)
    series: set[SeriesId] = field(default_factory=set)
    defaults: set[TenantId] = field(default_factory=set)
    names: set[tuple[TenantId, str]] = field(default_factory=set)
    series_keys: set[tuple[TenantId, str]] = field(default_factory=set)
    issue_keys: set[tuple[TenantId, str]] = field(default_factory=set)
    document_keys: set[tuple[TenantId, str]] = field(default_factory=set)
    reservation_keys: set[tuple[TenantId, str]] = field(default_factory=set)
    numbers: set[tuple[CounterKey, int]] = field(default_factory=set)
    runs: set[tuple[CounterKey, int]] = field(default_factory=set)
    document_ids: set[DocumentId] = field(default_factory=set)
    record_kinds: set[tuple[TenantId, KindName]] = field(default_factory=set)
    records: set[RecordKey] = field(default_factory=set)
    record_values: set[tuple[TenantId, KindName, str, str]] = field(default_factory=set)
    whole_kinds: set[tuple[TenantId, KindName]] = field(default_factory=set)
    creates_series: bool = False
    creates_documents: bool = False

    def absorb(self, other: AccessSet) -> None:
        """Grow to cover another access set, too."""
        for name in _SETS:
            getattr(self, name).update(getattr(other, name))
        self.creates_series |= other.creates_series
        self.creates_documents |= other.creates_documents

    def __bool__(self) -> bool:
        """False when nothing at all is needed."""
        return any(getattr(self, each.name) for each in fields(self))


_SETS: Final = tuple(each.name for each in fields(AccessSet) if not each.name.startswith("creates_"))


def access_set(commands: Iterable[Command[Any]]) -> AccessSet:
    """The access set of commands that are decided together."""
    needed = AccessSet()
    for command in commands:
        _ACCESS_SETS[type(command)](needed, command)
    return needed


def _issue(needed: AccessSet, command: Issue) -> None:
    needed.lines.add(command.counter)
    needed.issue_keys.add((command.tenant, command.key))


def _claim(needed: AccessSet, command: Claim) -> None:
    needed.lines.add(command.counter)
    needed.issue_keys.add((command.tenant, command.key))
    _number(needed, command.counter, command.number)


def _number(needed: AccessSet, line: CounterKey, number: int | None) -> None:
    if number is not None and MIN_NUMBER <= number <= MAX_NUMBER:
        needed.numbers.add((line, number))


def _reserve(needed: AccessSet, command: Reserve) -> None:
    needed.lines.add(command.counter)
    needed.reservation_keys.add((command.tenant, command.key))
    needed.issue_keys.add((command.tenant, reserved_key(command.key)))


def _void(needed: AccessSet, command: Void) -> None:
    needed.lines.add(command.counter)
    _number(needed, command.counter, command.number)


def _set_bounds(needed: AccessSet, command: SetBounds) -> None:
    needed.lines.add(command.counter)
    if not command.policy.allow_when_issued:
        needed.whole_series.add(command.counter.series)


def _open_series(needed: AccessSet, command: OpenSeries) -> None:
    """Nearly always the series is there. Making it needs more, which the decision asks for then."""
    needed.series_keys.add((command.tenant, command.key))


def _set_next(needed: AccessSet, command: SetNext) -> None:
    needed.lines.add(command.counter)
    if not command.policy.allow_when_issued:
        needed.whole_series.add(command.counter.series)


def _move_ahead(needed: AccessSet, command: MoveAhead) -> None:
    needed.lines.add(command.counter)


def _create_series(needed: AccessSet, command: CreateSeries) -> None:
    needed.creates_series = True
    needed.tenants.add(command.tenant)
    needed.defaults.add(command.tenant)
    needed.names.add((command.tenant, command.name))
    if command.key:
        needed.series_keys.add((command.tenant, command.key))


def _update_series(needed: AccessSet, command: UpdateSeries) -> None:
    needed.whole_series.add(command.series)
    if not isinstance(command.name, Unchanged):
        needed.tenants.add(command.tenant)
        needed.names.add((command.tenant, command.name))
    if command.make_default:
        needed.tenants.add(command.tenant)
        needed.defaults.add(command.tenant)


def _set_default(needed: AccessSet, command: SetDefault) -> None:
    needed.whole_series.add(command.series)
    needed.tenants.add(command.tenant)
    needed.defaults.add(command.tenant)


def _save_documents(needed: AccessSet, command: SaveDocuments) -> None:
    for save in command.saves:
        _save_document(needed, save)


def _save_document(needed: AccessSet, save: SaveDocument) -> None:
    document = save.document
    if document.id != UNASSIGNED:
        needed.documents.add(document.id)
    if save.expect is not Expect.EXISTING and save.expected_version is None:
        needed.creates_documents = True
    if save.key and save.creates:
        needed.document_keys.add((document.tenant, save.key))
    if document.series is not None:
        needed.series.add(document.series)
    if save.issue is not None:
        needed.issue_keys.add((document.tenant, save.issue.key))
        series = save.issue.series if save.issue.series is not None else document.series
        if series is None:
            needed.defaults.add(document.tenant)
        else:
            line = CounterKey(series, line_of(save.issue, document))
            needed.lines.add(line)
            _number(needed, line, save.issue.number)


def _change_document(needed: AccessSet, command: ChangeDocument) -> None:
    """Its series follows from the document; most are in the default one."""
    needed.documents.add(command.document)
    if command.likely_line is not None:
        needed.lines.add(command.likely_line)
    if command.issue_key:
        needed.issue_keys.add((command.tenant, command.issue_key))
        needed.defaults.add(command.tenant)


def _save_catalogue(needed: AccessSet, command: SaveCatalogue) -> None:
    needed.catalogues.add(command.tenant)
    for kind in KINDS:
        records = items_as_records(command, kind)
        if records is not None:
            _save_records(needed, records)


def _save_records(needed: AccessSet, command: SaveRecords) -> None:
    unique = [name for name, field in command.kind.fields.items() if field.unique]
    needed.record_kinds.add((command.tenant, command.kind.name))
    for save in command.saves:
        record = save.record
        if record.id != MADE_UP:
            needed.records.add(record.key)
        for name in unique:
            values = record.values.get(name, ())
            needed.record_values.update((command.tenant, command.kind.name, name, value) for value in values)
    if command.exactly:
        needed.whole_kinds.add((command.tenant, command.kind.name))


def _together(needed: AccessSet, command: Together) -> None:
    for part in command.parts:
        if isinstance(part, Build):
            needed.record_kinds.update((key.tenant, key.kind) for key in part.needs)
            needed.records.update(part.needs)
            if part.like is not None:
                _ACCESS_SETS[type(part.like)](needed, part.like)
        else:
            _ACCESS_SETS[type(part)](needed, part)


def _schedule_work(needed: AccessSet, command: ScheduleWork) -> None:
    if command.items:
        needed.schedules.add(command.tenant)


def _take_work(needed: AccessSet, command: TakeWork) -> None:
    needed.work.add((command.tenant, command.work))
    needed.lanes.add((command.tenant, command.lane))


def _change_work(needed: AccessSet, command: FinishWork | RetryWork | DropWork) -> None:
    needed.work.add((command.tenant, command.work))


def _forget_work(needed: AccessSet, command: ForgetWork) -> None:
    needed.work.update((command.tenant, own) for own in command.ids)


_ACCESS_SETS: Final[Mapping[type[Any], Callable[[AccessSet, Any], None]]] = {
    Issue: _issue,
    Claim: _claim,
    Reserve: _reserve,
    Void: _void,
    SetNext: _set_next,
    MoveAhead: _move_ahead,
    SetBounds: _set_bounds,
    OpenSeries: _open_series,
    CreateSeries: _create_series,
    UpdateSeries: _update_series,
    SetDefault: _set_default,
    SaveDocuments: _save_documents,
    ChangeDocument: _change_document,
    SaveCatalogue: _save_catalogue,
    SaveRecords: _save_records,
    Together: _together,
    ScheduleWork: _schedule_work,
    TakeWork: _take_work,
    FinishWork: _change_work,
    RetryWork: _change_work,
    DropWork: _change_work,
    ForgetWork: _forget_work,
}
