"""Every hole in a number line, and what the ledger says about it. Pure functions over ledger entries.

A line begins at the lowest number it ever stood at, and ends before its next number. A cleared line ends where it stood
before. Each number in between that no document holds is in a hole, for one of five reasons: somebody set the line past it,
somebody cleared the line and started it further on, the store was restored from a copy and the number may have been given out
after the copy was made, it was reserved and no document has claimed it, or its document was voided. A hole that no entry
explains is `unknown`; then the ledger does not add up (ADR-26, ADR-56).

A claim may give a document a number below the line's beginning or behind its end. Such a number is no hole, but it is named,
because the line has not come by (ADR-61). Numbers that the line passed over are in no hole: documents hold them.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass, field

from gateway.core.ledger import Entry
from gateway.core.values import SERIES_CHAIN, Counter, CounterKey


class GapReason(enum.StrEnum):
    """Why no document holds a number.

    SET: the line was set past it.
    CLEAR: the line was cleared and started again further on.
    RESTORE: the store was restored from a copy; a document of the store that was lost may hold it.
    RESERVED: it was reserved, and no document has claimed it.
    VOID: its document was voided.
    UNKNOWN: no entry explains it.
    CLAIMED: no hole at all: a document holds the number by a claim, outside of what the line has walked.
    """

    SET = "set"
    CLEAR = "clear"
    RESTORE = "restore"
    RESERVED = "reserved"
    VOID = "void"
    UNKNOWN = "unknown"
    CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class GapFound:
    """Numbers that are not simply in their row: no document holds them, or one holds them by a claim (see CLAIMED).

    first, last: the ends of the gap, both included.
    entry: the ledger entry that explains it, the first one for several claims in a row; None when none does.
    """

    line: CounterKey
    first: int
    last: int
    reason: GapReason
    entry: Entry | None = None

    @property
    def count(self) -> int:
        """How many numbers."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class LineReport:
    """A line as a whole.

    start: the lowest number it ever stood at; None when it was never started.
    end: its next number, or where it stood before it was cleared; None when it was never started.
    held: how many numbers documents hold.
    gaps: by ascending number.
    held_ahead: how many of the numbers that documents hold are not below `end`; a draw will meet them.
    claimed: numbers that claims hold outside of start to end, by ascending number; their reason is CLAIMED.
    """

    line: CounterKey
    start: int | None
    end: int | None
    held: int
    gaps: tuple[GapFound, ...]
    held_ahead: int = 0
    claimed: tuple[GapFound, ...] = ()


@dataclass(slots=True)
class _Jumps:
    """Stretches that the line was set past, in ascending order. Where stretches overlap, the latest one counts.

    Three lists of equal length instead of one of triples, so that `bisect` can search the ends.
    """

    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)
    causes: list[tuple[GapReason, Entry]] = field(default_factory=list)

    def add(self, first: int, last: int, reason: GapReason, entry: Entry) -> None:
        low, high = bisect_left(self.lasts, first), bisect_right(self.firsts, last)
        pieces = [(first, last, (reason, entry))]
        if low < high:  # it overlaps earlier stretches, of which only what lies outside stays; a rare case
            if self.firsts[low] < first:
                pieces.insert(0, (self.firsts[low], first - 1, self.causes[low]))
            if self.lasts[high - 1] > last:
                pieces.append((last + 1, self.lasts[high - 1], self.causes[high - 1]))
        self.firsts[low:high] = [piece[0] for piece in pieces]
        self.lasts[low:high] = [piece[1] for piece in pieces]
        self.causes[low:high] = [piece[2] for piece in pieces]

    def explain(self, line: CounterKey, first: int, last: int) -> Iterable[GapFound]:
        """Cut a stretch where one explanation ends and another begins."""
        place = bisect_left(self.lasts, first)
        position = first
        while position <= last:
            known = place < len(self.firsts) and self.firsts[place] <= position
            if known:
                stop = min(last, self.lasts[place])
                reason, entry = self.causes[place]
                yield GapFound(line, position, stop, reason, entry)
                place += 1
            else:
                stop = min(last, self.firsts[place] - 1) if place < len(self.firsts) else last
                yield GapFound(line, position, stop, GapReason.UNKNOWN)
            position = stop + 1


@dataclass(slots=True)
class _Walk:
    """What the entries of one line have shown so far.

    stand: the next number, or where a cleared line stood before.
    runs: pairs of first and last number that were given out.
    stood: pairs of first and last number that the line stood at after an entry.
    claims: first and last of numbers in a row that were claimed away from where the line stood, and the first one's entry.
    reserved: numbers that no document has claimed.
    """

    start: int | None = None
    stand: int | None = None
    is_clear: bool = False
    runs: list[list[int]] = field(default_factory=list)
    stood: list[list[int]] = field(default_factory=list)
    claims: list[tuple[int, int, Entry]] = field(default_factory=list)
    reserved: dict[int, Entry] = field(default_factory=dict)
    voided: dict[int, Entry] = field(default_factory=dict)
    jumps: _Jumps = field(default_factory=_Jumps)

    def take(self, entry: Entry) -> None:
        if entry.number is not None:
            self._take_number(entry, entry.number)
        elif entry.operation == "bounds":
            return
        elif entry.after is None:
            self.is_clear = True
        else:
            self._stand_at(entry.after, entry)

    def _take_number(self, entry: Entry, number: int) -> None:
        match entry.operation:
            case "claim" if entry.after == entry.before:
                _extend(self.runs, number)
                self._claim(number, entry)
            case "issue" | "claim" | "reserve":
                _extend(self.runs, number)
                self._go_on(number, number + 1, entry)
                if entry.operation == "reserve":
                    self.reserved[number] = entry
            case "pass" if entry.after is not None:
                self._go_on(number, entry.after, entry)
            case "use":
                self.reserved.pop(number, None)
            case "void":
                self.voided[number] = entry
                self.reserved.pop(number, None)

    def _go_on(self, number: int, after: int, entry: Entry) -> None:
        """The line stood at a number, and went on from there over numbers that are all given out."""
        self._stand_at(number, entry)
        self.stand = after
        _extend(self.stood, after)

    def _claim(self, number: int, entry: Entry) -> None:
        first, last, begun = self.claims[-1] if self.claims else (number, number - 2, entry)
        if last + 1 == number:
            self.claims[-1] = first, number, begun
        else:
            self.claims.append((number, number, entry))

    def _stand_at(self, number: int, entry: Entry) -> None:
        """The line stands at a number now. The numbers between its former place and this one were jumped over."""
        since = self.stand if entry.before is None else entry.before
        if since is not None and number > since:
            self.jumps.add(since, number - 1, self._reason(entry), entry)
        self.start = number if self.start is None else min(number, self.start)
        self.stand, self.is_clear = number, False
        _extend(self.stood, number)

    def _reason(self, entry: Entry) -> GapReason:
        if entry.operation == "restore":
            return GapReason.RESTORE
        return GapReason.CLEAR if self.is_clear else GapReason.SET

    def not_held(self) -> list[tuple[int, int]]:
        """Numbers that were given out and that no document holds, in rows."""
        return _merged([[number, number] for number in (*self.voided, *self.reserved)])

    def outside(self, line: CounterKey, start: int, end: int) -> Iterable[GapFound]:
        """What claims hold below `start` and from `end` on."""
        others = _merged([[start, end - 1], *map(list, self.not_held())]) if start < end else self.not_held()
        for first, last, entry in sorted(self.claims, key=lambda claim: claim[:2]):
            for low, high in _between(others, first, last + 1):
                yield GapFound(line, low, high, GapReason.CLAIMED, entry)

    def end(self, next_number: int | None) -> int | None:
        """Where the line ends. The entries may be newer than `next_number`; they are, if they passed through it."""
        if next_number is None or any(first <= next_number <= last for first, last in self.stood):
            return self.stand
        return next_number


def _extend(runs: list[list[int]], number: int) -> None:
    """Remember a number. Numbers mostly come in order, so a run takes no more memory than a number."""
    if runs and runs[-1][0] <= number <= runs[-1][1] + 1:
        runs[-1][1] = max(runs[-1][1], number)
    else:
        runs.append([number, number])


class GapFinder:
    """Takes ledger entries in chain and index order; `reports` then describes every line that was seen."""

    def __init__(self) -> None:
        self._walks: dict[CounterKey, _Walk] = {}

    def take(self, entry: Entry) -> None:
        """Read one entry."""
        if entry.chain.line != SERIES_CHAIN:
            self._walks.setdefault(entry.chain, _Walk()).take(entry)

    def reports(self, counters: Iterable[Counter] = ()) -> list[LineReport]:
        """Every line, by series and kind.

        counters: where the lines stand, so that a gap at the end of a line shows although the ledger has no entry for it.
            They must not be newer than the entries.
        """
        ends = {counter.key: counter.next_number for counter in counters}
        lines = sorted(self._walks.keys() | ends.keys(), key=lambda key: (key.series, key.line))
        return [_report(line, self._walks.get(line) or _Walk(), ends.get(line)) for line in lines]


async def find_gaps(entries: AsyncIterable[Entry], counters: Iterable[Counter] = ()) -> list[LineReport]:
    """Every line of the entries and counters, with its gaps."""
    finder = GapFinder()
    async for entry in entries:
        finder.take(entry)
    return finder.reports(counters)


def _report(line: CounterKey, walk: _Walk, next_number: int | None) -> LineReport:
    end = walk.end(next_number)
    start = end if walk.start is None else walk.start
    runs, not_held = _merged(walk.runs), walk.not_held()
    held = _count(runs) - _count(not_held)
    gaps = [GapFound(line, number, number, GapReason.VOID, entry) for number, entry in walk.voided.items()]
    gaps += [GapFound(line, number, number, GapReason.RESERVED, entry) for number, entry in walk.reserved.items()]
    if start is None or end is None:  # it was never started; claims may hold numbers all the same
        return LineReport(line, None, None, held, tuple(gaps), held, tuple(walk.outside(line, 0, 0)))
    for first, last in _between(runs, start, end):
        gaps.extend(walk.jumps.explain(line, first, last))
    gaps.sort(key=lambda gap: gap.first)
    held_ahead = _count(runs, end) - _count(not_held, end)
    return LineReport(line, start, end, held, tuple(gaps), held_ahead, tuple(walk.outside(line, start, end)))


def _count(runs: Iterable[tuple[int, int]], least: int = 0) -> int:
    """How many numbers there are from `least` on."""
    return sum(max(0, last - max(first, least) + 1) for first, last in runs)


def _merged(runs: list[list[int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted((run[0], run[1]) for run in runs):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _between(runs: list[tuple[int, int]], start: int, end: int) -> Iterable[tuple[int, int]]:
    """The stretches from `start` to before `end` that no run covers."""
    position = start
    for first, last in runs:
        if first >= end:
            break
        if first > position:
            yield position, first - 1
        position = max(position, last + 1)
    if position < end:
        yield position, end - 1
