"""All promises about what clients do and see, and the recorders that put them to the test; see README.md beside this file."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import aiohttp

from tests.consistency.admin_recorders import CatalogueRecorder, ClockRecorder, SnapshotRecorder, TenantRecorder
from tests.consistency.decisions import given_once, made_once
from tests.consistency.dialect_recorders import CodeRecorder, DocumentRecorder, OrderRecorder
from tests.consistency.history import FINAL, Event, Finding, Story
from tests.consistency.recorder import Recorder, World
from tests.consistency.registers import linearizable, lost_updates, vanished, went_back
from tests.failover.gateways import Gateways
from tests.failover.notebook import Notebook
from tests.failover.verdict import Kept
from tests.failover.wire import UnansweredError, UnsentError, client_session

STALE_SECONDS: Final[Mapping[str, float]] = {"catalogue": 1.0, "tenant": 0.5, "clock": 0.5}
"""Things that may be shown stale, by the first word of their names, and for how long. All others are linearizable."""
AGREEMENT_SECONDS: Final = 20.0
"""When nothing changes any more, all gateways show the same within this time."""
DOCUMENT: Final = re.compile(r"\(ix-\d+-\d+\)")
RECORDERS: Final[Sequence[tuple[type[Recorder], int]]] = (
    (DocumentRecorder, 2),
    (OrderRecorder, 1),
    (CodeRecorder, 1),
    (CatalogueRecorder, 1),
    (TenantRecorder, 1),
    (ClockRecorder, 1),
    (SnapshotRecorder, 1),
)
"""Each kind of recorder, and how many of them run."""


def broken(story: Story, documents: Mapping[str, int], allowance: float, one_process_each: bool) -> Iterator[Finding]:
    """All promises that a story breaks.

    documents: how many documents of each name the store holds in the end.
    allowance: seconds that a bound is exceeded without a finding, because a busy machine or a fault holds up the comparing.
    one_process_each: whether each address belongs to one process, so that its answers never go back.
    """
    kinds: dict[str, list[Event]] = defaultdict(list)
    for event in story.events:
        kinds[event.thing.partition(" ")[0]].append(event)
    for kind, events in kinds.items():
        stale = STALE_SECONDS.get(kind)
        yield from linearizable(events, 0.0 if stale is None else stale + allowance)
        yield from lost_updates(events)
        yield from vanished(events)
        if stale is None or one_process_each:
            yield from went_back(events, at_one_gateway=stale is not None)
    yield from given_once(story.events)
    yield from made_once(story.events, documents)


class Recorders:
    """All recorders of a scene, and what judges them. A companion of `tests.failover.scene.Scene`."""

    def __init__(self, allowance: float, one_process_each: bool = True, agreement: float = AGREEMENT_SECONDS) -> None:
        self._allowance = allowance
        self._agreement = agreement
        self._one_process_each = one_process_each
        self._all: list[Recorder] = []

    async def begin(self, gateways: Gateways, book: Notebook) -> None:
        """Make the recorders, and what they need."""
        self.world = World(gateways, book, one_process_each=self._one_process_each)
        self._all = [kind(self.world, number) for kind, count in RECORDERS for number in range(count)]
        async with client_session() as session:
            for recorder in self.clients(session):
                await recorder.begin()

    def clients(self, session: aiohttp.ClientSession) -> Sequence[Recorder]:
        """The recorders, for one run."""
        return [recorder.join(session) for recorder in self._all]

    def turns(self) -> int:
        """How often the recorder that did least has done its work."""
        return min(recorder.turns for recorder in self._all)

    async def findings(self, kept: Kept, documents: Sequence[str]) -> Mapping[str, str]:
        """Read everything once more, and judge."""
        async with client_session() as session:
            self.clients(session)
            await self._read_all()
        names = Counter(name for body in documents for name in DOCUMENT.findall(body)[:1])
        claims = {event.thing for event in self.world.story.events if event.thing.startswith("document ")}
        made = {thing: names[thing.removeprefix("document ")] for thing in claims}
        story = Story([*self.world.story.events, *self._stamps(kept)])
        return dict(broken(story, made, self._allowance, self._one_process_each))

    async def _read_all(self) -> None:
        """The final reading of every thing at every gateway, once all of them agree or are out of time."""
        deadline = time.monotonic() + self._agreement
        while True:
            sent = time.monotonic()
            readings = [[await self._reading(one, place) for one in self._all] for place in range(self.world.places)]
            complete = all(reading is not None for own in readings for reading in own)
            agreed = complete and all(own == readings[0] for own in readings)
            if agreed or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.1)
        for place, own in enumerate(readings):
            for reading in own:
                self.world.story.shown(FINAL, self.world.data_url(place), reading or {}, sent)

    @staticmethod
    async def _reading(recorder: Recorder, place: int) -> Mapping[str, Hashable] | None:
        with suppress(UnsentError, UnansweredError):
            return await recorder.reading(place)
        return None

    def _stamps(self, kept: Kept) -> Iterator[Event]:
        """Each stamp in the ledger of a tenant whose clock is moved: a read of that clock, at the time of its request."""
        for clock in self._all:
            if isinstance(clock, ClockRecorder):
                line = {event.value: event for event in self.world.story.events if event.thing == clock.line}
                for entry in kept.entries:
                    event = line.get(entry.after) if entry.tenant == clock.tenant else None
                    if event is not None:
                        value = clock.time(datetime.fromisoformat(entry.at))
                        by = f"entry {entry.index} of {clock.line}, for {event.client}"
                        yield Event(by, event.gateway, "read", clock.thing, value, event.sent, event.latest, "done")
