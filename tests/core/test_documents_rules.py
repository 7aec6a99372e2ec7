"""The effects of saving, issuing and voiding documents; refusals are a table in `document_cases`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.core.changes import Recorded
from gateway.core.commands import Command, Expect, Issue, IssueRequest, SaveDocument, SetDefault, Void
from gateway.core.documents import (
    MAX_DOCUMENT_ID,
    Document,
    DocumentId,
    Line,
    LineId,
    LineKind,
    reference_to,
    referred_document,
)
from gateway.core.refusals import Refused
from gateway.core.results import DocumentsSaved, Saved
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey
from tests.core.document_cases import (
    BY,
    DRAFT,
    EARLY,
    FIRST,
    ISSUED,
    LATE,
    LINE,
    MAIN,
    OPEN,
    ORDER,
    OURS,
    SECOND,
    SIDE,
    UNKNOWN,
    VOID,
    asked,
    created,
    document,
    invoiced,
    over,
    save,
    saves,
    set_to,
)
from tests.core.memory_state import MOMENT, MemoryState
from tests.core.test_rules import state_after


def run(state: MemoryState, *items: SaveDocument) -> tuple[Saved, ...]:
    result = state.run(saves(*items)).result
    assert isinstance(result, DocumentsSaved)
    return result.saved


def first(*given: Command) -> Document:
    """The document with id 1 after some commands."""
    return state_after(*given).documents[FIRST]


RICH = document(
    status=DRAFT,
    stage="Web",
    customer=7,
    external_status=-3,
    document_date=LATE,
    lines=(Line("A", Decimal("1.50"), Decimal(3), extras={"x": {"y": 1}}), Line("B", kind=LineKind.TEXT)),
    extras={"dialect": {"Field": Decimal("1.0")}},
)


def test_a_new_document_reads_as_given_with_id_version_and_times() -> None:
    (answer,) = run(state_after(), save(RICH))
    lines = tuple(replace(line, id=LineId(i)) for i, line in enumerate(RICH.lines, 1))
    assert answer.document == replace(
        RICH, id=FIRST, version=1, registered=MOMENT, changed=MOMENT, lines=lines, last_line=LineId(2)
    )
    assert (answer.issued, answer.series, answer.replayed) == (None, None, False)


def test_an_update_is_the_next_version_and_keeps_when_it_was_registered() -> None:
    state = state_after(created())
    state.documents[FIRST] = replace(state.documents[FIRST], registered=MOMENT - dt.timedelta(days=9))
    (answer,) = run(state, over(replace(RICH, id=FIRST, version=99, number=5, key="x"), expected_version=1))
    assert (answer.document.version, answer.document.number, answer.document.key) == (2, None, "")
    assert (answer.document.registered, answer.document.changed) == (MOMENT - dt.timedelta(days=9), MOMENT)
    assert answer.document.stage == "Web"


@pytest.mark.parametrize(
    ("expect", "exists"), [(Expect.EITHER, True), (Expect.EITHER, False), (Expect.EXISTING, True), (Expect.NEW, False)]
)
def test_what_a_save_may_meet(expect: Expect, exists: bool) -> None:
    state = state_after(created(id=UNKNOWN)) if exists else state_after()
    (answer,) = run(state, save(document(id=UNKNOWN, stage="new"), expect=expect))
    assert (answer.document.id, answer.document.stage, answer.document.version) == (UNKNOWN, "new", 1 + exists)


def test_made_up_ids_go_on_whatever_was_proposed() -> None:
    state = state_after(created(), created(id=MAX_DOCUMENT_ID), created(id=3))
    assert [run(state, save(document()))[0].document.id for _ in range(3)] == [2, 4, 5]


def test_ids_made_up_in_one_command_differ_from_each_other_and_from_proposed_ones() -> None:
    answers = run(state_after(), save(document()), save(document(id=2)), save(document()), save(document()))
    assert [answer.document.id for answer in answers] == [1, 2, 3, 4]


@pytest.mark.parametrize("before", [DRAFT, OPEN])
@pytest.mark.parametrize("after", [DRAFT, OPEN])
def test_before_it_has_a_number_a_document_goes_both_ways(before: Any, after: Any) -> None:
    assert first(created(status=before), saves(over(document(id=FIRST, status=after)))).status is after


# Lines


def test_lines_are_sorted_by_position_and_ties_stay_in_order() -> None:
    lines = (Line("c", position=5), Line("a", position=-1), Line("d", position=5), Line("b"))
    found = first(created(lines=lines)).lines
    assert [(line.description, line.id) for line in found] == [("a", 1), ("b", 2), ("c", 3), ("d", 4)]


def test_line_ids_stay_and_are_never_used_again() -> None:
    state = state_after(created(lines=(Line("a"), Line("b"))))
    a, _ = state.documents[FIRST].lines
    run(state, over(document(id=FIRST, lines=(a,))))
    (answer,) = run(state, over(document(id=FIRST, lines=(Line("c"), a))))
    assert [(line.description, line.id) for line in answer.document.lines] == [("c", 3), ("a", 1)]


@pytest.mark.parametrize("line", [LineId(1), LineId(-1)])
def test_a_line_id_that_was_never_given_is_a_bug(line: LineId) -> None:
    with pytest.raises(ValueError, match="no line ever"):
        run(state_after(), save(document(lines=(Line("a", id=line),))))


# Numbers


def test_issue_gives_number_series_and_status_together() -> None:
    state = state_after(set_to(445))
    (answer,) = run(state, save(document(kind=ORDER, document_date=EARLY), issue=asked(kind=INVOICE, date=LATE)))
    issued = answer.document
    assert (issued.status, issued.kind, issued.series, issued.number) == (ISSUED, INVOICE, MAIN, 445)
    assert (issued.document_date, issued.version, issued.counter) == (LATE, 1, LINE)
    assert answer.issued == state.issued_under(OURS, "a")
    assert answer.issued is not None
    assert (answer.issued.number, answer.issued.document) == (445, "document:1")
    assert answer.series == state.all_series[MAIN]
    assert state.lines[LINE].next_number == 446
    assert state.lines[LINE].latest_date == LATE


def test_the_ledger_says_which_document_and_why() -> None:
    decision = state_after(set_to(5)).run(invoiced())
    (fact,) = [change for change in decision.changes if isinstance(change, Recorded)]
    assert (fact.operation, fact.number, fact.key, fact.by.reason) == ("issue", 5, "a", "document:1; because")
    decision = state_after(set_to(5), invoiced()).run(saves(over(document(id=FIRST, series=MAIN), void="wrong")))
    (fact,) = [change for change in decision.changes if isinstance(change, Recorded)]
    assert (fact.operation, fact.number, fact.key, fact.by.reason) == ("void", 5, "a", "document:1; wrong; because")


@pytest.mark.parametrize(
    ("request_series", "wished", "default", "expected"),
    [(None, None, MAIN, MAIN), (None, None, SIDE, SIDE), (None, SIDE, MAIN, SIDE), (MAIN, SIDE, SIDE, MAIN)],
)
def test_where_the_number_comes_from(request_series: Any, wished: Any, default: Any, expected: Any) -> None:
    state = state_after(SetDefault(OURS, default, BY))
    (answer,) = run(state, save(document(series=wished), issue=asked(series=request_series)))
    assert answer.document.series == expected
    assert answer.document.counter == CounterKey(expected, INVOICE)


def test_two_documents_of_one_command_get_numbers_in_order() -> None:
    state = state_after(set_to(7))
    answers = run(state, save(document(), issue=asked("a")), save(document()), save(document(), issue=asked("b")))
    assert [answer.document.number for answer in answers] == [7, None, 8]
    assert [entry.number for entry in state.entries[LINE] if entry.operation == "issue"] == [7, 8]


def test_save_and_issue_in_one_command() -> None:
    answers = run(state_after(), save(document(id=5)), over(document(id=5, stage="x"), issue=asked()))
    assert [(a.document.version, a.document.number) for a in answers] == [(1, None), (2, 1)]


@pytest.mark.parametrize("date", [LATE, None])
def test_a_date_that_does_not_go_back_is_fine(date: Any) -> None:
    state = state_after(invoiced(date=EARLY), invoiced("b", date=LATE), invoiced("c", date=EARLY))
    (answer,) = run(state, save(document(document_date=date), issue=asked("d", dates_must_not_go_back=True)))
    assert answer.document.number == 4
    assert state.lines[LINE].latest_date == LATE


def test_dates_count_for_their_own_line_only() -> None:
    state = state_after(invoiced(date=LATE))
    request = asked("b", kind=CREDIT_NOTE, dates_must_not_go_back=True)
    (answer,) = run(state, save(document(document_date=EARLY), issue=request))
    assert answer.document.number == 1


# Retries


def test_a_retried_create_gets_the_same_document_and_number() -> None:
    state = state_after()
    command = invoiced()
    (before,) = run(state, *command.saves)
    known = dict(state.documents)
    decision = state.run(command)
    assert decision.changes == ()
    assert isinstance(decision.result, DocumentsSaved)
    (again,) = decision.result.saved
    assert again == replace(before, replayed=True)
    assert state.documents == known


def test_a_retried_issue_is_known_before_its_version_is_looked_at() -> None:
    state = state_after(created())
    command = saves(save(document(id=FIRST, kind=ORDER), expected_version=1, issue=asked(kind=INVOICE)))
    (before,) = run(state, *command.saves)
    assert run(state, *command.saves) == (replace(before, replayed=True),)


def test_a_retry_after_void_shows_the_void_document() -> None:
    state = state_after(invoiced(), saves(over(document(id=FIRST, series=MAIN), void="")))
    (again,) = run(state, *invoiced().saves)
    assert (again.replayed, again.document.status, again.document.number) == (True, VOID, 1)
    assert again.issued is not None
    assert again.issued.voided


def test_a_retry_finds_its_number_although_the_default_moved() -> None:
    state = state_after(invoiced(), SetDefault(OURS, SIDE, BY))
    (again,) = run(state, *invoiced().saves)
    assert (again.replayed, again.document.series) == (True, MAIN)


def test_a_retry_of_a_whole_command_creates_nothing() -> None:
    state = state_after(created(kind=ORDER))
    rest = save(document(kind=ORDER), key="a/rest")
    command = saves(over(document(id=FIRST, kind=ORDER), expected_version=1, issue=asked(kind=INVOICE)), rest)
    before = run(state, *command.saves)
    again = run(state, *command.saves)
    assert again == tuple(replace(answer, replayed=True) for answer in before)
    assert set(state.documents) == {1, 2}


def test_a_key_is_the_tenants_own_and_only_for_new_documents() -> None:
    state = state_after(saves(save(document(), key="k")))
    (other,) = run(state, save(document(), key="l"))
    (update,) = run(state, over(document(id=SECOND, stage="x"), key="k"))
    assert (other.document.id, update.document.version, update.document.key) == (2, 2, "l")


def test_twins_within_one_command_are_one_document() -> None:
    twin = save(document(), key="k", issue=asked())
    one, two = run(state_after(), twin, twin)
    assert two == replace(one, replayed=True)


# Void


def test_a_draft_is_discarded_without_a_trace_in_the_ledger() -> None:
    state = state_after(created(status=DRAFT))
    entries = state.ledger()
    (answer,) = run(state, over(document(id=FIRST, status=DRAFT, stage="deleted"), void="typo"))
    assert (answer.document.status, answer.document.stage, answer.document.number) == (VOID, "deleted", None)
    assert (answer.issued, answer.series) == (None, None)
    assert state.ledger() == entries


def test_voiding_an_issued_document_voids_its_number() -> None:
    state = state_after(invoiced())
    (answer,) = run(state, over(replace(state.documents[FIRST], stage="canceled"), void="wrong"))
    assert (answer.document.status, answer.document.stage, answer.document.number) == (VOID, "canceled", 1)
    assert (answer.document.version, answer.document.series) == (2, MAIN)
    voided = state.issued_number(LINE, 1)
    assert voided is not None
    assert voided.voided
    assert answer.issued == voided


def test_voiding_a_number_voids_the_document_that_has_it() -> None:
    state = state_after(invoiced(), invoiced("b"))
    state.run(Void(OURS, LINE, 1, BY))
    assert [(d.status, d.version) for d in state.documents.values()] == [(VOID, 2), (ISSUED, 1)]


def test_voiding_a_number_leaves_alone_a_document_that_only_seems_to_have_it() -> None:
    state = state_after(created(), Issue(OURS, LINE, "x", "document:1", BY, 1))
    state.run(Void(OURS, LINE, 1, BY))
    assert state.documents[FIRST].status is OPEN


# Amend


def test_the_few_fields_that_an_issued_document_may_change() -> None:
    state = state_after(invoiced(date=EARLY))
    wanted = replace(state.documents[FIRST], stage="settled", external_status=4, extras={"d": {"Title": "new"}})
    (answer,) = run(state, over(wanted, allow_issued=True))
    assert answer.document == replace(wanted, version=2)
    assert state.lines[LINE].issued == 1


def test_amending_looks_at_values_not_at_their_writing() -> None:
    state = state_after(saves(save(document(lines=(Line("a", Decimal(1)),)), issue=asked())))
    before = state.documents[FIRST]
    lines = (replace(before.lines[0], quantity=Decimal("1.00")),)
    (answer,) = run(state, over(replace(before, lines=lines), allow_issued=True))
    assert str(answer.document.lines[0].quantity) == "1"


# Bounds


@pytest.mark.parametrize(
    "fields",
    [
        {"id": DocumentId(-1)},
        {"id": DocumentId(MAX_DOCUMENT_ID + 1)},
        {"customer": 2**63},
        {"external_status": -(2**63) - 1},
        {"lines": (Line(quantity=Decimal("NaN")),)},
        {"lines": (Line(unit_price=Decimal("Infinity")),)},
        {"lines": (Line(vat_rate=Decimal("1E+30")),)},
        {"lines": (Line(discount_percent=Decimal("1E-31")),)},
        {"lines": (Line(product=2**63),)},
        {"lines": (Line(id=LineId(1)), Line(id=LineId(1)))},
    ],
    ids=repr,
)
def test_bounds(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"out of range|cannot be kept|one id"):
        save(document(**fields))


def test_commands_that_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="key"):
        IssueRequest("")
    with pytest.raises(ValueError, match="at once"):
        save(document(), issue=asked(), void="x")
    with pytest.raises(ValueError, match="has an id"):
        over(document())
    with pytest.raises(ValueError, match="tenant"):
        saves(save(document()), tenant=BY.dialect)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "document", "document:", "document:x", "document:-1", "document:²", "7"])
def test_what_does_not_name_a_document(text: str) -> None:
    assert referred_document(text) is None


def test_references_are_read_as_written() -> None:
    assert referred_document(reference_to(UNKNOWN)) == UNKNOWN


def test_a_refused_save_leaves_the_state_as_it_was() -> None:
    state = state_after(set_to(5))
    before = (dict(state.lines), list(state.issued), dict(state.documents))
    with pytest.raises(Refused):
        run(state, save(document(), issue=asked()), over(document(id=UNKNOWN)))
    assert (state.lines, state.issued, state.documents) == before
