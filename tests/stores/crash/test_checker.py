"""The checker itself: a true story passes, and each kind of lie about it is caught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.changes import Recorded
from gateway.core.ledger import Entry, Head, append
from gateway.core.values import CounterKey, DocumentKind, Origin, SeriesId, TenantId
from tests.stores.crash.checker import check
from tests.stores.crash.history import History, Operation

Story = tuple[list[Operation], list[Entry]]


def entry(index: int, operation: Operation, before: int | None, after: int | None, number: int | None = None) -> Entry:
    chain = CounterKey(SeriesId(1), DocumentKind(operation.line))
    by = Origin("crash", "client", operation.request)
    fact = Recorded(TenantId("crash"), chain, operation.kind, before, after, by, number, operation.key)
    return append(Head(index - 1, "0" * 64), fact, datetime(2024, 1, 1, tzinfo=UTC))


def true_story() -> Story:
    """Set to 5; a gets 5; b and c at once get 7 (unanswered) and 6; a peek; set to 20; d gets 20; void of 5."""
    history = History()

    def begin(kind: str, key: str = "", asked: int | None = None) -> Operation:
        return history.begin(1, kind, "invoice", key, asked)

    def end(operation: Operation, **answer: Any) -> Operation:
        history.end(operation, answer)
        return operation

    first = end(begin("set", asked=5), before=None, after=5)
    a = end(begin("issue", "a"), number=5, replayed=False)
    b, c = begin("issue", "b"), begin("issue", "c")
    end(c, number=6, replayed=False)
    end(begin("peek"), next=8)
    end(begin("issue", "a"), number=5, replayed=True)
    end(begin("set", asked=3), refused="NumberBehind")
    second = end(begin("set", asked=20), before=8, after=20)
    end(begin("set", asked=20), before=20, after=20)
    d = end(begin("issue", "d"), number=20, replayed=False)
    void = end(begin("void", asked=5), number=5)
    entries = [
        entry(1, first, None, 5),
        entry(2, a, 5, 6, 5),
        entry(3, c, 6, 7, 6),
        entry(4, b, 7, 8, 7),
        entry(5, second, 8, 20),
        entry(6, d, 20, 21, 20),
        entry(7, void, 21, 21, 5),
    ]
    return history.operations, entries


def test_a_true_story_passes() -> None:
    assert check(*true_story()) == []


def by_key(story: Story, key: str) -> Operation:
    return next(o for o in story[0] if o.kind == "issue" and o.key == key)


def forge_a_double(story: Story) -> None:
    by_key(story, "d").answer["number"] = 6


def forge_a_double_in_the_ledger(story: Story) -> None:
    story[1][5] = replace(story[1][5], number=6)


def lose_an_entry(story: Story) -> None:
    del story[1][5]


def lose_the_first_answer(story: Story) -> None:
    del story[1][1]


def give_a_retry_another_number(story: Story) -> None:
    retry = next(o for o in story[0] if o.answer.get("replayed"))
    retry.answer["number"] = 6


def record_a_refused_request(story: Story) -> None:
    refused = next(o for o in story[0] if o.outcome == "refused")
    story[1].append(entry(8, refused, 21, 3))


def record_what_nobody_asked(story: Story) -> None:
    story[1].append(replace(story[1][0], index=8, before=21, after=30, request_id="request-999"))


def record_twice(story: Story) -> None:
    story[1].append(replace(story[1][6], index=8))


def record_under_another_key(story: Story) -> None:
    story[1][3] = replace(story[1][3], key="z")


def record_as_another_operation(story: Story) -> None:
    story[1][6] = replace(story[1][6], operation="set")


def leave_a_hole(story: Story) -> None:
    story[1][5] = replace(story[1][5], number=25, after=26)
    by_key(story, "d").answer["number"] = 25


def swap_two_in_time(story: Story) -> None:
    story[1][1] = replace(story[1][1], index=3)
    story[1][2] = replace(story[1][2], index=2)
    by_key(story, "c").began = by_key(story, "a").ended + 1  # type: ignore[operator]


def show_an_old_number(story: Story) -> None:
    next(o for o in story[0] if o.kind == "peek").answer["next"] = 6


def show_a_number_of_the_future(story: Story) -> None:
    next(o for o in story[0] if o.kind == "peek").answer["next"] = 20


def show_nothing(story: Story) -> None:
    next(o for o in story[0] if o.kind == "peek").answer["next"] = None


def lose_a_void(story: Story) -> None:
    del story[1][6]


def lose_a_set(story: Story) -> None:
    del story[1][4]


LIES: list[Callable[[Story], None]] = [
    forge_a_double,
    forge_a_double_in_the_ledger,
    lose_an_entry,
    lose_the_first_answer,
    give_a_retry_another_number,
    record_a_refused_request,
    record_what_nobody_asked,
    record_twice,
    record_under_another_key,
    record_as_another_operation,
    leave_a_hole,
    swap_two_in_time,
    show_an_old_number,
    show_a_number_of_the_future,
    show_nothing,
    lose_a_void,
    lose_a_set,
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_is_caught(lie: Callable[[Story], None]) -> None:
    story = true_story()
    lie(story)
    assert check(*story)


def test_an_unanswered_request_may_have_taken_effect_or_not() -> None:
    operations, entries = true_story()
    without_b = [e for e in entries if e.key != "b"]
    renumbered = [replace(e, index=i) for i, e in enumerate(without_b, start=1)]
    renumbered[3] = replace(renumbered[3], before=7)
    peek = next(o for o in operations if o.kind == "peek")
    peek.answer["next"] = 7
    assert check(operations, renumbered) == []


@dataclass
class Line:
    """Reads beside two issues that nobody has an answer to yet, a (5) and b (6), on a line that was set to 5."""

    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        start = self.history.begin(1, "set", "invoice", asked=5)
        self.history.end(start, {"before": None, "after": 5})
        self.issues = [self.history.begin(1, "issue", "invoice", key) for key in "ab"]
        self.entries = [
            entry(1, start, None, 5),
            entry(2, self.issues[0], 5, 6, 5),
            entry(3, self.issues[1], 6, 7, 6),
        ]

    def peek(self, shown: int) -> None:
        self.history.end(self.history.begin(2, "peek", "invoice"), {"next": shown})

    def show(self, key: str, number: int | None) -> None:
        self.history.end(self.history.begin(3, "show", "invoice", key), {"number": number})

    def problems(self) -> list[str]:
        return check(self.history.operations, self.entries)


Reads = Sequence[int | tuple[str, int | None]]
"""A peek by the number that it shows, a read of a document by key and number; one after the other."""

GOOD_READS: list[Reads] = [
    [5, 6, 7],
    [5, ("a", None), ("a", 5), 6, ("b", None), 6, ("b", 6), 7],
    [("b", None), ("b", 6), ("a", 5), 7],
]
BAD_READS: list[Reads] = [
    [6, 5],
    [("a", 5), 5],
    [("b", 6), 6],
    [7, ("b", None)],
    [6, ("a", None)],
    [("a", 5), ("a", None)],
    [("a", 6)],
    [("z", 6)],
    [8],
]


def read(reads: Reads) -> Line:
    line = Line()
    for one in reads:
        line.peek(one) if isinstance(one, int) else line.show(*one)
    return line


@pytest.mark.parametrize("reads", GOOD_READS, ids=str)
def test_reads_that_agree(reads: Reads) -> None:
    assert read(reads).problems() == []


@pytest.mark.parametrize("reads", BAD_READS, ids=str)
def test_reads_that_contradict_one_another(reads: Reads) -> None:
    assert read(reads).problems()


def test_reads_at_the_same_time_may_come_in_either_order() -> None:
    line = Line()
    early, late = (line.history.begin(2, "peek", "invoice") for _ in range(2))
    line.history.end(late, {"next": 7})
    line.history.end(early, {"next": 5})
    assert line.problems() == []


def test_a_write_comes_after_what_was_read_before_it() -> None:
    line = Line()
    line.peek(7)
    last = line.history.begin(1, "issue", "invoice", "c")
    line.entries = [line.entries[0], *(replace(one, index=one.index + 1) for one in line.entries[1:])]
    line.entries.insert(1, entry(2, last, 5, 6, 5))
    assert any("had shown" in problem for problem in line.problems())
