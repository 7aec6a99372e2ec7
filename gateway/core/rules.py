"""The only place where numbers move: `decide(state, command)`, pure functions without I/O.

This module decides about series and catalogues. How a single line moves is in `numbering`, what documents add to that in
`document_rules`; work that is due has its own rules in `work_rules`.

`decide` returns a `Decision` or raises `Refused`. It reads the state through the narrow `State` protocol, which a store
answers from what it has locked. Equal states give equal decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from gateway.core.catalogue import Catalogue
from gateway.core.catalogue_records import KINDS, items_as_records
from gateway.core.changes import CatalogueChanged, Change, Decision, Recorded, SeriesSaved
from gateway.core.claim_rules import ReservationState, bounded, bounds_changes, claim, reserve, set_bounds
from gateway.core.commands import (
    Command,
    CreateSeries,
    Issue,
    MoveAhead,
    R,
    SaveCatalogue,
    SaveDocuments,
    SetDefault,
    SetNext,
    SetPolicy,
    Unchanged,
    UpdateSeries,
    Void,
)
from gateway.core.document_commands import ChangeDocument
from gateway.core.document_rules import DocumentState, change_document, owner_voided, save_documents
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.numbering import (
    LineState,
    give_number,
    issued_earlier,
    move_ahead,
    moved_line,
    read_series,
    refuse_if_locked,
    set_changes,
    set_next,
    void_number,
)
from gateway.core.pending_state import PendingState
from gateway.core.record_commands import SaveRecords
from gateway.core.record_rules import RecordState, save_records
from gateway.core.refusals import NameTaken, Refused, SeriesOwned
from gateway.core.results import (
    CatalogueSaved,
    DefaultSet,
    NumberIssued,
    NumberVoided,
    SeriesCreated,
    SeriesOpened,
    SeriesUpdated,
)
from gateway.core.together import Build, DoneTogether, SoFar, Together
from gateway.core.values import (
    SERIES_CHAIN,
    Bounds,
    Counter,
    CounterKey,
    LineName,
    Origin,
    Series,
    SeriesId,
    SeriesView,
    TenantId,
)
from gateway.core.work import DropWork, FinishWork, ForgetWork, RetryWork, ScheduleWork, TakeWork
from gateway.core.work_rules import (
    WorkingState,
    drop_work,
    finish_work,
    forget_work,
    retry_work,
    schedule_work,
    take_work,
)


class State(LineState, DocumentState, ReservationState, RecordState, WorkingState, Protocol):
    """What a decision may look at. All answers are of one instant; asking changes nothing."""

    def series_named(self, tenant: TenantId, name: str) -> Series | None: ...
    def series_keyed(self, tenant: TenantId, key: str) -> Series | None: ...
    def new_series_id(self) -> SeriesId: ...
    def catalogue(self, tenant: TenantId) -> Catalogue: ...


def decide(state: State, command: Command[R]) -> Decision[R]:
    """Decide one command. Raises Refused; then nothing may be written."""
    return _RULES[type(command)](state, command)


def _refuse_taken_name(state: State, tenant: TenantId, name: str, own: SeriesId | None) -> None:
    other = state.series_named(tenant, name)
    if other is not None and other.id != own:
        raise Refused(NameTaken(name))


def _default_changes(state: State, series: Series, by: Origin) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """What makes `series` the one default: the changes before it is saved as default, and those after.

    The former default is unset first, because a store may have "one default for each tenant" as a constraint.
    """
    former = state.default_series(series.tenant)
    if former is None or former.id == series.id:
        return (), ()
    fact = Recorded(series.tenant, CounterKey(series.id, SERIES_CHAIN), "default", former.id, series.id, by)
    return (SeriesSaved(replace(former, is_default=False)),), (fact,)


def _counter_changes(
    known: Mapping[LineName, Counter],
    series: Series,
    wanted: Mapping[LineName, int | None],
    policy: SetPolicy,
    by: Origin,
) -> tuple[dict[LineName, Counter], list[Change]]:
    """The lines of a series, some of them set.

    known: the lines of the series that were ever touched.
    """
    counters = dict(known)
    changes: list[Change] = []
    for kind, number in sorted(wanted.items()):
        before = counters.get(kind) or Counter(CounterKey(series.id, kind))
        if number is not None and number == before.next_number:  # accepted, and nothing to do
            continue
        after = moved_line(before, number, policy)
        moves = set_changes(series.tenant, before, after, by)
        if moves:  # a line that was never touched stays absent, as a later read shows it
            counters[kind] = after
            changes.extend(moves)
    return counters, changes


def _bounded_lines(
    series: Series, wanted: Mapping[LineName, Bounds], by: Origin
) -> tuple[dict[LineName, Counter], list[Change]]:
    """The lines of a new series that have bounds from the beginning."""
    counters: dict[LineName, Counter] = {}
    changes: list[Change] = []
    for name, bounds in sorted(wanted.items()):
        before = Counter(CounterKey(series.id, name))
        after = bounded(before, bounds)
        made = bounds_changes(series.tenant, before, after, by)
        if made:
            counters[name] = after
            changes.extend(made)
    return counters, changes


def _new_key(state: State, command: CreateSeries, series: SeriesId) -> str:
    """The key that the command asks for, or a made-up one that no series of the tenant has."""
    if command.key:
        if state.series_keyed(command.tenant, command.key) is not None:
            raise Refused(NameTaken(command.key))
        return command.key
    key = f"series-{series}"
    while state.series_keyed(command.tenant, key) is not None:
        key += "-new"
    return key


def _create_series(state: State, command: CreateSeries) -> Decision[SeriesCreated]:
    _refuse_taken_name(state, command.tenant, command.name, None)
    series_id = state.new_series_id()
    is_default = not command.owner and (command.make_default or state.default_series(command.tenant) is None)
    series = Series(
        id=series_id,
        tenant=command.tenant,
        key=_new_key(state, command, series_id),
        name=command.name,
        prefix=command.prefix,
        suffix=command.suffix,
        is_default=is_default,
        owner=command.owner,
    )
    unset, defaulted = _default_changes(state, series, command.by) if series.is_default else ((), ())
    fact = Recorded(command.tenant, CounterKey(series_id, SERIES_CHAIN), "create", None, None, command.by)
    lines, bounds = _bounded_lines(series, command.bounds, command.by)
    counters, moved = _counter_changes(lines, series, command.counters, SetPolicy(allow_clear=True), command.by)
    changes = (*unset, SeriesSaved(series), fact, *defaulted, *bounds, *moved)
    return Decision(SeriesCreated(SeriesView(series, counters)), changes)


def _open_series(state: State, command: OpenSeries) -> Decision[SeriesOpened]:
    found = state.series_keyed(command.tenant, command.key)
    if found is not None:
        if found.owner != command.owner:
            raise Refused(NameTaken(command.key))
        return Decision(SeriesOpened(found, created=False))
    name = command.name or f"{command.owner}/{command.key}"
    while state.series_named(command.tenant, name) is not None:
        name += " (2)"
    create = CreateSeries(
        command.tenant,
        name,
        command.by,
        key=command.key,
        counters=command.counters,
        owner=command.owner,
        bounds=command.bounds,
    )
    decision = _create_series(state, create)
    return Decision(SeriesOpened(decision.result.view.series, created=True), decision.changes)


def _refuse_owned(series: Series) -> None:
    if series.owner:
        raise Refused(SeriesOwned(series.id, series.owner))


def _update_series(state: State, command: UpdateSeries) -> Decision[SeriesUpdated]:
    before = read_series(state, command.tenant, command.series, command.by.dialect)
    if command.make_default:
        _refuse_owned(before)
    refuse_if_locked(state, before.id, command.policy)
    after = _renamed(before, command)
    _refuse_taken_name(state, command.tenant, after.name, before.id)
    counters, moved = _counter_changes(state.counters(before.id), after, command.counters, command.policy, command.by)
    changes: list[Change] = []
    if after is not before:
        newly_default = after.is_default and not before.is_default
        unset, defaulted = _default_changes(state, after, command.by) if newly_default else ((), ())
        changes.extend((*unset, SeriesSaved(after), *defaulted))
        if (after.name, after.prefix, after.suffix) != (before.name, before.prefix, before.suffix):
            chain = CounterKey(after.id, SERIES_CHAIN)
            changes.append(Recorded(command.tenant, chain, "rename", None, None, command.by))
    return Decision(SeriesUpdated(SeriesView(after, counters)), (*changes, *moved))


def _renamed(before: Series, command: UpdateSeries) -> Series:
    """The series with the fields that the command changes; the very same object when nothing changes."""
    name = before.name if isinstance(command.name, Unchanged) else command.name
    prefix = before.prefix if isinstance(command.prefix, Unchanged) else command.prefix
    suffix = before.suffix if isinstance(command.suffix, Unchanged) else command.suffix
    is_default = before.is_default or command.make_default
    if (name, prefix, suffix, is_default) == (before.name, before.prefix, before.suffix, before.is_default):
        return before
    return replace(before, name=name, prefix=prefix, suffix=suffix, is_default=is_default)


def _set_default(state: State, command: SetDefault) -> Decision[DefaultSet]:
    before = read_series(state, command.tenant, command.series, command.by.dialect)
    _refuse_owned(before)
    after = replace(before, is_default=True)
    view = SeriesView(after, state.counters(after.id))
    if before.is_default:
        return Decision(DefaultSet(view))
    unset, defaulted = _default_changes(state, after, command.by)
    return Decision(DefaultSet(view), (*unset, SeriesSaved(after), *defaulted))


def _issue(state: State, command: Issue) -> Decision[NumberIssued]:
    series = read_series(state, command.tenant, command.counter.series, command.by.dialect)
    earlier = issued_earlier(state, command.tenant, command.key, command.counter)
    if earlier is not None:
        return Decision(NumberIssued(series, earlier, replayed=True))
    issued, changes = give_number(state, command)
    return Decision(NumberIssued(series, issued), changes)


def _void(state: State, command: Void) -> Decision[NumberVoided]:
    read_series(state, command.tenant, command.counter.series, command.by.dialect)
    voided, changes = void_number(state, command)
    return Decision(NumberVoided(voided), (*changes, *owner_voided(state, voided)))


def _save_catalogue(state: State, command: SaveCatalogue) -> Decision[CatalogueSaved]:
    """Small lists are the catalogue; items of which there may be many are records. Raises Refused."""
    pending = PendingState(state)
    for kind in KINDS:
        records = items_as_records(command, kind)
        if records is not None:
            pending.add(save_records(pending, records).changes)
    before = state.catalogue(command.tenant)
    items = tuple(item for item in command.items if type(item) not in KINDS)
    removed = tuple(key for key in command.remove if key[0] not in KINDS)
    if command.exactly:
        kept = {(type(item), item.id) for item in items}
        removed = tuple(key for key in ((type(item), item.id) for item in before.items()) if key not in kept)
    if items or removed:
        pending.add((CatalogueChanged(command.tenant, items, removed),))
    return Decision(CatalogueSaved(pending.catalogue(command.tenant)), tuple(pending.changes))


def _together(state: State, command: Together) -> Decision[DoneTogether]:
    """Decide each part on the state that those before it leave. Raises Refused, and ValueError for a wrong part."""
    pending = PendingState(state)
    results: list[Any] = []
    for part in command.parts:
        single = _built(pending, command, part, results) if isinstance(part, Build) else part
        if single is None:
            results.append(None)
            continue
        decision = decide(pending, single)
        pending.add(decision.changes)
        results.append(decision.result)
    return Decision(DoneTogether(tuple(results)), tuple(pending.changes))


def _built(pending: State, command: Together, part: Build, results: list[Any]) -> Command[Any] | None:
    found = {key: pending.record(key) for key in part.needs}
    records = {key: record for key, record in found.items() if record is not None}
    single = part.make(SoFar(tuple(results), records))
    if single is not None:
        command.check(single)
    return single


_RULES: Final[Mapping[type[Any], Callable[[State, Any], Decision[Any]]]] = {
    SetNext: set_next,
    MoveAhead: move_ahead,
    SetBounds: set_bounds,
    OpenSeries: _open_series,
    CreateSeries: _create_series,
    UpdateSeries: _update_series,
    SetDefault: _set_default,
    Issue: _issue,
    Claim: claim,
    Reserve: reserve,
    Void: _void,
    SaveDocuments: save_documents,
    ChangeDocument: change_document,
    SaveCatalogue: _save_catalogue,
    SaveRecords: save_records,
    ScheduleWork: schedule_work,
    TakeWork: take_work,
    FinishWork: finish_work,
    RetryWork: retry_work,
    DropWork: drop_work,
    ForgetWork: forget_work,
    Together: _together,
}
COMMANDS: Final[tuple[type[Command[Any]], ...]] = tuple(_RULES)
"""Every command there is: the family is closed."""


def replay(state: State, commands: Iterable[Command[Any]]) -> list[Decision[Any] | Refused]:
    """Decide commands, each against the same unchanged state; for tables and explanations, not for writing."""
    decisions: list[Decision[Any] | Refused] = []
    for command in commands:
        try:
            decisions.append(decide(state, command))
        except Refused as refused:
            decisions.append(refused)
    return decisions
