"""The append-only, hash-chained record of every move of a number line; it explains every hole.

There is one chain for each line, and one for each series (ADR-8). An entry's hash covers its own fields and the hash of the
entry before it. So nothing can be taken out, put in or changed without `verify` saying where.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring as _text
from typing import Any, Final, TypeAlias

from gateway.core.changes import Recorded
from gateway.core.values import SERIES_CHAIN, Bounds, Counter, CounterKey, TenantId

GENESIS: Final = "0" * 64
NO_BOUNDS: Final = str(Bounds())
_GIVES: Final = frozenset({"issue", "claim", "reserve"})
"""What gives a number out that was free before."""
_BOUNDS: Final = re.compile(r"[0-9]*\.\.[0-9]*")
MOST_PROBLEMS: Final = 100
"""So many problems of one chain say enough; `verify` keeps no more of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a chain.

    index: counts from 1 without a hole.
    before, after: the next number of the line (None = unset).
    number: the number that the entry is about, else None; for pass, the first of those passed over.
    at: when, as ISO 8601 in UTC with microseconds.
    previous_hash, hash: lower-case hex SHA-256.
    """

    chain: CounterKey
    index: int
    tenant: TenantId
    operation: str
    before: int | None
    after: int | None
    number: int | None
    key: str
    dialect: str
    principal: str
    request_id: str
    reason: str
    at: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain.

    index: how many entries it has.
    hash: of its last entry.
    """

    index: int = 0
    hash: str = GENESIS


EntryRow: TypeAlias = tuple[Any, ...]
"""An entry's fields one after the other, with the chain's series and kind in front: the row that a store keeps (ADR-34)."""


def append(head: Head, fact: Recorded, at: datetime) -> Entry:
    """The entry that follows `head`."""
    return entry_of(appended_row(head, fact, stamp(at)))


def entry_of(row: Sequence[Any]) -> Entry:
    """The entry that a row keeps."""
    series, kind, *rest = row
    return Entry(CounterKey(series, kind), *rest)


def stamp(at: datetime) -> str:
    """A moment as entries hold it."""
    return at.isoformat(timespec="microseconds")


def appended_row(head: Head, fact: Recorded, at: str) -> EntryRow:
    """The row of the entry that follows `head`.

    at: a `stamp`, which a group of entries may share.
    """
    by = fact.by
    row = (
        *fact.chain,
        head.index + 1,
        fact.tenant,
        fact.operation,
        fact.before,
        fact.after,
        fact.number,
        fact.key,
        by.dialect,
        by.principal,
        by.request_id,
        by.reason,
        at,
        head.hash,
    )
    return (*row, _digest(*row))


def _digest(
    series: int,
    kind: str,
    index: int,
    tenant: str,
    operation: str,
    before: int | None,
    after: int | None,
    number: int | None,
    key: str,
    dialect: str,
    principal: str,
    request_id: str,
    reason: str,
    at: str,
    previous_hash: str,
) -> str:
    """The hash of all other fields as a JSON array without spaces.

    The text is written out by hand, because that is faster than `json.dumps` and is done for every move (ADR-34). It must
    never change, or no ledger could be verified any more.
    """
    text = (
        f"[{series},{_text(kind)},{index},{_text(tenant)},{_text(operation)},{_number(before)},"
        f"{_number(after)},{_number(number)},{_text(key)},{_text(dialect)},{_text(principal)},{_text(request_id)},"
        f"{_text(reason)},{_text(at)},{_text(previous_hash)}]"
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _number(value: int | None) -> int | str:
    return "null" if value is None else value


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the ledger: where it is, and what is wrong, in words."""

    chain: CounterKey
    index: int
    problem: str


@dataclass(slots=True)
class _Walked:
    """What the entries of a chain have shown up to the last one that was read."""

    head: Head = field(default_factory=Head)
    next_number: int | None = None
    issued: int = 0
    bounds: str = NO_BOUNDS
    problems: int = 0

    def first_of(self, texts: Iterable[str]) -> Iterator[str]:
        """Those of an entry's problems that are among the chain's first ones, and a note when there are more."""
        for text in texts:
            self.problems += 1
            if self.problems <= MOST_PROBLEMS:
                yield text
            elif self.problems == MOST_PROBLEMS + 1:
                yield "this chain has more problems, which are not listed"


def verify(entries: Iterable[Entry], counters: Iterable[Counter] | None = None) -> tuple[int, list[Finding]]:
    """Recompute every chain. Returns how many entries were read, and the findings.

    Memory grows with the number of chains, not with the number of entries.

    entries: in chain and index order; read one after the other.
    counters: where all lines of these chains stand at the same instant. Without them a chain whose end was cut off goes
        unnoticed.
    """
    count = 0
    findings: list[Finding] = []
    chains: dict[CounterKey, _Walked] = {}
    for entry in entries:
        count += 1
        walked = chains.setdefault(entry.chain, _Walked())
        texts = walked.first_of(_problems(entry, walked))
        findings.extend(Finding(entry.chain, entry.index, text) for text in texts)
        walked.head = Head(entry.index, entry.hash)
        walked.next_number = entry.after
        walked.issued += entry.operation in _GIVES
        if entry.operation == "bounds":
            walked.bounds = entry.key
    if counters is not None:
        findings.extend(_cut_off(chains, counters))
    return count, findings


def _problems(entry: Entry, walked: _Walked) -> Iterator[str]:
    if entry.index != walked.head.index + 1:
        yield f"index {entry.index} follows {walked.head.index}"
    if entry.previous_hash != walked.head.hash:
        yield "does not continue the entry before it"
    if entry.hash != _entry_digest(entry):
        yield "its content does not match its hash"
    if entry.chain.line == SERIES_CHAIN:
        if entry.operation not in {"create", "rename", "default", "restore"}:
            yield f"{entry.operation!r} is nothing that happens to a series"
        return
    if entry.before != walked.next_number:
        yield f"starts from {entry.before}, but the line stood at {walked.next_number}"
    if not _consistent(entry):
        yield f"{entry.operation!r} of {entry.number} cannot take the line from {entry.before} to {entry.after}"
    if entry.operation == "bounds" and not _BOUNDS.fullmatch(entry.key):
        yield f"{entry.key!r} are no bounds"
    elif walked.bounds != NO_BOUNDS and entry.operation in _GIVES and not _within(walked.bounds, entry.number):
        yield f"gives out {entry.number}, but the bounds of the line are {walked.bounds}"


def _consistent(entry: Entry) -> bool:
    match entry.operation:
        case "issue" | "reserve":
            return _draws(entry)
        case "claim":
            return _draws(entry) or (entry.number is not None and entry.after == entry.before)
        case "pass":
            return _passes(entry)
        case "bounds":
            return entry.number is None and entry.after == entry.before
        case "set" | "import":
            return entry.after is not None
        case "clear":
            return entry.after is None
        case "restore":
            stays = entry.after == entry.before
            return stays or (entry.after is not None and (entry.before is None or entry.after > entry.before))
        case "void" | "use":
            return entry.number is not None and entry.after == entry.before
    return False


def _draws(entry: Entry) -> bool:
    """Whether the line stood at the number, or was unset, and goes one further."""
    starts = entry.before is None or entry.before == entry.number
    return starts and entry.number is not None and entry.after == entry.number + 1


def _passes(entry: Entry) -> bool:
    """Whether the line stood at the number, or was unset, and goes further on."""
    if entry.number is None or entry.after is None:
        return False
    return entry.before in {None, entry.number} and entry.after > entry.number


def _within(bounds: str, number: int | None) -> bool:
    first, _, last = bounds.partition("..")
    return number is not None and (not first or int(first) <= number) and (not last or number <= int(last))


def _cut_off(chains: dict[CounterKey, _Walked], counters: Iterable[Counter]) -> Iterator[Finding]:
    known = {counter.key: counter for counter in counters}
    lines = {key for key in chains if key.line != SERIES_CHAIN}
    for key in sorted(lines | known.keys(), key=lambda key: (key.series, key.line)):
        walked = chains.get(key, _Walked())
        counter = known.get(key, Counter(key))
        if walked.next_number != counter.next_number:
            text = f"the chain ends at {walked.next_number}, but the line stands at {counter.next_number}"
            yield Finding(key, walked.head.index, text)
        if walked.bounds != str(counter.bounds):
            text = f"the chain ends with the bounds {walked.bounds}, but those of the line are {counter.bounds}"
            yield Finding(key, walked.head.index, text)
        if walked.issued != counter.issued:
            text = f"the chain has {walked.issued} numbers issued, but the line counts {counter.issued}"
            yield Finding(key, walked.head.index, text)


def _entry_digest(entry: Entry) -> str:
    return _digest(
        *entry.chain,
        entry.index,
        entry.tenant,
        entry.operation,
        entry.before,
        entry.after,
        entry.number,
        entry.key,
        entry.dialect,
        entry.principal,
        entry.request_id,
        entry.reason,
        entry.at,
        entry.previous_hash,
    )
