"""Compares the answers of clients with the ledger, and reports all that a durable, gapless, linear number line rules out."""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from gateway.core.ledger import Entry
from tests.stores.crash.history import Operation

RECORDED_AS = {"issue": "issue", "set": "set", "clear": "clear", "void": "void"}


def check(operations: Sequence[Operation], entries: Sequence[Entry]) -> list[str]:
    """All problems in words; empty when the histories and the ledger agree."""
    own = [entry for entry in entries if entry.chain.kind != "series" and entry.dialect == "crash"]
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
        if entry.operation == "issue":
            recorded[entry.key].append((entry.chain.kind, entry.number))
    owners: dict[tuple[str, int], str] = {}
    for operation in operations:
        if operation.kind == "issue" and operation.outcome == "done":
            number = operation.answer["number"]
            owner = owners.setdefault((operation.line, number), operation.key)
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
        if operation is None or RECORDED_AS.get(operation.kind) != entry.operation:
            yield f"nobody asked for the {entry.operation} of {entry.request_id}"
        elif operation.line != entry.chain.kind or (operation.kind == "issue" and operation.key != entry.key):
            yield f"{entry.request_id} is recorded as something else"
        elif operation.ended is not None and not operation.changed_something:
            yield f"{entry.request_id} is in the ledger, but was answered {operation.answer}"
        elif entry.request_id in seen:
            yield f"{entry.request_id} is in the ledger twice"
        seen.add(entry.request_id)
    for operation in operations:
        if operation.changed_something and operation.request not in seen:
            yield f"{operation.request} ({operation.kind} {operation.key}) was acknowledged but is not in the ledger"


def holes_explained(entries: Iterable[Entry]) -> Iterator[str]:
    """Between two issues the line moves by one, or the entries between them explain the hole."""
    stands: dict[str, int | None] = {}
    for entry in entries:
        line = entry.chain.kind
        if entry.operation == "issue" and stands.get(line) not in (None, entry.number):
            yield f"{line} stood at {stands.get(line)}, but {entry.number} was issued"
        stands[line] = entry.after


def real_time_order(operations: Sequence[Operation], entries: Sequence[Entry]) -> Iterator[str]:
    """An operation that began after another one's answer comes later in the ledger, and sees at least that state."""
    position = {entry.request_id: entry.index for entry in entries}
    for line in sorted({operation.line for operation in operations}):
        states = {entry.index: entry.after for entry in entries if entry.chain.kind == line}
        on_line = [operation for operation in operations if operation.line == line]
        yield from _ordered(on_line, position, states)


def _ordered(operations: Sequence[Operation], position: dict[str, int], states: dict[int, int | None]) -> Iterator[str]:
    recorded = [operation for operation in operations if operation.request in position]
    answered = _highest_by_tick([(o.ended, position[o.request]) for o in recorded if o.ended is not None])
    started = _highest_by_tick([(o.began, position[o.request]) for o in recorded])
    for operation in operations:
        least = answered(operation.began)
        own = position.get(operation.request)
        if own is not None and own <= least:
            yield f"{operation.request} is entry {own}, but began after entry {least} was acknowledged"
        if operation.kind == "peek" and operation.outcome == "done" and operation.ended is not None:
            shown = operation.answer["next"]
            most = max(started(operation.ended), least)
            if shown not in {states.get(index) for index in range(least, most + 1)}:
                yield f"{operation.request} showed {shown}, which the line did not stand at then"


def _highest_by_tick(points: list[tuple[int, int]]) -> Callable[[int], int]:
    """A function from a tick to the highest position of any point before it; 0 when there is none."""
    points.sort()
    ticks = [tick for tick, _ in points]
    highest = list(itertools.accumulate((position for _, position in points), max))

    def before(tick: int) -> int:
        count = bisect.bisect_left(ticks, tick)
        return highest[count - 1] if count else 0

    return before
