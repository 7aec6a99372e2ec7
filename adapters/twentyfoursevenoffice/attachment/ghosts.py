"""Ghosts that are never saved are removed after a time, as due work. Source: AT-34, inferred.

Create schedules the look at its ghost in its own transaction. A ghost that got a chunk meanwhile gets a further time. The
removal takes several steps, because all pieces of a large file would be too much for one transaction. The ghost is out of
reach from the first step on, and its record goes last: so a removal that begins again knows which pieces there were.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from adapters.twentyfoursevenoffice.attachment.content import PIECES, keys_of, places
from adapters.twentyfoursevenoffice.attachment.files import FILE, State, file_key, read_record, save_file
from adapters.twentyfoursevenoffice.settings import Settings
from gateway.core.commands import Expect
from gateway.core.ports import SequenceService
from gateway.core.record_commands import Action, GetRecords, SaveRecord, SaveRecords
from gateway.core.records import RecordKey, RecordKind
from gateway.core.refusals import RecordChanged, RecordUnknown, Refused
from gateway.core.values import Origin, TenantId
from gateway.core.work import NewWork, ScheduleWork
from gateway.spi.work import Done, Outcome, Retry, RetryTable, Work, WorkKind

GHOST: Final = "ghost"
"""The name of the work."""
_LANE: Final = "ghosts"
_AT_ONCE: Final = 64
"""So many pieces are removed in one transaction."""
_RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 360, 1440))


def kind() -> WorkKind:
    """The work, with times between failed attempts of our own choice."""
    return WorkKind("Removes a file that was never saved", RetryTable(_RETRIES))


def removal(tenant: TenantId, file: int, due: datetime, by: Origin) -> ScheduleWork:
    """The command that plans a look at a ghost."""
    return ScheduleWork(tenant, (NewWork(GHOST, _LANE, f'{{"file": {file}}}', due),), by)


async def remove_ghost(service: SequenceService, settings: Settings, work: Work) -> Outcome:
    """One attempt: nothing for a file that was saved, a further time for one that is being uploaded."""
    tenant, by = work.tenant, work.origin("ghost was never saved")
    key = file_key(tenant, work.facts["file"])
    record = (await service.read(GetRecords(tenant, (key,)))).records.get(key)
    if record is None:
        return Done("there is no such file")
    file = read_record(record)
    if file.state is State.SAVED:
        return Done("the file was saved")
    end = file.changed + settings.ghost_lifetime
    if file.state is State.GHOST and end > work.now:
        return Done("chunks came meanwhile", (removal(tenant, file.id, end, by),))
    if file.state is State.GHOST:
        try:
            await service.execute(save_file(tenant, replace(file, state=State.REMOVED), by))
        except Refused as refused:
            if isinstance(refused.refusal, RecordChanged | RecordUnknown):
                return Retry("somebody used the file")
            raise
    pieces = keys_of(tenant, file.id, places(0, file.size))
    for start in range(0, len(pieces), _AT_ONCE):
        await service.execute(_forget(tenant, PIECES, pieces[start : start + _AT_ONCE], by))
    return Done(f"{file.size} bytes removed", (_forget(tenant, FILE, (key,), by),))


def _forget(tenant: TenantId, kind: RecordKind, keys: tuple[RecordKey, ...], by: Origin) -> SaveRecords:
    saves = (SaveRecord(kind.record(tenant, key.id), Expect.EITHER, action=Action.FORGET) for key in keys)
    return SaveRecords(tenant, kind, tuple(saves), by)
