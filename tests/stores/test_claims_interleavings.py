"""Draws, claims, reservations, bounds, sets, clears, voids and documents in any order and in any groups: the store answers as
the model in memory does, each number is given out once, every hole has its explanation, and a refused command changes nothing.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter as Tally
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.commands import (
    Command,
    CreateSeries,
    Issue,
    IssueRequest,
    MoveAhead,
    SaveDocument,
    SaveDocuments,
    SetNext,
    SetPolicy,
    Void,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.gaps import GapFinder, GapReason, LineReport
from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.values import CREDIT_NOTE, INVOICE, Bounds, CounterKey, Issued, OnHeld, SeriesId
from gateway.stores import open_store
from tests.core.memory_state import MemoryState
from tests.long_form import short_or_long
from tests.stores.commands import BY, TENANT
from tests.stores.test_documents_interleavings import StandingClock, documents_of
from tests.stores.test_interleavings import modelled, outcome, story

pytestmark = pytest.mark.long_form

MAIN = CounterKey(SeriesId(1), INVOICE)
LINES = st.sampled_from([MAIN, MAIN, MAIN, CounterKey(SeriesId(1), CREDIT_NOTE), CounterKey(SeriesId(2), INVOICE)])
KEYS = st.sampled_from([f"key-{i}" for i in range(9)])
NUMBERS = st.integers(0, 12)
MAYBE = st.one_of(st.none(), NUMBERS)
STARTS = st.sampled_from([None, 1, 1, 3])
HELD = st.sampled_from([OnHeld.REFUSE, OnHeld.PASS_OVER, OnHeld.PASS_OVER])
FREE = SetPolicy(allow_lower=True, allow_clear=True)
T, ME, DOC = st.just(TENANT), st.just(BY), st.just("")

REQUESTS = st.builds(
    IssueRequest,
    KEYS,
    series=st.just(SeriesId(1)),
    start_if_unset=STARTS,
    line=st.sampled_from([None, None, INVOICE]),
    number=MAYBE,
    on_held=HELD,
)
SAVES = st.builds(
    SaveDocument,
    st.builds(Document, T, st.sampled_from([INVOICE, CREDIT_NOTE])),
    issue=st.one_of(st.none(), REQUESTS, REQUESTS, REQUESTS),
)
SPOILED = SaveDocument(Document(TENANT, id=DocumentId(9999)), expected_version=1)
"""Is refused, and with it every save of its command."""
UNKEPT = SaveDocument(Document(TENANT, extras={"x": {"y": object()}}))  # type: ignore[dict-item]
"""Cannot be written down, which is found only after it was decided: its group is decided again without it."""
COMMANDS: st.SearchStrategy[Command[Any]] = st.one_of(
    st.builds(Issue, T, LINES, KEYS, DOC, ME, STARTS, HELD),
    st.builds(Claim, T, LINES, MAYBE, KEYS, DOC, ME, STARTS, HELD),
    st.builds(Claim, T, LINES, NUMBERS, KEYS, DOC, ME, STARTS, HELD),
    st.builds(Reserve, T, LINES, KEYS, ME, STARTS, HELD),
    st.builds(SetNext, T, LINES, MAYBE, st.just(FREE), ME),
    st.builds(MoveAhead, T, LINES, ME, ahead=st.integers(0, 3)),
    st.builds(SetBounds, T, LINES, MAYBE, MAYBE, ME),
    st.builds(Void, T, LINES, NUMBERS, ME),
    st.builds(OpenSeries, T, st.sampled_from(["series-1", "own", "else"]), st.sampled_from(["test", "x"]), ME,
              bounds=st.dictionaries(st.just(INVOICE), st.builds(Bounds, MAYBE, MAYBE), max_size=1)),
    st.lists(SAVES, min_size=1, max_size=4).map(lambda saves: SaveDocuments(TENANT, tuple(saves), BY)),
    st.lists(SAVES, min_size=1, max_size=2).map(lambda saves: SaveDocuments(TENANT, (*saves, SPOILED), BY)),
)  # fmt: skip
START: list[Command[Any]] = [CreateSeries(TENANT, "Main", BY), CreateSeries(TENANT, "Side", BY)]
WAVES = st.lists(st.lists(COMMANDS, min_size=1, max_size=10), min_size=1, max_size=6)
PROPERTY = settings(max_examples=short_or_long(50, 3000), deadline=None, derandomize=True)


def refused_changes_nothing(model: MemoryState, command: Command[Any]) -> Any:
    """What the command answers; one that is refused leaves the model as it was."""
    before = (model.lines.copy(), model.issued.copy(), model.documents.copy(), len(model.ledger()))
    answer = modelled(model, command)
    if type(answer).__module__.endswith("refusals"):
        assert (model.lines, model.issued, model.documents, len(model.ledger())) == before
    return answer


def reports_of(model: MemoryState) -> list[LineReport]:
    finder = GapFinder()
    for entry in model.ledger():
        finder.take(entry)
    return finder.reports(model.lines.values())


def assert_explained(model: MemoryState) -> None:
    """No number was given out twice, and each that a line came by is held, or in exactly one hole with the right name."""
    assert max(Tally((issued.counter, issued.number) for issued in model.issued).values(), default=0) <= 1
    for report in reports_of(model):
        given_out = {issued.number: issued for issued in model.issued if issued.counter == report.line}
        held = {number for number, issued in given_out.items() if not (issued.voided or issued.reserved)}
        named = {number: gap.reason for gap in report.gaps for number in range(gap.first, gap.last + 1)}
        walked = set(range(report.start, report.end)) if report.start is not None and report.end is not None else set()
        assert sum(gap.count for gap in report.gaps) == len(named)
        assert set(named) == (walked | set(given_out)) - held
        assert GapReason.UNKNOWN not in named.values()
        assert {n: reason for n, reason in named.items() if n in given_out} == {
            n: expected_reason(issued) for n, issued in given_out.items() if n not in held
        }
        claimed = {number for gap in report.claimed for number in range(gap.first, gap.last + 1)}
        assert claimed <= held - walked
        assert report.held == len(held)
        assert report.held_ahead == len([number for number in held if report.end is None or number >= report.end])


def expected_reason(issued: Issued) -> GapReason:
    return GapReason.VOID if issued.voided else GapReason.RESERVED


async def assert_same(store: Any, model: MemoryState) -> None:
    entries = [entry async for entry in store.ledger()]
    assert list(map(story, entries)) == list(map(story, model.ledger()))
    assert await store.verify() == (len(entries), [])
    assert await documents_of(store) == [document for _, document in sorted(model.documents.items())]


async def run_waves(url: str, waves: list[list[Command[Any]]], group_limit: int, unkept: set[int]) -> None:
    model = MemoryState()
    store = open_store(url, clock=StandingClock())
    store._groups.group_limit = group_limit
    await store.start()
    try:
        for place, wave in enumerate([START, *waves]):
            sent = [*wave, SaveDocuments(TENANT, (UNKEPT,), BY)] if place in unkept else wave
            answers = await asyncio.gather(*map(store.execute, sent), return_exceptions=True)
            assert len(answers) == len(wave) or not type(answers.pop()).__module__.endswith("results")
            assert [outcome(answer) for answer in answers] == [refused_changes_nothing(model, own) for own in wave]
            assert_explained(model)
        assert unkept or store.stats.replays == 0, "a group should have known what it would do itself"
        await assert_same(store, model)
    finally:
        await store.close()
    await assert_kept(url, model)


async def assert_kept(url: str, model: MemoryState) -> None:
    """After a restart every key still answers with its number."""
    store = open_store(url, clock=StandingClock())
    await store.start()
    try:
        await assert_same(store, model)
        for issued in model.issued:
            again = [] if issued.reserved else [Claim(TENANT, issued.counter, issued.number, issued.key, "", BY)]
            again += [Reserve(TENANT, issued.counter, issued.reservation_key, BY)] if issued.reservation_key else []
            for command in again:
                answer = await store.execute(command)
                assert (answer.issued, answer.replayed) == (issued, True)
    finally:
        await store.close()


@PROPERTY
@given(waves=WAVES, group_limit=st.sampled_from([1, 2, 3, 1024]), unkept=st.sets(st.integers(1, 6), max_size=2))
def test_any_interleaving_is_some_order(
    blank_store: Path, waves: list[list[Command[Any]]], group_limit: int, unkept: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.db"
        shutil.copy(blank_store, path)
        asyncio.run(run_waves(f"sqlite:///{path}", waves, group_limit, unkept))


def passing(key: str) -> Command[Any]:
    return Issue(TENANT, MAIN, key, "", BY, 1, OnHeld.PASS_OVER)


def claimed(number: int, key: str) -> Command[Any]:
    return Claim(TENANT, MAIN, number, key, "", BY)


def saved(*numbers: int | None) -> Command[Any]:
    keys = [f"{numbers} {place}" for place, _ in enumerate(numbers)]
    wanted = [
        IssueRequest(key, number=number, on_held=OnHeld.PASS_OVER, start_if_unset=1)
        for key, number in zip(keys, numbers, strict=True)
    ]
    return SaveDocuments(TENANT, tuple(SaveDocument(Document(TENANT), issue=request) for request in wanted), BY)


TOGETHER: dict[str, list[Command[Any]]] = {
    "what is claimed is passed over": [claimed(2, "a"), claimed(3, "b"), passing("c"), passing("d"), passing("e")],
    "a number is reserved, used, asked for again, and void": [
        Reserve(TENANT, MAIN, "r", BY, 1),
        claimed(1, "a"),
        Reserve(TENANT, MAIN, "r", BY),
        claimed(1, "a"),
        Void(TENANT, MAIN, 1, BY),
        claimed(1, "b"),
    ],
    "documents pass over what documents of their command claim": [saved(2, 3, None, None), saved(None), passing("a")],
    "documents pass over runs of their command and of others": [claimed(3, "a"), saved(1, 2, 4), saved(None)],
    "bounds end in the middle": [SetBounds(TENANT, MAIN, 5, 6, BY), passing("a"), claimed(6, "b"), passing("c")],
    "a series is opened and drawn from": [
        OpenSeries(TENANT, "own", "test", BY, bounds={INVOICE: Bounds(7, 8)}),
        OpenSeries(TENANT, "own", "test", BY),
        OpenSeries(TENANT, "own", "x", BY),
        Reserve(TENANT, CounterKey(SeriesId(3), INVOICE), "r", BY),
    ],
}


@pytest.mark.parametrize("group_limit", [1, 1024])
@pytest.mark.parametrize("wave", TOGETHER.values(), ids=TOGETHER.keys())
async def test_what_comes_together_sees_what_came_before(
    store_path: Path, wave: list[Command[Any]], group_limit: int
) -> None:
    await run_waves(f"sqlite:///{store_path}", [wave, wave], group_limit, set())
