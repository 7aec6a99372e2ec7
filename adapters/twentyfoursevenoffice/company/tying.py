"""Saves and deletes links: only to what there is when they take effect, so that no link is left of what is deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.twentyfoursevenoffice.company.links import body_of, existing, values_in
from adapters.twentyfoursevenoffice.company.refused import ItemRefused
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Expect
from gateway.core.record_commands import Action, GetRecords, SaveRecord, SaveRecords
from gateway.core.records import Given, Record, RecordKey, RecordKind
from gateway.core.together import Build, SoFar, Together


@dataclass(frozen=True, slots=True)
class Tie:
    """One link as a request names it.

    id: of its record.
    found_by: values of the kind's fields.
    absent: the error when it is to be deleted and is not there.
    needs: what must be there to save it, and the error when it is not.
    sent: the properties that were sent; they replace those that are stored.
    """

    id: str
    found_by: Mapping[str, Given]
    absent: ItemRefused
    needs: Mapping[RecordKey, ItemRefused] = field(default_factory=dict)
    sent: Mapping[str, Any] = field(default_factory=dict)


async def tied(
    work: Work, kind: RecordKind, wanted: Sequence[Tie | ItemRefused], reason: str
) -> dict[int, ItemRefused]:
    """Save links, one on top of the other, in one transaction. Returns the errors by the place in `wanted`."""
    failed = {at: tie for at, tie in enumerate(wanted) if isinstance(tie, ItemRefused)}
    ties = [tie for tie in wanted if isinstance(tie, Tie)]
    if not ties:
        return failed
    tenant, by = work.identity.tenant, work.origin(reason)
    own = {tie.id: kind.key(tenant, tie.id) for tie in ties}

    def make(so_far: SoFar) -> SaveRecords | None:
        there = {key for key, record in so_far.records.items() if not record.deleted}
        bodies = {
            name: values_in(so_far.records[key]) for name, key in own.items() if key in there and _has_body(so_far, key)
        }
        records: dict[str, Record] = {}
        for tie in ties:
            if all(key in there for key in tie.needs):
                bodies[tie.id] = values = {**bodies.get(tie.id, {}), **tie.sent}
                records[tie.id] = kind.record(tenant, tie.id, body_of(values) if values else b"", tie.found_by)
        saves = tuple(SaveRecord(record, Expect.EITHER, if_different=True) for record in records.values())
        return SaveRecords(tenant, kind, saves, by) if saves else None

    like = SaveRecords(
        tenant,
        kind,
        tuple(SaveRecord(kind.record(tenant, tie.id, b"", tie.found_by), Expect.EITHER) for tie in ties),
        by,
    )
    needs = tuple(dict.fromkeys([*own.values(), *(key for tie in ties for key in tie.needs)]))
    done = await work.context.service.execute(Together(tenant, (Build(make, needs, like),), by))
    saved = {record.id for record in done.results[0].records} if done.results[0] is not None else frozenset()
    if any(tie.id not in saved for tie in ties):
        there = await existing(work, [key for tie in ties for key in tie.needs])
        for at, tie in enumerate(wanted):
            if isinstance(tie, Tie) and tie.id not in saved:
                failed[at] = _reason(tie, there)
    return failed


def _has_body(so_far: SoFar, key: RecordKey) -> bool:
    return bool(so_far.records[key].body)


def _reason(tie: Tie, there: frozenset[RecordKey]) -> ItemRefused:
    """Why a link was not saved. What it needs may have come since then; then the first need is named."""
    lacking = [error for key, error in tie.needs.items() if key not in there]
    return (lacking or list(tie.needs.values()))[0]


async def untied(
    work: Work,
    kind: RecordKind,
    wanted: Sequence[Tie | ItemRefused],
    reason: str,
    means: Callable[[Tie, Record], bool] = lambda _tie, _record: True,
) -> dict[int, ItemRefused]:
    """Delete links in one transaction. Returns the errors by the place in `wanted`.

    means: whether a stored link is the one that was sent.
    """
    failed = {at: tie for at, tie in enumerate(wanted) if isinstance(tie, ItemRefused)}
    tenant = work.identity.tenant
    keys = {tie.id: kind.key(tenant, tie.id) for tie in wanted if isinstance(tie, Tie)}
    if not keys:
        return failed
    stored = (await work.context.service.read(GetRecords(tenant, tuple(keys.values())))).records
    taken: dict[str, tuple[int, Tie]] = {}
    for at, tie in enumerate(wanted):
        if isinstance(tie, Tie):
            record = stored.get(keys[tie.id])
            if record is None or tie.id in taken or not means(tie, record):
                failed[at] = tie.absent
            else:
                taken[tie.id] = at, tie
    if taken:
        saves = tuple(SaveRecord(kind.record(tenant, own), Expect.EITHER, action=Action.FORGET) for own in taken)
        done = await work.context.service.execute(SaveRecords(tenant, kind, saves, work.origin(reason)))
        for record in done.records:
            if not record.version:  # somebody else was faster
                at, tie = taken[record.id]
                failed[at] = tie.absent
    return failed
