"""What a run came to: the clients' histories against the ledger, and the ledger against itself."""

from __future__ import annotations

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gateway.core.ledger import Entry, Finding
from gateway.core.values import CounterKey, DocumentKind
from gateway.stores import open_store
from tests.stores.crash.checker import check
from tests.stores.crash.history import Operation

NAME: Final = re.compile(r"\(((?:ix|24so)-\d+-\d+)\)")
"""How clients mark their documents, so that rows of the store can be told to be theirs."""


@dataclass
class Kept:
    """What the store has in the end. names: by the key of an issue, how its client has marked the document."""

    entries: list[Entry]
    findings: list[Finding]
    names: Mapping[str, str]


@dataclass
class Verdict:
    """Counts of one part of a run, and everything that is wrong with the whole of it, in words."""

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    settled: int = 0
    lost: int = 0
    doubled: int = 0
    problems: list[str] = field(default_factory=list)


async def read_kept(url: str, documents: Sequence[Sequence[Any]]) -> Kept:
    """Read and verify the ledger. documents: (key of the issue, document as text) of all issued ones."""
    store = open_store(url, read_only=True)
    await store.start()
    try:
        entries = [entry async for entry in store.ledger()]
        findings = (await store.verify())[1]
    finally:
        await store.close()
    marks = {key: NAME.search(body) for key, body in documents}
    return Kept(entries, findings, {key: mark[1] for key, mark in marks.items() if mark})


def judge(operations: Sequence[Operation], kept: Kept, since: int = 0) -> Verdict:
    """Check everything; count what began after `since`, a number of operations."""
    entries = [_as_asked(entry, kept.names) for entry in kept.entries if entry.chain.kind == DocumentKind("invoice")]
    problems = [*check(operations, entries), *holes_covered(operations, entries)]
    problems += [f"{finding.chain} at {finding.index}: {finding.problem}" for finding in kept.findings]
    recorded = {entry.request_id: entry for entry in entries}
    changing = [operation for operation in operations[since:] if operation.kind != "peek"]
    done = [operation for operation in changing if operation.outcome == "done"]
    unknown = [operation for operation in changing if operation.outcome == "unknown"]
    return Verdict(
        acknowledged=len(done),
        refused=sum(operation.outcome == "refused" for operation in changing),
        unknown=len(unknown),
        settled=sum(operation.request in recorded for operation in unknown),
        lost=sum(not _is_kept(operation, recorded.get(operation.request)) for operation in done),
        doubled=_doubled(operations, since, entries),
        problems=problems,
    )


def _as_asked(entry: Entry, names: Mapping[str, str]) -> Entry:
    """The entry under the name that the client has for its request."""
    chain: Any = CounterKey(entry.chain.series, entry.chain.kind)
    if entry.operation == "issue":
        name = names.get(entry.key, entry.key)
        return replace(entry, chain=chain, dialect="crash", request_id=name, key=name)
    return replace(entry, chain=chain, dialect="crash", request_id=f"{entry.operation} {entry.after}")


def _is_kept(operation: Operation, entry: Entry | None) -> bool:
    if entry is None:
        return False
    return operation.kind != "issue" or entry.number == operation.answer["number"]


def _doubled(operations: Sequence[Operation], since: int, entries: Sequence[Entry]) -> int:
    """Numbers that two were told of, or that the ledger has given twice; one of the two since `since`."""
    owners: dict[int, set[str]] = defaultdict(set)
    for operation in operations:
        if operation.kind == "issue" and operation.outcome == "done":
            owners[operation.answer["number"]].add(operation.key)
    for entry in entries:
        if entry.operation == "issue" and entry.number is not None:
            owners[entry.number].add(entry.key)
    late = {operation.key for operation in operations[since:] if operation.kind == "issue"}
    return sum(len(keys) > 1 and bool(keys & late) for keys in owners.values())


def holes_covered(operations: Sequence[Operation], entries: Sequence[Entry]) -> Iterator[str]:
    """Every number passed over was taken by an issue that nobody knows the outcome of, or skipped by a set.

    The clients' side of the matter: between two sets, numbers that nobody was told of must not be more than the issues
    without an answer that had begun before a higher number of the same stretch was told.
    """
    starts = sorted({entry.after for entry in entries if entry.operation == "set" and entry.after is not None} | {1})
    told: dict[int, dict[int, int]] = defaultdict(dict)
    for operation in operations:
        if operation.kind == "issue" and operation.outcome == "done" and operation.ended is not None:
            number = operation.answer["number"]
            told[starts[bisect.bisect_right(starts, number) - 1]][number] = operation.ended
    unanswered = sorted(o.began for o in operations if o.kind == "issue" and o.outcome == "unknown")
    holes = 0
    for start, numbers in sorted(told.items()):
        ordered = sorted(numbers)
        soonest = list(itertools.accumulate((numbers[number] for number in reversed(ordered)), min))[::-1]
        for place, number in enumerate(ordered):
            skipped = number - (ordered[place - 1] + 1 if place else start)
            holes += skipped
            if skipped and bisect.bisect_left(unanswered, soonest[place]) < holes:
                yield f"{skipped} below {number} were passed over, and no issue of unknown outcome can have them"
