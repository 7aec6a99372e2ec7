"""The verdict itself: a true story passes, and the checks that it adds to the checker of histories catch their kinds of lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.changes import Recorded
from gateway.core.ledger import Entry, Head, append
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from tests.failover.clients import DIALECTS
from tests.failover.gateways import Gateways
from tests.failover.notebook import Client
from tests.failover.scene import Scene
from tests.failover.verdict import Kept, holes_covered, judge
from tests.stores.crash.history import History, Operation

NOW = datetime(2024, 1, 1, tzinfo=UTC)
LINE = CounterKey(SeriesId(1), INVOICE)


@dataclass
class Story:
    """Issues of clients, in the order of the ledger, after a set to 10."""

    history: History = field(default_factory=History)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        start = self.begin("set", "set 10")
        self.history.end(start, {"before": None, "after": 10})
        self.record("set", None, 10)

    def begin(self, kind: str, name: str) -> Operation:
        operation = self.history.begin(1, kind, INVOICE, name)
        operation.request = name
        return operation

    def record(self, operation: str, before: int | None, after: int, number: int | None = None, key: str = "") -> None:
        by = Origin("resurs", "client", f"request {len(self.entries)}")
        fact = Recorded(TenantId("demo"), LINE, operation, before, after, by, number, key)
        self.entries.append(append(Head(len(self.entries), "0" * 64), fact, NOW))

    def issue(self, name: str, number: int | None, kept: bool = True) -> Operation:
        """An issue.

        number: the number that its client gets; None: no answer.
        kept: whether the ledger has the issue.
        """
        operation = self.begin("issue", name)
        if kept:
            at = self.entries[-1].after
            assert at is not None
            self.record("issue", at, at + 1, at, f"key of {name}")
        if number is not None:
            self.history.end(operation, {"number": number, "replayed": False})
        return operation

    def kept(self) -> Kept:
        return Kept(self.entries, [], {entry.key: entry.key.removeprefix("key of ") for entry in self.entries})

    def holes(self) -> Sequence[str]:
        return list(holes_covered(self.history.operations, self.entries))


def test_a_true_story_passes() -> None:
    story = Story()
    story.issue("ix-1-1", 10)
    story.issue("ix-1-2", None)
    story.issue("ix-1-3", 12)
    verdict = judge(story.history.operations, story.kept())
    assert verdict.problems == []
    assert (verdict.acknowledged, verdict.unknown, verdict.settled, verdict.lost, verdict.doubled) == (3, 1, 1, 0, 0)


def test_a_lost_number_is_counted_and_named() -> None:
    story = Story()
    story.issue("ix-1-1", 10, kept=False)
    verdict = judge(story.history.operations, story.kept())
    assert verdict.lost == 1
    assert any("ix-1-1" in problem for problem in verdict.problems)


def test_a_doubled_number_is_counted_and_named() -> None:
    story = Story()
    story.issue("ix-1-1", 10)
    story.issue("ix-1-2", 10)
    verdict = judge(story.history.operations, story.kept())
    assert verdict.doubled == 1
    assert any("10 was acknowledged to ix-1-1 and to ix-1-2" in problem for problem in verdict.problems)


def test_what_was_before_is_not_counted_again() -> None:
    story = Story()
    story.issue("ix-1-1", 10, kept=False)
    since = len(story.history.operations)
    story.issue("ix-1-2", 10)
    assert judge(story.history.operations, story.kept(), since).lost == 0


def test_a_hole_needs_an_issue_of_unknown_outcome() -> None:
    story = Story()
    story.issue("ix-1-1", 10)
    story.issue("ix-1-2", 12, kept=False)
    assert story.holes() == ["1 below 12 were passed over, and no issue of unknown outcome can have them"]


def test_an_issue_that_began_too_late_covers_no_hole() -> None:
    story = Story()
    story.issue("ix-1-1", 11, kept=False)
    story.issue("ix-1-2", None)
    assert story.holes()


def test_one_unknown_issue_covers_one_hole_only() -> None:
    story = Story()
    story.issue("ix-1-1", None)
    story.issue("ix-1-2", 11, kept=False)
    assert story.holes() == []
    story.issue("ix-1-3", 13, kept=False)
    assert story.holes()


def test_a_hole_is_named_once() -> None:
    story = Story()
    story.issue("ix-1-1", 11, kept=False)
    story.issue("ix-1-2", None)
    story.issue("ix-1-3", 13, kept=False)
    assert story.holes() == ["1 below 11 were passed over, and no issue of unknown outcome can have them"]


@dataclass
class StoryScene(Scene):
    """A scene whose store holds a story."""

    story: Story = field(default_factory=Story)

    async def kept(self) -> Kept:
        return self.story.kept()

    async def select(self, query: str) -> Sequence[Sequence[Any]]:
        return []

    async def settle(self) -> None:
        """Nothing is broken."""


async def test_a_finding_is_in_the_row_of_its_fault_alone() -> None:
    scene = StoryScene(Gateways())
    scene.book.history = scene.story.history

    async def loses(name: str) -> float:
        scene.story.issue(name, 10, kept=False)
        scene.problems.append(f"the fault of {name} found something itself")
        return 0.0

    async def nothing(_: Scene) -> float:
        return 0.0

    first = await scene.run_alone("first", lambda _: loses("ix-1-1"))
    quiet = await scene.run_alone("quiet", nothing)
    second = await scene.run_alone("second", lambda _: loses("ix-1-2"))
    assert first.verdict.problems
    assert quiet.sound
    assert second.verdict.problems
    assert all("ix-1-1" in problem or "passed over" in problem for problem in first.verdict.problems)
    assert all("ix-1-2" in problem for problem in second.verdict.problems)


@pytest.mark.parametrize("client", DIALECTS, ids=lambda client: client.dialect)
def test_a_servers_own_words_are_not_a_vendors(client: type[Client]) -> None:
    for answer in ("500 500 Internal Server Error\n\nServer got itself in trouble", "503 ", "404 404: Not Found"):
        assert not client.trouble.search(answer)
