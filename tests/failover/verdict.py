"""The verdict on a run: the clients' histories are compared with the ledger, and the ledger with the tables."""

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

TENANT: Final = "demo"
"""The tenant that has the line. Other tenants are judged by other checkers."""
NAME: Final = re.compile(r"\(((?:ix|24so)-\d+-\d+)\)")
"""The name that a client writes into its document, so that the rows of the store can be matched with their requests."""


@dataclass
class Kept:
    """What the store holds in the end.

    names: for the key of each issue, the name that its client wrote into the document.
    """

    entries: list[Entry]
    findings: list[Finding]
    names: Mapping[str, str]


@dataclass
class Verdict:
    """Counts of one part of a run, and all problems of the whole run, in words."""

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    settled: int = 0
    lost: int = 0
    doubled: int = 0
    problems: list[str] = field(default_factory=list)


async def read_kept(url: str, documents: Sequence[Sequence[Any]]) -> Kept:
    """Read and verify the ledger.

    documents: (key of the issue, document as text) of all issued documents.
    """
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
    """Check everything, but count only the operations that began after `since`.

    since: how many operations came before.
    """
    entries = [
        _as_asked(entry, kept.names)
        for entry in kept.entries
        if entry.tenant == TENANT and entry.chain.line == DocumentKind("invoice")
    ]
    problems = [*check(operations, entries), *holes_covered(operations, entries)]
    problems += [f"{finding.chain} at {finding.index}: {finding.problem}" for finding in kept.findings]
    recorded = {entry.request_id: entry for entry in entries}
    changing = [operation for operation in operations[since:] if not operation.reads]
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
    """The entry under the name by which the client knows its request."""
    chain: Any = CounterKey(entry.chain.series, entry.chain.line)
    if entry.operation == "issue":
        name = names.get(entry.key, entry.key)
        return replace(entry, chain=chain, dialect="crash", request_id=name, key=name)
    return replace(entry, chain=chain, dialect="crash", request_id=f"{entry.operation} {entry.after}")


def _is_kept(operation: Operation, entry: Entry | None) -> bool:
    if entry is None:
        return False
    return operation.kind != "issue" or entry.number == operation.answer["number"]


def _doubled(operations: Sequence[Operation], since: int, entries: Sequence[Entry]) -> int:
    """How many numbers went to two requests, by their answers or by the ledger, of which one began after `since`."""
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
    """Every number passed over was taken by an issue of unknown outcome, or skipped by a set.

    This is checked from the clients' answers. Take the numbers between two sets. Up to each number that a client got, count the
    numbers that no client got. There must be at least as many issues without an answer that had begun before the answer with
    that number or a higher one.
    """
    starts = sorted({entry.after for entry in entries if entry.operation == "set" and entry.after is not None} | {1})
    stretches: dict[int, dict[int, int]] = defaultdict(dict)
    for operation in operations:
        if operation.kind == "issue" and operation.outcome == "done" and operation.ended is not None:
            number = operation.answer["number"]
            stretches[starts[bisect.bisect_right(starts, number) - 1]][number] = operation.ended
    unanswered = sorted(o.began for o in operations if o.kind == "issue" and o.outcome == "unknown")
    holes = 0
    for start, numbers in sorted(stretches.items()):
        ordered = sorted(numbers)
        soonest = list(itertools.accumulate((numbers[number] for number in reversed(ordered)), min))[::-1]
        for place, number in enumerate(ordered):
            skipped = number - (ordered[place - 1] + 1 if place else start)
            holes += skipped
            covered = bisect.bisect_left(unanswered, soonest[place])
            if skipped and covered < holes:
                yield f"{skipped} below {number} were passed over, and no issue of unknown outcome can have them"
                holes = covered  # later holes are judged by themselves
