"""The append-only, hash-chained record of every move of a number line; it explains every hole.

One chain per counter. An entry's hash covers its own fields and the hash before it, so that nothing can be taken out,
put in or changed without `verify` saying where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.core.changes import Recorded
from gateway.core.values import CounterKey, TenantId

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


def verify(entries: Iterable[Entry]) -> tuple[int, list[Finding]]:
    """Recompute every chain. Entries come in chain and index order. Returns how many were read, and the findings."""
    count = 0
    findings: list[Finding] = []
    heads: dict[CounterKey, Head] = {}
    nexts: dict[CounterKey, int | None] = {}
    for entry in entries:
        count += 1
        head = heads.get(entry.chain, Head())
        findings.extend(Finding(entry.chain, entry.index, text) for text in _problems(entry, head, nexts))
        heads[entry.chain] = Head(entry.index, entry.hash)
        nexts[entry.chain] = entry.after
    return count, findings


def _problems(entry: Entry, head: Head, nexts: dict[CounterKey, int | None]) -> Iterable[str]:
    if entry.index != head.index + 1:
        yield f"index {entry.index} follows {head.index}"
    if entry.previous_hash != head.hash:
        yield "does not continue the entry before it"
    if entry.hash != _entry_digest(entry):
        yield "its content does not match its hash"
    if entry.operation in {"issue", "set", "clear", "void"} and entry.before != nexts.get(entry.chain):
        yield f"starts from {entry.before}, but the line stood at {nexts.get(entry.chain)}"
    if entry.operation == "issue" and (entry.number is None or entry.after != entry.number + 1):
        yield f"issued {entry.number} but left the line at {entry.after}"


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
