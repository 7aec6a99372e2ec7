"""Holes in number lines and their explanations: as a table, against a plain walk over the line, and for long lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.changes import Recorded
from gateway.core.gaps import GapFinder, GapReason, LineReport
from gateway.core.ledger import Entry, Head, append
from gateway.core.values import INVOICE, SERIES_CHAIN, Counter, CounterKey, Origin, SeriesId, TenantId

LINE = CounterKey(SeriesId(1), INVOICE)
BY = Origin("test", "tester", "r1")
AT = datetime(2024, 2, 29, tzinfo=UTC)
Step = tuple[str, int | None]


class Story:
    """A line that is built step by step, with the entries that the rules would record."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.next: int | None = None
        self.held: set[int] = set()
        self._head = Head()

    def step(self, what: str, number: int | None) -> None:
        if what == "issue":
            given = self.next if self.next is not None else number
            assert given is not None
            self._record("issue", given + 1, given)
            self.held.add(given)
        elif what == "claim":
            self._record("claim", number + 1 if number == self.next else self.next, number)  # type: ignore[operator]
            self.held.add(number or 0)
        elif what == "pass":
            self._record("pass", number, self.next)
        elif what == "reserve":
            assert self.next is not None
            self._record("reserve", self.next + 1, self.next)
        elif what == "use":
            self._record("use", self.next, number)
            self.held.add(number or 0)
        elif what == "bounds":
            self._record("bounds", self.next, None)
        elif what == "void":
            self._record("void", self.next, number)
            self.held.discard(number or 0)
        else:
            self._record(what, number, None)

    def _record(self, operation: str, after: int | None, number: int | None) -> None:
        key = f"k{len(self.entries)}" if number is not None else ""
        fact = Recorded(TenantId("t"), LINE, operation, self.next, after, BY, number, key)
        entry = append(self._head, fact, AT + timedelta(seconds=len(self.entries)))
        self._head = Head(entry.index, entry.hash)
        self.entries.append(entry)
        self.next = after

    def report(self) -> LineReport:
        finder = GapFinder()
        for entry in self.entries:
            finder.take(entry)
        (report,) = finder.reports([Counter(LINE, self.next)])
        return report


def told(*steps: Step) -> LineReport:
    story = Story()
    for what, number in steps:
        story.step(what, number)
    return story.report()


ISSUE: Step = ("issue", 1)
STORIES = {
    "nothing": ((), []),
    "in a row": ([("set", 444), ISSUE, ISSUE], []),
    "started by an issue": ([ISSUE, ISSUE], []),
    "set further on": ([("set", 10), ISSUE, ("set", 15), ISSUE], [(11, 14, "set", 3)]),
    "set before anything was given out": ([("set", 10), ("set", 15)], [(10, 14, "set", 2)]),
    "cleared and started further on": ([("set", 10), ISSUE, ("clear", None), ("set", 20)], [(11, 19, "clear", 4)]),
    "cleared and started by an issue": ([("set", 10), ("clear", None), ("issue", 12)], [(10, 11, "clear", 3)]),
    "cleared and started lower": ([("set", 10), ISSUE, ("clear", None), ("set", 5), ISSUE], []),
    "cleared": ([("set", 10), ISSUE, ("set", 13), ("clear", None)], [(11, 12, "set", 3)]),
    "set lower: what was jumped is to be given out": ([("set", 10), ("set", 20), ("set", 15)], [(10, 14, "set", 2)]),
    "set lower and past it again": (
        [("set", 10), ("set", 20), ("set", 15), ("set", 30)],
        [(10, 14, "set", 2), (15, 29, "set", 4)],
    ),
    "a later jump inside an earlier one": (
        [("set", 10), ("set", 40), ("set", 20), ("set", 25), ("set", 40)],
        [(10, 19, "set", 2), (20, 24, "set", 4), (25, 39, "set", 5)],
    ),
    "restored from a copy": ([("set", 10), ISSUE, ("restore", 21), ISSUE], [(11, 20, "restore", 3)]),
    "restored from a copy that was complete": ([("set", 10), ISSUE, ("restore", 11), ISSUE], []),
    "restored while it was cleared": (
        [("set", 10), ISSUE, ("clear", None), ("restore", None), ("set", 13)],
        [(11, 12, "clear", 5)],
    ),
    "cleared, and restored further on": (
        [("set", 10), ISSUE, ("clear", None), ("restore", 13)],
        [(11, 12, "restore", 4)],
    ),
    "a claim fills a hole": ([("set", 10), ("set", 15), ("claim", 12)], [(10, 11, "set", 2), (13, 14, "set", 2)]),
    "a claim at the next number": ([("set", 10), ("claim", 10), ISSUE], []),
    "a claim ahead, and the line set past it": (
        [("set", 10), ("claim", 12), ("set", 15)],
        [(10, 11, "set", 3), (13, 14, "set", 3)],
    ),
    "a claim ahead, and the line passing over it": (
        [("set", 10), ("claim", 11), ("claim", 12), ISSUE, ("pass", 13), ISSUE],
        [],
    ),
    "cleared, and started by passing over": (
        [("set", 10), ("claim", 20), ISSUE, ("clear", None), ("set", 20), ("pass", 21), ISSUE],
        [(11, 19, "clear", 5)],
    ),
    "reserved and never used": ([("set", 10), ("reserve", None), ISSUE], [(10, 10, "reserved", 2)]),
    "reserved and used": ([("set", 10), ("reserve", None), ISSUE, ("use", 10)], []),
    "reserved and void": ([("set", 10), ("reserve", None), ("void", 10)], [(10, 10, "void", 3)]),
    "bounds": ([("bounds", None), ("set", 10), ISSUE, ("bounds", None)], []),
    "bounds of a cleared line": ([("set", 10), ("clear", None), ("bounds", None), ("set", 12)], [(10, 11, "clear", 4)]),
    "void": ([("set", 10), ISSUE, ISSUE, ("void", 10)], [(10, 10, "void", 4)]),
    "void beside a jump": ([("set", 10), ISSUE, ("void", 10), ("set", 12)], [(10, 10, "void", 3), (11, 11, "set", 4)]),
}


@pytest.mark.parametrize("name", STORIES)
def test_stories(name: str) -> None:
    steps, expected = STORIES[name]
    report = told(*steps)
    assert [(g.first, g.last, g.reason.value, g.entry.index if g.entry else 0) for g in report.gaps] == expected


OUTSIDE: dict[str, tuple[tuple[Step, ...], list[tuple[int, int, int]], int]] = {
    "ahead, one after the other": (
        (("set", 10), ("claim", 15), ("claim", 16), ("claim", 20)),
        [(15, 16, 2), (20, 20, 4)],
        3,
    ),
    "below the beginning": ((("set", 10), ("claim", 5)), [(5, 5, 2)], 0),
    "on a line that was never started": ((("claim", 5), ("claim", 3)), [(3, 3, 2), (5, 5, 1)], 2),
    "the line has come by": ((("set", 10), ("claim", 11), ISSUE, ("pass", 12)), [], 0),
    "the line was set lower again": ((("set", 10), ("claim", 12), ("set", 15), ("set", 11)), [(12, 12, 2)], 1),
    "void": ((("set", 10), ("claim", 15), ("claim", 16), ("claim", 17), ("void", 16)), [(15, 15, 2), (17, 17, 2)], 2),
    "half of a row is behind the end": ((("set", 10), ("claim", 11), ("claim", 12), ("set", 12)), [(12, 12, 2)], 1),
}
"""What claims hold outside of the walk: the steps, the rows with the entry of each, and how many are held ahead."""


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_claims_hold_outside_of_the_walk(name: str) -> None:
    steps, expected, ahead = OUTSIDE[name]
    report = told(*steps)
    assert [(gap.first, gap.last, gap.entry.index if gap.entry else 0) for gap in report.claimed] == expected
    assert {gap.reason for gap in report.claimed} <= {GapReason.CLAIMED}
    assert report.held_ahead == ahead


def test_a_line_that_does_not_add_up_has_an_unknown_hole() -> None:
    story = Story()
    for what, number in [("set", 10), ISSUE, ISSUE, ISSUE, ISSUE]:
        story.step(what, number)
    del story.entries[2:4]
    (gap,) = story.report().gaps
    assert (gap.first, gap.last, gap.reason) == (11, 12, GapReason.UNKNOWN)


@pytest.mark.parametrize("name", STORIES)
def test_entries_that_are_newer_than_the_counters_leave_no_unknown_hole(name: str) -> None:
    """Somebody reads where the line stands, and then the ledger, page by page, while the line moves on."""
    steps, expected = STORIES[name]
    story = Story()
    seen: list[int | None] = [None]
    for what, number in steps:
        story.step(what, number)
        seen.append(story.next)
    for next_number in seen:
        finder = GapFinder()
        for entry in story.entries:
            finder.take(entry)
        (report,) = finder.reports([Counter(LINE, next_number)])
        assert [(g.first, g.last, g.reason.value, g.entry.index if g.entry else 0) for g in report.gaps] == expected


def test_a_hole_at_the_end_shows_although_the_line_was_further_on_before() -> None:
    story = Story()
    for what, number in [("set", 100), ("set", 10), ISSUE, ISSUE]:
        story.step(what, number)
    del story.entries[-1]
    (gap,) = story.report().gaps
    assert (gap.first, gap.last, gap.reason) == (11, 11, GapReason.UNKNOWN)


def test_a_counter_the_ledger_does_not_know_of() -> None:
    finder = GapFinder()
    (report,) = finder.reports([Counter(LINE, 7)])
    assert (report.start, report.end, report.gaps) == (7, 7, ())
    (unset,) = finder.reports([Counter(LINE)])
    assert (unset.start, unset.end) == (None, None)


def test_a_series_own_chain_is_no_line() -> None:
    fact = Recorded(TenantId("t"), CounterKey(SeriesId(1), SERIES_CHAIN), "create", None, None, BY)
    finder = GapFinder()
    finder.take(append(Head(), fact, AT))
    assert finder.reports() == []


STEPS = st.lists(
    st.one_of(
        st.just(ISSUE),
        st.tuples(st.just("set"), st.integers(0, 40)),
        st.just(("clear", None)),
        st.tuples(st.just("void"), st.integers(0, 40)),
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_every_number_below_next_is_held_or_explained(steps: list[Step]) -> None:
    story = Story()
    voided: set[int] = set()
    for what, number in steps:
        if what == "void" and (number not in story.held):
            continue
        if what == "clear" and story.next is None:
            continue
        if what == "issue" and (story.next if story.next is not None else number) in story.held | voided:
            continue  # the rules refuse a taken number
        story.step(what, number)
        if what == "void" and number is not None:
            voided.add(number)
    report = story.report()
    if report.start is None or report.end is None:
        assert not story.held
        return
    holes = [number for gap in report.gaps for number in range(gap.first, gap.last + 1)]
    assert len(set(holes)) == len(holes)
    expected = set(range(report.start, report.end)) - story.held
    assert set(holes) == expected | voided
    assert all(gap.entry is not None for gap in report.gaps)
    assert report.held == len(story.held)


def test_long_lines_cost_little() -> None:
    story = Story()
    story.step("set", 1)
    for number in range(2, 20_002, 2):
        story.step("issue", None)
        story.step("set", number + 1)
    report = story.report()
    assert len(report.gaps) == 10_000
    assert report.held == 10_000
