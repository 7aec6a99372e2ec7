"""The append-only, hash-chained record of every move of a number line; it explains every hole.

One chain per counter. An entry's hash covers its own fields and the hash before it, so that nothing can be taken out,
put in or changed without `verify` saying where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.core.changes import Recorded
from gateway.core.values import SERIES_CHAIN, Counter, CounterKey, TenantId

GENESIS: Final = "0" * 64
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a chain. `index` counts from 1 without a hole; `at` is UTC; hashes are lower-case hex SHA-256."""

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
    """The end of a chain: how many entries, and the last hash."""

    index: int = 0
    hash: str = GENESIS


def append(head: Head, fact: Recorded, at: datetime) -> Entry:
    """The entry that follows `head`."""
    stamp = at.isoformat(timespec="microseconds")
    by = fact.by
    index = head.index + 1
    digest = _digest(
        fact.chain,
        index,
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
        stamp,
        head.hash,
    )
    return Entry(
        fact.chain,
        index,
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
        stamp,
        head.hash,
        digest,
    )


def _digest(chain: CounterKey, *fields: object) -> str:
    return hashlib.sha256(_encode([chain.series, chain.kind, *fields]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the ledger: where, and what, in words."""

    chain: CounterKey
    index: int
    problem: str


@dataclass(slots=True)
class _Walked:
    """What a chain has told up to its last entry."""

    head: Head = field(default_factory=Head)
    next_number: int | None = None
    issued: int = 0


def verify(entries: Iterable[Entry], counters: Iterable[Counter] | None = None) -> tuple[int, list[Finding]]:
    """Recompute every chain. Entries come in chain and index order. Returns how many were read, and the findings.

    counters: where the lines stand (of the same instant and of all the chains), to notice a chain whose end was cut off.
    """
    count = 0
    findings: list[Finding] = []
    chains: dict[CounterKey, _Walked] = {}
    for entry in entries:
        count += 1
        walked = chains.setdefault(entry.chain, _Walked())
        findings.extend(Finding(entry.chain, entry.index, text) for text in _problems(entry, walked))
        walked.head = Head(entry.index, entry.hash)
        walked.next_number = entry.after
        walked.issued += entry.operation == "issue"
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
    if entry.chain.kind == SERIES_CHAIN:
        if entry.operation not in {"create", "rename", "default", "restore"}:
            yield f"{entry.operation!r} is nothing that happens to a series"
        return
    if entry.before != walked.next_number:
        yield f"starts from {entry.before}, but the line stood at {walked.next_number}"
    if not _consistent(entry):
        yield f"{entry.operation!r} of {entry.number} cannot take the line from {entry.before} to {entry.after}"


def _consistent(entry: Entry) -> bool:
    match entry.operation:
        case "issue":
            starts = entry.before is None or entry.before == entry.number
            return starts and entry.number is not None and entry.after == entry.number + 1
        case "set" | "import":
            return entry.after is not None
        case "clear":
            return entry.after is None
        case "void":
            return entry.number is not None and entry.after == entry.before
    return False


def _cut_off(chains: dict[CounterKey, _Walked], counters: Iterable[Counter]) -> Iterator[Finding]:
    known = {counter.key: counter for counter in counters}
    lines = {key for key in chains if key.kind != SERIES_CHAIN}
    for key in sorted(lines | known.keys(), key=lambda key: (key.series, key.kind)):
        walked = chains.get(key, _Walked())
        counter = known.get(key, Counter(key))
        if walked.next_number != counter.next_number:
            text = f"the chain ends at {walked.next_number}, but the line stands at {counter.next_number}"
            yield Finding(key, walked.head.index, text)
        if walked.issued != counter.issued:
            text = f"the chain has {walked.issued} numbers issued, but the line counts {counter.issued}"
            yield Finding(key, walked.head.index, text)


def _entry_digest(entry: Entry) -> str:
    return _digest(
        entry.chain,
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
