"""Every number of a line is held or explained, whatever was done: cleared, set lower, put back, moved, exported and imported.

The expectation is worked out number by number from what was done. `core.gaps` works in stretches, from the ledger alone.
"""

from __future__ import annotations

import asyncio
import copy
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.commands import Command, CreateSeries, Issue, ListSeries, SetNext, Void
from gateway.core.gaps import GapFinder, GapFound, LineReport
from gateway.core.ledger import Entry
from gateway.core.refusals import Refused
from gateway.core.values import CREDIT_NOTE, INVOICE, Counter, CounterKey, DocumentKind, SeriesId
from gateway.stores import DatabaseStore, open_transfer
from gateway.stores.engine.ledger_pages import LEDGER_START, place_of
from gateway.tenants.export_import import Import, export_tenant
from gateway.tenants.move import Move
from gateway.tenants.store_sessions import StoreSessions
from tests.core.memory_state import MemoryState
from tests.long_form import short_or_long
from tests.multi_store.places import loaded, opened
from tests.stores.commands import BY, FREE, TENANT, provide_main

pytestmark = pytest.mark.long_form

KINDS: Final = (INVOICE, CREDIT_NOTE)
PAGE: Final = 7
MOMENT: Final = datetime(2024, 2, 29, tzinfo=UTC)
Fate: TypeAlias = Literal["held", "void", "set", "clear"]
Step: TypeAlias = tuple[str, DocumentKind, int]


@dataclass
class Line:
    """What became of each number of one line.

    start: the lowest number it ever stood at.
    stand: its next number.
    left: where it stood before it was cleared.
    """

    start: int | None = None
    stand: int | None = None
    left: int | None = None
    fate: dict[int, Fate] = field(default_factory=dict)

    def held(self) -> list[int]:
        return sorted(number for number, fate in self.fate.items() if fate == "held")

    def go_to(self, number: int) -> None:
        """The line stands at a number now; what it has jumped over is explained by this jump."""
        since, reason = (self.left, "clear") if self.stand is None else (self.stand, "set")
        for passed in range(number if since is None else since, number):
            if self.fate.get(passed) not in ("held", "void"):
                self.fate[passed] = "clear" if reason == "clear" else "set"
        self.start = number if self.start is None else min(self.start, number)
        self.stand, self.left = number, None

    def issue(self, number: int) -> None:
        if self.stand != number:
            self.go_to(number)
        self.fate[number] = "held"
        self.stand = number + 1

    def clear(self) -> None:
        if self.stand is not None:
            self.left, self.stand = self.stand, None

    def end(self) -> int | None:
        return self.left if self.stand is None else self.stand

    def missing(self) -> dict[int, str]:
        """Every number that no document holds, with the reason."""
        void: dict[int, str] = {number: fate for number, fate in self.fate.items() if fate == "void"}
        if self.start is None:
            return void
        within = range(self.start, self.end() or 0)
        return void | {number: fate for number in within if (fate := self.fate.get(number, "unknown")) != "held"}


class Place(ABC):
    """Where a tenant's numbers are."""

    @abstractmethod
    async def do(self, command: Command[Any]) -> object:
        """Decide a command. Raises Refused."""

    @abstractmethod
    async def keep(self) -> None:
        """Take a snapshot, in the place of the one before."""

    @abstractmethod
    async def put_back(self) -> None:
        """Restore the snapshot."""

    @abstractmethod
    async def move(self) -> None:
        """Move the tenant to another store of the installation."""

    @abstractmethod
    async def carry(self) -> None:
        """Export the tenant, and import it into another installation."""

    @abstractmethod
    async def reports(self) -> list[LineReport]:
        """Every line with its gaps."""


class InMemory(Place):
    """The rules over a state in memory."""

    def __init__(self) -> None:
        self._state = MemoryState()
        self._kept = self._state

    async def begin(self) -> None:
        await self.do(CreateSeries(TENANT, "Main", BY))

    async def do(self, command: Command[Any]) -> object:
        return self._state.run(command).result

    async def keep(self) -> None:
        self._kept = copy.deepcopy(self._state)

    async def put_back(self) -> None:
        self._state = copy.deepcopy(self._kept)

    async def move(self) -> None:
        """Rules do not know where a state is."""

    async def carry(self) -> None:
        """Rules do not know where a state is."""

    async def reports(self) -> list[LineReport]:
        return reports_of(self._state.ledger(), self._state.lines.values())


class OnFiles(Place):
    """SQLite stores: two in each installation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._installations = 0
        self._at = "default"
        self._urls = self._new_installation()
        self._store: DatabaseStore | None = None

    def _new_installation(self) -> dict[str, str]:
        self._installations += 1
        folder = self._folder / str(self._installations)
        folder.mkdir()
        return {name: f"sqlite:///{folder / name}.db" for name in ("default", "file")}

    async def store(self) -> DatabaseStore:
        if self._store is None:
            self._store = await opened(self._urls[self._at])
        return self._store

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()
        self._store = None

    async def do(self, command: Command[Any]) -> object:
        return await (await self.store()).execute(command)

    async def keep(self) -> None:
        records = (await self.store()).tenant_records
        await records.keep_snapshot(TENANT, "kept", await records.contents(TENANT), MOMENT)

    async def put_back(self) -> None:
        records = (await self.store()).tenant_records
        kept = await records.snapshot(TENANT, "kept")
        assert kept is not None
        await records.replace(TENANT, kept, BY)

    async def move(self) -> None:
        await self.close()
        target = "file" if self._at == "default" else "default"
        async with StoreSessions(loaded(self._folder, self._urls, self._at)) as place:
            report = await Move(place, TENANT, target, self._folder / "moved.jsonl").run()
        assert report.done, report.problems
        self._at = target

    async def carry(self) -> None:
        await self.close()
        path = self._folder / "exported.jsonl"
        transfer = await open_transfer(self._urls[self._at], write=False)
        try:
            await export_tenant(transfer, TENANT, self._at, path)
        finally:
            await transfer.close()
        self._urls = self._new_installation()
        async with StoreSessions(loaded(self._folder, self._urls, self._at)) as place:
            report = await Import(place, path, self._at).run()
        assert report.done, report.problems

    async def reports(self) -> list[LineReport]:
        store = await self.store()
        assert (await store.verify())[1] == []
        views = (await store.read(ListSeries(TENANT))).views
        entries: list[Entry] = []
        while page := await store.tenant_records.ledger_page(
            TENANT, place_of(entries[-1]) if entries else LEDGER_START, PAGE
        ):
            entries += page
        return reports_of(entries, [counter for view in views for counter in view.counters.values()])


def reports_of(entries: Iterable[Entry], counters: Iterable[Counter]) -> list[LineReport]:
    finder = GapFinder()
    for entry in entries:
        finder.take(entry)
    return finder.reports(counters)


@dataclass
class Story:
    """One tenant that is done the same to in several places, and what is expected of its lines.

    kept: the lines as of the snapshot.
    """

    places: list[Place]
    lines: dict[DocumentKind, Line] = field(default_factory=lambda: {kind: Line() for kind in KINDS})
    kept: dict[DocumentKind, Line] | None = None
    steps: int = 0

    async def step(self, what: str, kind: DocumentKind, number: int) -> None:
        """Do one thing everywhere; a command that the rules refuse changes nothing."""
        self.steps += 1
        match what:
            case "keep":
                self.kept = copy.deepcopy(self.lines)
            case "put_back" if self.kept is None:
                return
            case "put_back":
                self.lines = copy.deepcopy(self.kept)
            case "move" | "carry":
                pass
            case _:
                await self._command(what, self.lines[kind], CounterKey(SeriesId(1), kind), number)
                return
        for place in self.places:
            await getattr(place, what)()

    async def _command(self, what: str, line: Line, key: CounterKey, number: int) -> None:
        held = line.held()
        if what == "void" and not held:
            return
        number = held[number % len(held)] if what == "void" else number
        outcomes = [await self._outcome(place, self._made(what, key, number)) for place in self.places]
        assert len(set(outcomes)) == 1, outcomes
        if outcomes[0] == "refused":
            return
        match what:
            case "issue":
                line.issue(number if line.stand is None else line.stand)
            case "set" if number != line.stand:
                line.go_to(number)
            case "clear":
                line.clear()
            case "void":
                line.fate[number] = "void"

    def _made(self, what: str, key: CounterKey, number: int) -> Command[Any]:
        if what == "issue":
            return Issue(TENANT, key, f"key {self.steps}", f"document {self.steps}", BY, number)
        if what == "void":
            return Void(TENANT, key, number, BY)
        return SetNext(TENANT, key, None if what == "clear" else number, FREE, BY)

    @staticmethod
    async def _outcome(place: Place, command: Command[Any]) -> str:
        try:
            await place.do(command)
        except Refused:
            return "refused"
        return "done"

    async def check(self) -> None:
        """Compare what each place reports with what is expected."""
        for place in self.places:
            found = {report.line.line: report for report in await place.reports()}
            for kind, line in self.lines.items():
                self._check_line(line, found.get(kind) or LineReport(CounterKey(SeriesId(1), kind), None, None, 0, ()))

    @staticmethod
    def _check_line(line: Line, report: LineReport) -> None:
        explained = {n: gap.reason.value for gap in report.gaps for n in range(gap.first, gap.last + 1)}
        assert sum(gap.count for gap in report.gaps) == len(explained), "a number is in two gaps"
        assert explained == line.missing()
        assert "unknown" not in explained.values()
        assert (report.start, report.end) == (line.start, line.end())
        assert report.held == len(line.held())
        for gap in report.gaps:
            _check_entry(gap)


def _check_entry(gap: GapFound) -> None:
    entry = gap.entry
    assert entry is not None
    assert entry.chain == gap.line
    if gap.reason == "void":
        assert (entry.operation, entry.number) == ("void", gap.first)
        return
    reached = entry.after if entry.number is None else entry.number
    assert reached is not None
    assert reached > gap.last
    assert (entry.before is None) == (gap.reason == "clear")


async def told(steps: Sequence[Step], folder: Path) -> None:
    """Do the steps, and look at all gaps after each."""
    memory, files = InMemory(), OnFiles(folder)
    try:
        await memory.begin()
        await provide_main(await files.store())
        story = Story([memory, files])
        for step in steps:
            await story.step(*step)
            await story.check()
    finally:
        await files.close()


NUMBERS = st.integers(1, 40)
COMMANDS = st.tuples(
    st.sampled_from(["issue", "issue", "issue", "set", "clear", "void"]), st.sampled_from(KINDS), NUMBERS
)
WHOLES = st.tuples(st.sampled_from(["keep", "put_back", "put_back", "move", "carry"]), st.just(INVOICE), st.just(0))
STEPS = st.lists(st.one_of(COMMANDS, COMMANDS, COMMANDS, WHOLES), max_size=25)


def on(kind: DocumentKind, *steps: tuple[str, int]) -> list[Step]:
    return [(what, kind, number) for what, number in steps]


EVERYTHING: Final = on(
    INVOICE,
    *[("set", 10), ("issue", 1), ("issue", 1), ("clear", 0), ("issue", 20), ("keep", 0), ("set", 15), ("issue", 1)],
    *[("void", 3), ("move", 0), ("clear", 0), ("set", 5), ("issue", 1), ("put_back", 0), ("issue", 1), ("carry", 0)],
    *[("void", 0), ("set", 30), ("clear", 0), ("move", 0), ("issue", 25), ("put_back", 0), ("set", 12), ("move", 0)],
)


@pytest.mark.timeout(900)
@settings(max_examples=short_or_long(40, 400), deadline=None, derandomize=True)
@example(steps=EVERYTHING)
@given(steps=STEPS)
def test_every_number_is_held_or_explained(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(told(steps, Path(folder)))
