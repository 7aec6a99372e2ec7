"""New companies have no id, so a save of them gets a key: a save that was in doubt can be sent again, and does nothing twice.

The key is a record in the same transaction, which says what the save has led to. Its place is one that no other save uses at
the time, and that the next one overwrites. So there are about as many such records as saves were under way at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.commands import Expect
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.records import KindName, Record, RecordId, RecordKind
from gateway.core.together import Build, SoFar, Together
from gateway.spi.adapter import StoreUnavailableError

SAVE_KEY: Final = RecordKind(KindName(f"{DIALECT}.save_key"), tombstones=False)
"""Its id is a place; its body holds the key of the last save that used it, and the ids that this save gave."""


@dataclass
class Places:
    """Places that saves of this process may use, each by one save at a time.

    process: names the process; a forked one gets a name of its own.
    """

    process: tuple[int, str] = (0, "")
    used: int = 0
    free: list[int] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator[str]:
        """A place that is nobody else's until the end. After a failure nobody gets it again: the save may still take effect."""
        if self.process[0] != os.getpid():
            self.process, self.used, self.free = (os.getpid(), uuid4().hex), 0, []
        own = self.free.pop() if self.free else self.used
        self.used = max(self.used, own + 1)
        yield f"{self.process[1]}-{own}"
        self.free.append(own)


PLACES: Final = Places()


async def saved_once(work: Work, command: SaveRecords) -> tuple[Record, ...]:
    """Execute a command under a key, a second time when nobody knows whether it took effect (D-37).

    Of a command that had taken effect the first time, the records have ids alone. Raises Refused, StoreUnavailableError.
    """
    with PLACES.taken() as place:
        keyed = _keyed(command, place, uuid4().hex)
        try:
            done = await work.context.service.execute(keyed)
        except StoreUnavailableError as error:
            if error.committed is not None:
                raise
            done = await work.context.service.execute(keyed)
        if done.results[0] is not None:
            saved: tuple[Record, ...] = done.results[0].records
            return saved
        key = SAVE_KEY.key(command.tenant, place)
        kept = (await work.context.service.read(GetRecords(command.tenant, (key,)))).records[key]
        return tuple(command.kind.record(command.tenant, own) for own in json.loads(kept.body)["ids"])


def _keyed(command: SaveRecords, place: str, own: str) -> Together:
    tenant = command.tenant
    key = SAVE_KEY.key(tenant, place)

    def save(so_far: SoFar) -> SaveRecords | None:
        before = so_far.records.get(key)
        took_effect = before is not None and not before.deleted and json.loads(before.body)["key"] == own
        return None if took_effect else command

    def note(so_far: SoFar) -> SaveRecords | None:
        done = so_far.results[0]
        return None if done is None else _noted([record.id for record in done.records])

    def _noted(ids: list[RecordId]) -> SaveRecords:
        body = json.dumps({"key": own, "ids": ids}).encode()
        return SaveRecords(
            tenant, SAVE_KEY, (SaveRecord(SAVE_KEY.record(tenant, place, body), Expect.EITHER),), command.by
        )

    return Together(tenant, (Build(save, (key,), command), Build(note, like=_noted([]))), command.by)
