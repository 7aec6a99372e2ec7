"""The chain verifies as written, and any entry that is changed, removed, added or swapped leads to a finding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core import ledger
from gateway.core.changes import Recorded
from gateway.core.ledger import GENESIS, MOST_PROBLEMS, Entry, Head, append, verify
from gateway.core.values import CREDIT_NOTE, INVOICE, SERIES_CHAIN, Counter, CounterKey, Origin, SeriesId, TenantId
from tests.core.test_rules import CLEAR, LINE, LOWER, OTHER_LINE, issue, set_to, state_after, update, void

STATE = state_after(
    set_to(5), issue("a"), issue("b"), issue("c", OTHER_LINE, 1), void(5), set_to(3, LOWER), set_to(None, CLEAR),
    issue("d", start=40), update(LINE.series, name="New"),
)  # fmt: skip
ENTRIES = STATE.ledger()
ON_LINE = [position for position, entry in enumerate(ENTRIES) if entry.chain == LINE]


def test_a_true_ledger_has_no_findings() -> None:
    assert verify(ENTRIES, STATE.lines.values()) == (len(ENTRIES), [])
    assert {entry.operation for entry in ENTRIES} == {"create", "rename", "set", "clear", "issue", "void"}


def test_an_empty_ledger_is_fine() -> None:
    assert verify([], []) == (0, [])


def test_first_entry_stands_on_the_genesis() -> None:
    firsts = [entry for entry in ENTRIES if entry.index == 1]
    assert {entry.previous_hash for entry in firsts} == {GENESIS}


CHANGED: dict[str, Any] = {
    "chain": CounterKey(SeriesId(2), INVOICE), "index": 77, "tenant": TenantId("theirs"), "operation": "import",
    "before": 1000, "after": 1001, "number": 1000, "key": "forged", "dialect": "forged", "principal": "forged",
    "request_id": "forged", "reason": "forged", "at": "2030-01-01T00:00:00.000000+00:00", "previous_hash": "f" * 64,
    "hash": "f" * 64,
}  # fmt: skip


def test_the_table_below_covers_every_field() -> None:
    assert set(CHANGED) == {field.name for field in fields(Entry)}


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("position", ON_LINE)
def test_any_changed_field_is_found(position: int, name: str) -> None:
    forged = list(ENTRIES)
    forged[position] = replace(forged[position], **{name: CHANGED[name]})
    _, findings = verify(forged)
    assert findings


@pytest.mark.parametrize("position", ON_LINE[:-1])
def test_an_entry_changed_together_with_its_own_hash_is_found_at_the_next(position: int) -> None:
    forged = list(ENTRIES)
    changed = replace(forged[position], reason="forged")
    forged[position] = replace(changed, hash=ledger._entry_digest(changed))
    (finding,) = verify(forged)[1]
    assert (finding.chain, finding.index) == (LINE, forged[position].index + 1)


@pytest.mark.parametrize("position", ON_LINE[:-1])
def test_a_missing_entry_is_found(position: int) -> None:
    _, findings = verify(ENTRIES[:position] + ENTRIES[position + 1 :])
    assert any(finding.chain == LINE for finding in findings)


def test_a_chain_cut_off_at_its_end_is_found_by_where_the_line_stands() -> None:
    cut = [entry for position, entry in enumerate(ENTRIES) if position != ON_LINE[-1]]
    assert verify(cut)[1] == []
    found = verify(cut, STATE.lines.values())[1]
    assert {finding.chain for finding in found} == {LINE}
    assert len(found) == 2


def test_a_chain_taken_away_whole_is_found() -> None:
    without = [entry for entry in ENTRIES if entry.chain != OTHER_LINE]
    assert {finding.chain for finding in verify(without, STATE.lines.values())[1]} == {OTHER_LINE}


def test_a_chain_without_its_line_is_found() -> None:
    counters = [counter for counter in STATE.lines.values() if counter.key != OTHER_LINE]
    assert {finding.chain for finding in verify(ENTRIES, counters)[1]} == {OTHER_LINE}


def test_a_chain_that_is_wrong_throughout_gives_few_findings() -> None:
    wrong = [replace(ENTRIES[ON_LINE[0]], index=index, hash="f" * 64) for index in range(1, 10 * MOST_PROBLEMS)]
    count, findings = verify(wrong)
    assert count == len(wrong)
    assert len(findings) == MOST_PROBLEMS + 1
    assert "not listed" in findings[-1].problem


def test_swapped_entries_are_found() -> None:
    first, second = ON_LINE[1:3]
    swapped = list(ENTRIES)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    assert verify(swapped)[1]


def test_a_doubled_entry_is_found() -> None:
    assert verify([*ENTRIES[: ON_LINE[0] + 1], *ENTRIES[ON_LINE[0] :]])[1]


def forged_line(*steps: tuple[str, int | None, int | None, int | None], kind: str = INVOICE) -> list[Entry]:
    """A chain with true hashes over a false history: (operation, before, after, number) in turn."""
    chain = CounterKey(SeriesId(1), kind)  # type: ignore[arg-type]
    by = Origin("d", "p", "r")
    entries: list[Entry] = []
    head = Head()
    for operation, before, after, number in steps:
        fact = Recorded(TenantId("t"), chain, operation, before, after, by, number)
        entries.append(append(head, fact, datetime(2024, 1, 1, tzinfo=UTC)))
        head = Head(entries[-1].index, entries[-1].hash)
    return entries


STORIES = {
    "issued a number and stood still": [("set", None, 5, None), ("issue", 5, 5, 5)],
    "issued another number than the next": [("set", None, 5, None), ("issue", 5, 8, 7)],
    "issued no number": [("set", None, 5, None), ("issue", 5, 6, None)],
    "started from nowhere": [("issue", 5, 6, 5)],
    "jumped between entries": [("set", None, 5, None), ("issue", 6, 7, 6)],
    "issued twice": [("set", None, 5, None), ("issue", 5, 6, 5), ("issue", 5, 6, 5)],
    "set to nothing": [("set", None, None, None)],
    "cleared to a number": [("set", None, 5, None), ("clear", 5, 6, None)],
    "void moved the line": [("issue", None, 2, 1), ("void", 2, 1, 1)],
    "void of nothing": [("issue", None, 2, 1), ("void", 2, 2, None)],
    "claimed and went further": [("set", None, 5, None), ("claim", 5, 9, 8)],
    "claimed nothing": [("claim", None, None, None)],
    "reserved and stood still": [("set", None, 5, None), ("reserve", 5, 5, 5)],
    "used nothing": [("reserve", None, 2, 1), ("use", 2, 2, None)],
    "use moved the line": [("reserve", None, 2, 1), ("use", 2, 3, 1)],
    "passed over from elsewhere": [("set", None, 5, None), ("pass", 5, 9, 6)],
    "passed over nothing": [("set", None, 5, None), ("pass", 5, 5, 5)],
    "passed over no number": [("set", None, 5, None), ("pass", 5, 9, None)],
    "bounds moved the line": [("set", None, 5, None), ("bounds", 5, 6, None)],
    "bounds that are none": [("bounds", None, None, None)],
    "unheard-of operation": [("borrow", None, 5, None)],
    "series operation on a line": [("rename", None, None, None)],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_an_impossible_story_is_found_although_its_hashes_are_true(
    story: list[tuple[str, int | None, int | None, int | None]],
) -> None:
    _, findings = verify(forged_line(*story))
    assert findings


def test_a_line_operation_on_the_chain_of_a_series_is_found() -> None:
    assert verify(forged_line(("set", None, 5, None), kind=SERIES_CHAIN))[1]


def test_a_line_may_be_imported() -> None:
    assert verify(forged_line(("import", None, 500, None), ("issue", 500, 501, 500)))[1] == []


FIELDS_IN_ORDER: list[Callable[[], Recorded]] = [
    lambda: Recorded(TenantId("t"), LINE, "set", None, 12, Origin("d", "p", "r", "x")),
    lambda: Recorded(TenantId("t"), LINE, "set", 1, 2, Origin("d", "p", "r", "x")),
    lambda: Recorded(TenantId("t"), LINE, "set", None, 12, Origin("d,", "p", "r", "x")),
    lambda: Recorded(TenantId("t"), LINE, "set", None, 12, Origin("d", ",p", "r", "x")),
    lambda: Recorded(TenantId("t"), CounterKey(LINE.series, CREDIT_NOTE), "set", None, 12, Origin("d", "p", "r", "x")),
    lambda: Recorded(TenantId("t"), LINE, "set", None, 12, Origin("d", "p", "r", '","x')),
]


def test_different_facts_have_different_hashes() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    hashes = {append(Head(), fact(), moment).hash for fact in FIELDS_IN_ORDER}
    assert len(hashes) == len(FIELDS_IN_ORDER)


def test_the_hash_of_a_known_entry_never_changes() -> None:
    """Chains that an earlier version wrote must verify for ever."""
    fact = Recorded(TenantId("t"), LINE, "issue", 444, 445, Origin("d", "pä", "r", "why"), 444, "k")
    entry = append(Head(), fact, datetime(2024, 2, 29, 12, tzinfo=UTC))
    assert entry.at == "2024-02-29T12:00:00.000000+00:00"
    text = (
        '[1,"invoice",1,"t","issue",444,445,444,"k","d","pä","r","why","2024-02-29T12:00:00.000000+00:00","' + "0" * 64
    )
    assert entry.hash == hashlib.sha256((text + '"]').encode()).hexdigest()


def test_counts_what_it_reads() -> None:
    count, _ = ledger.verify(iter(ENTRIES))
    assert count == len(ENTRIES)


def test_counter_default_is_unset() -> None:
    assert Counter(LINE) == Counter(LINE, None, 0, None)


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [(5, 9, True), (5, 5, True), (None, None, True), (None, 9, True), (5, 4, False), (5, None, False)],
)
def test_a_restore_never_takes_a_line_back(before: int | None, after: int | None, fits: bool) -> None:
    by = Origin("test", "t", "r")
    facts = [("set" if before else "clear", None, before), ("restore", before, after)]
    entries: list[Entry] = []
    for operation, old, new in facts:
        head = Head(len(entries), entries[-1].hash) if entries else Head()
        entries.append(
            append(head, Recorded(TenantId("t"), LINE, operation, old, new, by), datetime(2024, 1, 1, tzinfo=UTC))
        )
    _, findings = verify(entries)
    assert [finding.index for finding in findings] == ([] if fits else [2])
