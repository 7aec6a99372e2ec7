"""Saving and deleting customers, products, categories: items of the catalogue that are records, many in one call.

Each item of a request succeeds or fails by itself. Nevertheless the items of a wave are one command, so that a thousand of them
cost a read and a commit or two. When somebody else changes an item meanwhile, the wave is read and planned again. When it is
refused for another reason, its items are saved one by one, so that the good ones are saved. When nobody knows whether it was
committed, the items that have an id are saved once more; those without could be made twice, so they fail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from adapters.twentyfoursevenoffice.items import Failed, ItemRefused
from adapters.twentyfoursevenoffice.mapping.waves import Item, waves
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Expect
from gateway.core.record_commands import Action, GetRecords, SaveRecord, SaveRecords
from gateway.core.records import Record, RecordKind
from gateway.core.refusals import RecordChanged, RecordExists, RecordUnknown, Refused
from gateway.spi.adapter import StoreUnavailableError

ATTEMPTS: Final = 32
"""How often one item is planned when somebody else changes it meanwhile."""
TOGETHER: Final = 3
"""How often a wave is planned as a whole before its items are saved one by one."""
PLANNED_AT_ONCE: Final = 50
"""More items are planned in a thread, so that other requests do not wait."""
_MEANWHILE: Final = (RecordChanged, RecordExists, RecordUnknown)

M = TypeVar("M")


Outcome: TypeAlias = Record | Failed
"""The record as it now stands, or why it does not."""


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
        attempt = 1
        while True:
            plans = await self._plans(items, ids, known)
            try:
                return await self._done(plans)
            except (Refused, StoreUnavailableError) as failed:
                if attempt == TOGETHER or not _is_meanwhile(failed):
                    return await self._after(failed, items, ids, plans)
            attempt += 1
            known = await stored(self.work, self.kind, ids)

    async def _done(self, plans: Sequence[SaveRecord | ItemRefused]) -> list[Outcome]:
        saves = tuple([plan for plan in plans if isinstance(plan, SaveRecord)])
        saved = iter(await self._saved(saves))
        return [next(saved) if isinstance(plan, SaveRecord) else plan for plan in plans]

    async def _after(
        self,
        failed: Refused | StoreUnavailableError,
        items: Sequence[M],
        ids: Sequence[int | None],
        plans: Sequence[SaveRecord | ItemRefused],
    ) -> list[Outcome]:
        """What becomes of the items of a wave whose common command failed."""
        if isinstance(failed, StoreUnavailableError) and failed.committed is not None:
            return [failed if isinstance(plan, SaveRecord) else plan for plan in plans]
        in_doubt = isinstance(failed, StoreUnavailableError)

        async def settled(item: M, own: int | None, plan: SaveRecord | ItemRefused) -> Outcome:
            if isinstance(plan, ItemRefused):
                return plan
            return failed if in_doubt and own is None else await self._alone(item, own)

        return await asyncio.gather(*map(settled, items, ids, plans))

    async def _alone(self, item: M, own: int | None) -> Outcome:
        """Plan and save one item until nobody else changes it meanwhile."""
        outcome: Outcome = ItemRefused("item_changed", id=own)
        for _ in range(ATTEMPTS):
            known = await stored(self.work, self.kind, [own])
            try:
                (outcome,) = await self._done(await self._plans([item], [own], known))
            except StoreUnavailableError as trouble:
                return trouble
            except Refused as refused:
                outcome = refused
                if _is_meanwhile(refused):
                    continue
            break
        return outcome

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


def _is_meanwhile(failed: Refused | StoreUnavailableError) -> bool:
    """Whether somebody else has changed, made or deleted an item since it was read."""
    return isinstance(failed, Refused) and isinstance(failed.refusal, _MEANWHILE)


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
