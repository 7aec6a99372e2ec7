"""Every command with each of its refusals and bounds, as tables over a small fixed state."""

from __future__ import annotations

import typing
from dataclasses import dataclass

import pytest

from gateway.core import refusals
from gateway.core.changes import Recorded
from gateway.core.commands import (
    ANYTHING,
    STRICT,
    Command,
    CreateSeries,
    Issue,
    MoveAhead,
    SetDefault,
    SetNext,
    SetPolicy,
    UpdateSeries,
    Void,
)
from gateway.core.refusals import (
    AlreadyVoid,
    ClearNotAllowed,
    CounterExhausted,
    CounterUnset,
    KeyReused,
    NameTaken,
    NumberBehind,
    NumberOutOfRange,
    NumberTaken,
    NumberUnknown,
    Refusal,
    Refused,
    SeriesInUse,
    SeriesUnknown,
)
from gateway.core.results import (
    NextSet,
    NumberIssued,
    NumberVoided,
)
from gateway.core.rules import COMMANDS
from gateway.core.values import (
    CREDIT_NOTE,
    INVOICE,
    MAX_NUMBER,
    Counter,
    CounterKey,
    DocumentKind,
    Origin,
    SeriesId,
    TenantId,
)
from tests.core.claim_cases import CLAIM_REFUSALS
from tests.core.document_cases import DOCUMENT_REFUSALS
from tests.core.memory_state import MemoryState
from tests.core.record_cases import RECORD_REFUSALS

OURS, THEIRS = TenantId("ours"), TenantId("theirs")
MAIN, SIDE, FOREIGN, NOWHERE = SeriesId(1), SeriesId(2), SeriesId(3), SeriesId(99)
LINE = CounterKey(MAIN, INVOICE)
OTHER_LINE = CounterKey(MAIN, CREDIT_NOTE)
SIDE_LINE = CounterKey(SIDE, INVOICE)
NEW_LINE = CounterKey(SeriesId(4), INVOICE)
BY = Origin("test", "tester", "request-1", "because")
LOWER = SetPolicy(allow_lower=True)
CLEAR = SetPolicy(allow_clear=True)
UNTIL_ISSUED = SetPolicy(allow_lower=True, allow_when_issued=False)
UNTIL_INVOICED = SetPolicy(allow_lower=True, allow_when_issued=False, locked_by=frozenset({INVOICE}))


def state_after(*commands: Command) -> MemoryState:
    """The state after the commands, which begin with two series of ours (`main` is the default) and one of another tenant."""
    state = MemoryState()
    state.run(CreateSeries(OURS, "Main", BY, key="main"))
    state.run(CreateSeries(OURS, "Side", BY, key="side"))
    state.run(CreateSeries(THEIRS, "Main", BY, key="main"))
    for command in commands:
        state.run(command)
    return state


def set_to(number: int | None, policy: SetPolicy = STRICT, line: CounterKey = LINE) -> SetNext:
    return SetNext(OURS, line, number, policy, BY)


def issue(key: str, line: CounterKey = LINE, start: int | None = None, tenant: TenantId = OURS) -> Issue:
    return Issue(tenant, line, key, f"document {key}", BY, start)


def void(number: int, line: CounterKey = LINE) -> Void:
    return Void(OURS, line, number, BY)


def ahead(numbers: int, line: CounterKey = LINE) -> MoveAhead:
    return MoveAhead(OURS, line, BY, ahead=numbers)


def onward(number: int) -> MoveAhead:
    return MoveAhead(OURS, LINE, BY, next_number=number)


def create(name: str, key: str = "", default: bool = False, **counters: int | None) -> CreateSeries:
    kinds = {DocumentKind(kind): number for kind, number in counters.items()}
    return CreateSeries(OURS, name, BY, key=key, counters=kinds, make_default=default)


def update(series: SeriesId, policy: SetPolicy = ANYTHING, **fields: typing.Any) -> UpdateSeries:
    return UpdateSeries(OURS, series, policy, BY, **fields)


@dataclass(frozen=True)
class Refuses:
    """After `given`, `command` is refused with exactly `refusal`."""

    title: str
    given: tuple[Command, ...]
    command: Command
    refusal: Refusal


REFUSALS = [
    # set
    Refuses("set: no such series", (), SetNext(OURS, CounterKey(NOWHERE, INVOICE), 1, STRICT, BY), SeriesUnknown(NOWHERE)),
    Refuses("set: another tenant's", (), SetNext(OURS, CounterKey(FOREIGN, INVOICE), 1, STRICT, BY), SeriesUnknown(FOREIGN)),
    Refuses("set: one below", (set_to(445),), set_to(444), NumberBehind(LINE, 444, 445)),
    Refuses("set: far below", (set_to(445),), set_to(0), NumberBehind(LINE, 0, 445)),
    Refuses("set: below what was issued", (set_to(5), issue("a")), set_to(5), NumberBehind(LINE, 5, 6)),
    Refuses("set: negative", (), set_to(-1), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    Refuses("set: negative although lower is allowed", (), set_to(-1, LOWER), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    Refuses("set: above the maximum", (), set_to(MAX_NUMBER + 1), NumberOutOfRange(LINE, MAX_NUMBER + 1, 0, MAX_NUMBER)),
    Refuses("set: beyond 64 bits", (), set_to(2**64), NumberOutOfRange(LINE, 2**64, 0, MAX_NUMBER)),
    Refuses("set: range comes before behind", (set_to(5),), set_to(-1), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    Refuses("set: clear not allowed", (set_to(5),), set_to(None), ClearNotAllowed(LINE)),
    Refuses("set: clear of the unset not allowed", (), set_to(None), ClearNotAllowed(LINE)),
    Refuses("set: clear not allowed by lower", (set_to(5),), set_to(None, LOWER), ClearNotAllowed(LINE)),
    Refuses("set: lower not allowed by clear", (set_to(5),), set_to(4, CLEAR), NumberBehind(LINE, 4, 5)),
    Refuses("set: locked once issued", (issue("a", start=1),), set_to(9, UNTIL_ISSUED), SeriesInUse(MAIN, 1)),
    Refuses("set: locked even when equal", (issue("a", start=1),), set_to(2, UNTIL_ISSUED), SeriesInUse(MAIN, 1)),
    Refuses("set: locked by another kind", (issue("a", OTHER_LINE, 1),), set_to(9, UNTIL_ISSUED), SeriesInUse(MAIN, 1)),
    Refuses("set: locked by its kind", (issue("a", start=1), issue("b")), set_to(9, UNTIL_INVOICED), SeriesInUse(MAIN, 2)),
    Refuses("set: a voided number still locks", (issue("a", start=1), void(1)), set_to(9, UNTIL_ISSUED), SeriesInUse(MAIN, 1)),
    # move ahead
    Refuses("ahead: no such series", (), ahead(1, CounterKey(NOWHERE, INVOICE)), SeriesUnknown(NOWHERE)),
    Refuses("ahead: another tenant's", (), ahead(1, CounterKey(FOREIGN, INVOICE)), SeriesUnknown(FOREIGN)),
    Refuses("ahead: back", (set_to(5), issue("a")), onward(5), NumberBehind(LINE, 5, 6)),
    Refuses("ahead: beyond the end", (set_to(5),), ahead(MAX_NUMBER), NumberOutOfRange(LINE, MAX_NUMBER + 5, 0, MAX_NUMBER)),
    # create
    Refuses("create: name taken", (), create("Main"), NameTaken("Main")),
    Refuses("create: name taken by a renamed one", (update(SIDE, name="New"),), create("New"), NameTaken("New")),
    Refuses("create: key taken", (), create("Third", key="main"), NameTaken("main")),
    Refuses("create: negative start", (), create("Third", invoice=-1), NumberOutOfRange(NEW_LINE, -1, 0, MAX_NUMBER)),
    Refuses("create: huge start", (), create("Third", invoice=2**63), NumberOutOfRange(NEW_LINE, 2**63, 0, MAX_NUMBER)),
    # update
    Refuses("update: no such series", (), update(NOWHERE, name="x"), SeriesUnknown(NOWHERE)),
    Refuses("update: another tenant's", (), update(FOREIGN, name="x"), SeriesUnknown(FOREIGN)),
    Refuses("update: name taken", (), update(SIDE, name="Main"), NameTaken("Main")),
    Refuses("update: number behind", (set_to(5),), update(MAIN, STRICT, counters={INVOICE: 4}), NumberBehind(LINE, 4, 5)),
    Refuses("update: out of range", (), update(MAIN, counters={INVOICE: -5}), NumberOutOfRange(LINE, -5, 0, MAX_NUMBER)),
    Refuses("update: clear not allowed", (set_to(5),), update(MAIN, LOWER, counters={INVOICE: None}), ClearNotAllowed(LINE)),
    Refuses("update: locked once issued", (issue("a", start=1),), update(MAIN, UNTIL_ISSUED, name="x"), SeriesInUse(MAIN, 1)),
    Refuses(
        "update: one bad number spoils all of it",
        (set_to(5),),
        update(MAIN, STRICT, name="x", make_default=True, counters={CREDIT_NOTE: 7, INVOICE: 4}),
        NumberBehind(LINE, 4, 5),
    ),
    # default
    Refuses("default: no such series", (), SetDefault(OURS, NOWHERE, BY), SeriesUnknown(NOWHERE)),
    Refuses("default: another tenant's", (), SetDefault(OURS, FOREIGN, BY), SeriesUnknown(FOREIGN)),
    # issue
    Refuses("issue: no such series", (), issue("a", CounterKey(NOWHERE, INVOICE), 1), SeriesUnknown(NOWHERE)),
    Refuses("issue: another tenant's", (), issue("a", CounterKey(FOREIGN, INVOICE), 1), SeriesUnknown(FOREIGN)),
    Refuses("issue: unset", (), issue("a"), CounterUnset(LINE)),
    Refuses("issue: unset after a clear", (set_to(5), set_to(None, CLEAR)), issue("a"), CounterUnset(LINE)),
    Refuses("issue: negative start", (), issue("a", start=-1), NumberOutOfRange(LINE, -1, 0, MAX_NUMBER)),
    Refuses("issue: exhausted", (set_to(MAX_NUMBER), issue("a")), issue("b"), CounterExhausted(LINE)),
    Refuses("issue: start beyond the end", (), issue("a", start=MAX_NUMBER + 1), CounterExhausted(LINE)),
    Refuses("issue: key of another line", (issue("a", OTHER_LINE, 1),), issue("a", start=1), KeyReused("a", OTHER_LINE)),
    Refuses("issue: taken after lowering", (set_to(5), issue("a"), set_to(5, LOWER)), issue("b"), NumberTaken(LINE, 5)),
    Refuses(
        "issue: taken after clearing and starting lower",
        (set_to(5), issue("a"), set_to(None, CLEAR)),
        issue("b", start=5),
        NumberTaken(LINE, 5),
    ),
    Refuses(
        "issue: reaches a taken number from below",
        (set_to(5), issue("a"), set_to(4, LOWER), issue("b")),
        issue("c"),
        NumberTaken(LINE, 5),
    ),
    Refuses("issue: void is taken", (issue("a", start=5), void(5), set_to(5, LOWER)), issue("b"), NumberTaken(LINE, 5)),
    # void
    Refuses("void: no such series", (), void(1, CounterKey(NOWHERE, INVOICE)), SeriesUnknown(NOWHERE)),
    Refuses("void: another tenant's", (), void(1, CounterKey(FOREIGN, INVOICE)), SeriesUnknown(FOREIGN)),
    Refuses("void: never issued", (set_to(5),), void(5), NumberUnknown(LINE, 5)),
    Refuses("void: issued on another line", (issue("a", OTHER_LINE, 1),), void(1), NumberUnknown(LINE, 1)),
    Refuses("void: beyond 64 bits", (), void(2**70), NumberUnknown(LINE, 2**70)),
    Refuses("void: negative", (), void(-1), NumberUnknown(LINE, -1)),
    Refuses("void: twice", (issue("a", start=1), void(1)), void(1), AlreadyVoid(LINE, 1)),
]  # fmt: skip
REFUSALS += [Refuses(*case) for case in (*DOCUMENT_REFUSALS, *CLAIM_REFUSALS, *RECORD_REFUSALS)]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.title)
def test_refused_and_nothing_changed(case: Refuses) -> None:
    state = state_after(*case.given)
    before = state_after(*case.given)
    with pytest.raises(Refused) as caught:
        state.run(case.command)
    assert caught.value.refusal == case.refusal
    assert vars(state) == vars(before)


def test_every_refusal_has_a_case() -> None:
    tested = {type(case.refusal) for case in REFUSALS}
    assert tested == set(typing.get_args(refusals.Refusal))


def promised_refusals(command: type) -> set[str]:
    sentence = (command.__doc__ or "").split("Refused:", 1)[1]
    return {kind.__name__ for kind in typing.get_args(refusals.Refusal) if kind.__name__ in sentence}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_command_is_tested_with_every_refusal_it_promises(command: type) -> None:
    tested = {type(case.refusal).__name__ for case in REFUSALS if isinstance(case.command, command)}
    assert tested == promised_refusals(command)


@dataclass(frozen=True)
class Moves:
    """After `given`, `command` leaves LINE at `after` and adds these operations to its chain."""

    title: str
    given: tuple[Command, ...]
    command: Command
    after: int | None
    recorded: tuple[tuple[str, int | None, int | None], ...]


MOVES = [
    Moves("first set", (), set_to(445), 445, (("set", None, 445),)),
    Moves("set to zero", (), set_to(0), 0, (("set", None, 0),)),
    Moves("set to the maximum", (), set_to(MAX_NUMBER), MAX_NUMBER, (("set", None, MAX_NUMBER),)),
    Moves("set ahead", (set_to(445),), set_to(446), 446, (("set", 445, 446),)),
    Moves("set equal changes nothing", (set_to(445),), set_to(445), 445, ()),
    Moves("set lower by policy", (set_to(445),), set_to(1, LOWER), 1, (("set", 445, 1),)),
    Moves("ahead", (set_to(445),), ahead(100), 545, (("restore", 445, 545),)),
    Moves("ahead by nothing is recorded", (set_to(445),), ahead(0), 445, (("restore", 445, 445),)),
    Moves("ahead from the unset stays unset", (), ahead(100), None, (("restore", None, None),)),
    Moves("onward", (set_to(445),), onward(500), 500, (("restore", 445, 500),)),
    Moves("onward to where it stands is recorded", (set_to(445),), onward(445), 445, (("restore", 445, 445),)),
    Moves("onward from the unset", (), onward(500), 500, (("restore", None, 500),)),
    Moves(
        "ahead by nothing at the end",
        (set_to(MAX_NUMBER), issue("a")),
        ahead(0),
        MAX_NUMBER + 1,
        (("restore", MAX_NUMBER + 1, MAX_NUMBER + 1),),
    ),
    Moves("clear", (set_to(445),), set_to(None, CLEAR), None, (("clear", 445, None),)),
    Moves("clear the unset changes nothing", (), set_to(None, CLEAR), None, ()),
    Moves("set low again after a clear", (set_to(445), set_to(None, CLEAR)), set_to(1), 1, (("set", None, 1),)),
    Moves("set while the series is unused", (set_to(5),), set_to(3, UNTIL_ISSUED), 3, (("set", 5, 3),)),
    Moves("set although a kind was issued", (issue("a", OTHER_LINE, 1),), set_to(3, UNTIL_INVOICED), 3, (("set", None, 3),)),
    Moves("set although a series is in use", (issue("a", SIDE_LINE, 1),), set_to(3, UNTIL_ISSUED), 3, (("set", None, 3),)),
    Moves("issue", (set_to(445),), issue("a"), 446, (("issue", 445, 446),)),
    Moves("issue number zero", (set_to(0),), issue("a"), 1, (("issue", 0, 1),)),
    Moves("issue the last number", (set_to(MAX_NUMBER),), issue("a"), MAX_NUMBER + 1, (("issue", MAX_NUMBER, MAX_NUMBER + 1),)),
    Moves("issue starts an unset line", (), issue("a", start=7), 8, (("issue", None, 8),)),
    Moves("issue ignores the start of a set line", (set_to(445),), issue("a", start=7), 446, (("issue", 445, 446),)),
    Moves("issue again under the key", (set_to(445), issue("a")), issue("a"), 446, ()),
    Moves("issue again after a clear", (set_to(445), issue("a"), set_to(None, CLEAR)), issue("a"), None, ()),
    Moves("issue in a hole below", (set_to(445), issue("a"), set_to(7, LOWER)), issue("b"), 8, (("issue", 7, 8),)),
    Moves("void", (set_to(445), issue("a")), void(445), 446, (("void", 446, 446),)),
    Moves("update sets", (), update(MAIN, counters={INVOICE: 3}), 3, (("set", None, 3),)),
    Moves("update with the same numbers", (set_to(3),), update(MAIN, counters={INVOICE: 3}), 3, ()),
    Moves("update clears", (set_to(3),), update(MAIN, counters={INVOICE: None}), None, (("clear", 3, None),)),
    Moves("update leaves what it does not name", (set_to(3),), update(MAIN, name="x", counters={CREDIT_NOTE: 9}), 3, ()),
]  # fmt: skip


@pytest.mark.parametrize("case", MOVES, ids=lambda case: case.title)
def test_moves(case: Moves) -> None:
    state = state_after(*case.given)
    decision = state.run(case.command)
    assert state.counter(LINE).next_number == case.after
    facts = [change for change in decision.changes if isinstance(change, Recorded) and change.chain == LINE]
    assert tuple((fact.operation, fact.before, fact.after) for fact in facts) == case.recorded
    assert all(fact.by == BY and fact.tenant == OURS for fact in facts)


def test_set_tells_before_and_after() -> None:
    result = state_after(set_to(5)).run(set_to(9)).result
    assert isinstance(result, NextSet)
    assert (result.before.next_number, result.after.next_number, result.series.key) == (5, 9, "main")


def test_issue_counts_and_remembers_the_highest() -> None:
    state = state_after(set_to(5), issue("a"), set_to(2, LOWER), issue("b"))
    assert state.counter(LINE) == Counter(LINE, next_number=3, issued=2, highest_issued=5)


def test_a_set_keeps_what_was_issued() -> None:
    state = state_after(set_to(5), issue("a"), set_to(None, CLEAR), set_to(2))
    assert state.counter(LINE) == Counter(LINE, next_number=2, issued=1, highest_issued=5)


def test_issue_answers_with_number_key_and_document() -> None:
    result = state_after(set_to(5)).run(issue("a")).result
    assert isinstance(result, NumberIssued)
    assert not result.replayed
    given = result.issued
    assert (given.number, given.key, given.document, given.counter, given.voided) == (5, "a", "document a", LINE, False)


def test_a_retry_gets_the_number_and_the_document_of_the_first_time() -> None:
    state = state_after(set_to(5), issue("a"), issue("b"))
    retry = Issue(OURS, LINE, "a", "another text", BY)
    result = state.run(retry).result
    assert isinstance(result, NumberIssued)
    assert result.replayed
    assert (result.issued.number, result.issued.document) == (5, "document a")


def test_a_retry_after_void_still_gets_its_number_marked_void() -> None:
    result = state_after(set_to(5), issue("a"), void(5)).run(issue("a")).result
    assert isinstance(result, NumberIssued)
    assert (result.replayed, result.issued.number, result.issued.voided) == (True, 5, True)


def test_tenants_may_use_the_same_key() -> None:
    state = state_after(issue("a", start=1))
    result = state.run(issue("a", CounterKey(FOREIGN, INVOICE), 1, THEIRS)).result
    assert isinstance(result, NumberIssued)
    assert not result.replayed


def test_an_issue_without_a_key_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="key"):
        issue("")


def test_void_records_number_and_key() -> None:
    decision = state_after(set_to(5), issue("a")).run(void(5))
    assert isinstance(decision.result, NumberVoided)
    assert decision.result.issued.voided
    (fact,) = [change for change in decision.changes if isinstance(change, Recorded)]
    assert (fact.number, fact.key) == (5, "a")
