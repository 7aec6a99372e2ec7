"""Saving and deleting customers, products, categories: items of the catalogue that are records, many in one call.

Each item of a request succeeds or fails by itself. Nevertheless the items of a wave are one command, so that a thousand of them
cost one read and one commit. When the command is refused because somebody else has changed an item meanwhile, the wave is read
and planned again. When it is refused for another reason, its items are saved one by one, so that the good ones are saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from adapters.twentyfoursevenoffice.errors import OperationFault, api_exception, exception_of
from adapters.twentyfoursevenoffice.mapping.waves import Item, waves
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Expect
from gateway.core.record_commands import Action, GetRecords, SaveRecord, SaveRecords
from gateway.core.records import MADE_UP, Record, RecordId, RecordKind
from gateway.core.refusals import RecordChanged, RecordExists, RecordUnknown, Refused
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.common import APIException

ATTEMPTS: Final = 32
"""How often a wave is planned again when somebody else changes one of its items meanwhile."""
PLANNED_AT_ONCE: Final = 50
"""More items are planned in a thread, so that other requests do not wait."""
_MEANWHILE: Final = (RecordChanged, RecordExists, RecordUnknown)

M = TypeVar("M")


class ItemRefused(Exception):
    """One item of a request fails; the others do not.

    name: of `errors.BUSINESS`.
    facts: what the placeholders of its text stand for.
    """

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


Failed: TypeAlias = ItemRefused | Refused | StoreUnavailableError
Outcome: TypeAlias = Record | Failed
"""The record as it now stands, or why it does not."""


def not_found(name: str, item_id: object) -> ItemRefused:
    """An item names something that does not exist. Source: R-39."""
    return ItemRefused("not_found", property=name, id=item_id)


def exception_for(work: Work, failed: Failed, unsaved: str = "item_not_saved") -> APIException:
    """The APIException of an item that failed.

    unsaved: the business error of an item that the store could not save.
    """
    if isinstance(failed, ItemRefused):
        return api_exception(failed.name, work.settings, work.method, **failed.facts)
    if isinstance(failed, Refused):
        return exception_of(failed.refusal, work.settings, work.method)
    return api_exception(unsaved, work.settings, work.method)


def sent_array(work: Work, items: list[M] | None) -> list[M] | None:
    """The array that a save is about; None when it is missing and the answer is to have no result.

    Raises OperationFault for a missing one. An empty one is none. Source: G-24.
    """
    if items is None and work.settings.missing_array == "fault":
        raise OperationFault("null_reference")
    return items


async def stored(work: Work, kind: RecordKind, ids: Collection[int | None]) -> dict[int, Record]:
    """The records that the tenant has of these ids. One question, and none without ids."""
    wanted = sorted({own for own in ids if own is not None})
    if not wanted:
        return {}
    keys = tuple(kind.key(work.identity.tenant, own) for own in wanted)
    read = await work.context.service.read(GetRecords(work.identity.tenant, keys))
    return {int(key.id): record for key, record in read.records.items()}


@dataclass(frozen=True, slots=True)
class ItemSaves(Generic[M]):
    """The saves of one call.

    reason: of the commands, for the ledger: the operation.
    id_of: the id that an item names; None when the system is to number it.
    make: the record that an item leads to, from what was sent and the record as it stands (None for a new item). An item that
        the system is to number gets the id MADE_UP. Pure, and quick. Raises ItemRefused.
    """

    work: Work
    kind: RecordKind
    reason: str
    id_of: Callable[[M], int | None]
    make: Callable[[M, Record | None], Record]

    async def save(self, items: Sequence[M]) -> list[Outcome]:
        """Return the outcome of each item. Raises StoreUnavailableError when the store failed them all."""
        ids = [self.id_of(item) for item in items]
        known = await stored(self.work, self.kind, ids)
        steps = [Item(own, makes_up=own is None, unknown=own is not None and own not in known) for own in ids]
        outcomes: list[Outcome] = []
        for wave in waves(steps):
            if wave.start:
                known = await stored(self.work, self.kind, ids[wave.start : wave.stop])
            outcomes += await self._wave(items[wave.start : wave.stop], ids[wave.start : wave.stop], known)
        troubles = [outcome for outcome in outcomes if isinstance(outcome, StoreUnavailableError)]
        if troubles and len(troubles) == len(outcomes):
            raise troubles[0]
        return outcomes

    async def _wave(self, items: Sequence[M], ids: Sequence[int | None], known: Mapping[int, Record]) -> list[Outcome]:
        failed: Failed
        for _attempt in range(ATTEMPTS):
            plans = await self._plans(items, ids, known)
            saves = tuple(plan for plan in plans if isinstance(plan, SaveRecord))
            try:
                saved = iter(await self._saved(saves))
            except (Refused, StoreUnavailableError) as error:
                failed = error
            else:
                return [next(saved) if isinstance(plan, SaveRecord) else plan for plan in plans]
            if not (isinstance(failed, Refused) and isinstance(failed.refusal, _MEANWHILE)):
                break
            known = await stored(self.work, self.kind, ids)
        if isinstance(failed, Refused) and len(saves) > 1:
            alone = [await self._wave([item], [own], known) for item, own in zip(items, ids, strict=True)]
            return [outcome for (outcome,) in alone]
        return [failed if isinstance(plan, SaveRecord) else plan for plan in plans]

    async def _plans(
        self, items: Sequence[M], ids: Sequence[int | None], known: Mapping[int, Record]
    ) -> list[SaveRecord | ItemRefused]:
        if len(items) <= PLANNED_AT_ONCE:
            return self._planned(items, ids, known)
        return await asyncio.to_thread(self._planned, items, ids, known)

    def _planned(
        self, items: Sequence[M], ids: Sequence[int | None], known: Mapping[int, Record]
    ) -> list[SaveRecord | ItemRefused]:
        return [self._plan(item, None if own is None else known.get(own)) for item, own in zip(items, ids, strict=True)]

    def _plan(self, item: M, before: Record | None) -> SaveRecord | ItemRefused:
        try:
            record = self.make(item, before)
        except ItemRefused as refused:
            return refused
        if before is None:
            return SaveRecord(record, Expect.NEW)
        return SaveRecord(record, Expect.EXISTING, before.version, if_different=True)

    async def _saved(self, saves: tuple[SaveRecord, ...]) -> Sequence[Record]:
        if not saves:
            return ()
        work = self.work
        command = SaveRecords(work.identity.tenant, self.kind, saves, work.origin(self.reason))
        return (await work.context.service.execute(command)).records


def record_id(own: int | None) -> RecordId:
    """The id of an item's record; MADE_UP when the system is to number it."""
    return MADE_UP if own is None else RecordId(str(own))


async def delete_items(work: Work, kind: RecordKind, ids: Sequence[int], reason: str) -> list[Record | None]:
    """Delete items in one command; None in the place of one that the tenant does not have.

    Raises Refused, StoreUnavailableError.
    """
    if not ids:
        return []
    saves = tuple(
        SaveRecord(kind.record(work.identity.tenant, str(own)), Expect.EITHER, action=Action.DELETE) for own in ids
    )
    command = SaveRecords(work.identity.tenant, kind, saves, work.origin(reason))
    deleted = (await work.context.service.execute(command)).records
    return [record if record.version else None for record in deleted]
