"""Compares the answers of clients with the ledger, and reports all that a durable, gapless, linear number line rules out."""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from gateway.core.ledger import Entry
from tests.stores.crash.history import Operation

RECORDED_AS = {
    "issue": {"issue", "pass"},
    "claim": {"claim", "use"},
    "reserve": {"reserve", "pass"},
    "set": {"set"},
    "clear": {"clear"},
    "void": {"void"},
}
ASKED = {"issue", "claim", "reserve"}
"""What clients ask for to get a number."""
GIVES = {*ASKED, "use"}
"""What the ledger says of it."""


def check(operations: Sequence[Operation], entries: Sequence[Entry]) -> list[str]:
    """All problems in words; empty when the histories and the ledger agree."""
    own = [entry for entry in entries if entry.chain.line != "series" and entry.dialect == "crash"]
    return [
        *acknowledged_numbers(operations, own),
        *entries_explained(operations, own),
        *holes_explained(own),
        *real_time_order(operations, own),
    ]


def acknowledged_numbers(operations: Iterable[Operation], entries: Iterable[Entry]) -> Iterator[str]:
    """Each acknowledged number is in the ledger once, under its key; no two keys have the same number."""
    recorded: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    for entry in entries:
        if entry.operation in GIVES:
            recorded[entry.key].append((entry.chain.line, entry.number))
    owners: dict[tuple[bool, str, int], str] = {}
    for operation in operations:
        if operation.kind in ASKED and operation.outcome == "done":
            number = operation.answer["number"]
            reserved = operation.kind == "reserve"  # a claim may get the number, too
            owner = owners.setdefault((reserved, operation.line, number), operation.key)
            if owner != operation.key:
                yield f"{operation.line} {number} was acknowledged to {owner} and to {operation.key}"
            if recorded[operation.key] != [(operation.line, number)]:
                yield f"{operation.key} was told {number}, the ledger has {recorded[operation.key]}"


def entries_explained(operations: Sequence[Operation], entries: Iterable[Entry]) -> Iterator[str]:
    """Each entry belongs to one client's request; each answer that changed something has its entry; refusals have none."""
    by_request = {operation.request: operation for operation in operations}
    seen: set[str] = set()
    for entry in entries:
        operation = by_request.get(entry.request_id)
        if operation is None or entry.operation not in RECORDED_AS.get(operation.kind, ()):
            yield f"nobody asked for the {entry.operation} of {entry.request_id}"
        elif operation.line != entry.chain.line or _other_key(operation, entry):
            yield f"{entry.request_id} is recorded as something else"
        elif operation.ended is not None and not operation.changed_something:
            yield f"{entry.request_id} is in the ledger, but was answered {operation.answer}"
        elif entry.request_id in seen:
            yield f"{entry.request_id} is in the ledger twice"
        if entry.operation != "pass":  # the draw's own entry follows
            seen.add(entry.request_id)
    for operation in operations:
        if operation.changed_something and operation.request not in seen:
            yield f"{operation.request} ({operation.kind} {operation.key}) was acknowledged but is not in the ledger"


def _other_key(operation: Operation, entry: Entry) -> bool:
    return entry.operation in GIVES and operation.key != entry.key


def holes_explained(entries: Iterable[Entry]) -> Iterator[str]:
    """Between two numbers that it gives out the line moves by one, or the entries between them explain the hole."""
    stands: dict[str, int | None] = {}
    for entry in entries:
        line = entry.chain.line
        moves = entry.operation in GIVES | {"pass"} and entry.after != entry.before
        if moves and stands.get(line) not in (None, entry.number):
            yield f"{line} stood at {stands.get(line)}, but {entry.number} was issued"
        stands[line] = entry.after


def real_time_order(operations: Sequence[Operation], entries: Sequence[Entry]) -> Iterator[str]:
    """Writes and reads of a line are in one order that agrees with the ledger and with the clients' time.

    A write that began after another one's answer comes later in the ledger. A read saw a state that the line had between the
    question and the answer. A read or write that began after a read's answer sees at least what that read saw.
    """
    position = {entry.request_id: entry.index for entry in entries}
    for line in sorted({operation.line for operation in operations}):
        own = [entry for entry in entries if entry.chain.line == line]
        yield from _ordered([operation for operation in operations if operation.line == line], position, own)


def _ordered(operations: Sequence[Operation], position: dict[str, int], entries: Sequence[Entry]) -> Iterator[str]:
    recorded = [operation for operation in operations if operation.request in position]
    answered = _highest_by_tick([(o.ended, position[o.request]) for o in recorded if o.ended is not None])
    started = _highest_by_tick([(o.began, position[o.request]) for o in recorded])
    places = _Places(entries)
    seen = _Seen()
    for operation in sorted(operations, key=lambda one: one.began):
        own = position.get(operation.request)
        least = answered(operation.began)
        read, by = seen.before(operation.began)
        if own is not None and own <= least:
            yield f"{operation.request} is entry {own}, but began after entry {least} was acknowledged"
        elif own is not None and own <= read:
            yield f"{operation.request} is entry {own}, but began after {by} had shown entry {read}"
        if operation.reads and operation.outcome == "done" and operation.ended is not None:
            most = max(started(operation.ended), least, read)
            place = places.seen_by(operation, max(least, read), most)
            if place is not None:
                seen.add(operation.ended, place, operation.request)
            elif places.seen_by(operation, least, most) is not None:
                yield f"{_shown(operation)}, but {by} had shown entry {read} of the line before"
            else:
                yield f"{_shown(operation)}, which the line did not stand at then (entries {least} to {most})"


def _shown(operation: Operation) -> str:
    what = f"the {operation.kind} of {operation.key}" if operation.key else operation.kind
    value = operation.answer["next" if operation.kind == "peek" else "number"]
    return f"{operation.request} ({what} by client {operation.client}) showed {value}"


class _Places:
    """Where in the ledger a line stood when a read saw it."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._stood: dict[int | None, list[int]] = defaultdict(list, {None: [0]})
        self._issued: dict[str, tuple[int, int | None]] = {}
        for entry in sorted(entries, key=lambda one: one.index):
            self._stood[entry.after].append(entry.index)
            if entry.operation == "issue":
                self._issued[entry.key] = entry.index, entry.number

    def seen_by(self, read: Operation, least: int, most: int) -> int | None:
        """The first place from `least` to `most` that explains what a read showed, None when there is none."""
        if read.kind == "peek":
            found = self._stood.get(read.answer["next"], [])
            at = bisect.bisect_left(found, least)
            return found[at] if at < len(found) and found[at] <= most else None
        index, number = self._issued.get(read.key, (most + 1, None))
        if read.answer["number"] is None:
            return least if least < index else None
        return max(index, least) if index <= most and number == read.answer["number"] else None


class _Seen:
    """The newest place that any read has shown by a certain tick, and by which read."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, str]] = []
        self._newest = 0, ""

    def add(self, tick: int, place: int, request: str) -> None:
        """A read showed a place; its answer came at a tick."""
        heapq.heappush(self._waiting, (tick, place, request))

    def before(self, tick: int) -> tuple[int, str]:
        """For ticks that never go back."""
        while self._waiting and self._waiting[0][0] < tick:
            _, place, request = heapq.heappop(self._waiting)
            self._newest = max(self._newest, (place, request))
        return self._newest


def _highest_by_tick(points: list[tuple[int, int]]) -> Callable[[int], int]:
    """A function from a tick to the highest position of any point before it; 0 when there is none."""
    points.sort()
    ticks = [tick for tick, _ in points]
    highest = list(itertools.accumulate((position for _, position in points), max))

    def before(tick: int) -> int:
        count = bisect.bisect_left(ticks, tick)
        return highest[count - 1] if count else 0

    return before
