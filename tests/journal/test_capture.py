"""Canonical commands and results become plain JSON values."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.core.commands import UNCHANGED, ListSeries, SetPolicy, UpdateSeries
from gateway.core.documents import Status
from gateway.core.refusals import NameTaken
from gateway.core.results import SeriesListed
from gateway.core.rules import COMMANDS
from gateway.core.values import (
    CREDIT_NOTE,
    INVOICE,
    Counter,
    CounterKey,
    Origin,
    Series,
    SeriesId,
    SeriesView,
    TenantId,
)
from gateway.core.work import FinishWork, ForgetWork, TakeWork
from gateway.journal.capture import Captured, Rendering, plain, told_refusal
from gateway.journal.models import Refusal
from gateway.spi.adapter import Call, Reply
from gateway.spi.trace import Step
from gateway.testing.refusal_samples import one_of_each


class Plain(enum.Enum):
    FIRST_OF_ALL = 1


@dataclass(frozen=True)
class Everything:
    text: str
    number: int
    truth: bool
    nothing: None
    amount: Decimal
    day: dt.date
    moment: dt.datetime
    status: Status
    other: Plain
    names: frozenset[str]
    table: Mapping[Any, Any]
    row: tuple[Any, ...]
    unchanged: Any
    odd: Any


def test_every_kind_of_value_becomes_json() -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    value = Everything(
        "t", 9**30, True, None, Decimal("1.50"), moment.date(), moment, Status.VOID, Plain.FIRST_OF_ALL,
        frozenset({"b", "a"}), MappingProxyType({INVOICE: None, CREDIT_NOTE: 2}), (1, (2, Decimal(3))), UNCHANGED, 2j,
    )  # fmt: skip
    facts = plain(value)
    assert json.loads(json.dumps(facts)) == {
        "text": "t",
        "number": 9**30,
        "truth": True,
        "nothing": None,
        "amount": "1.50",
        "day": "2026-01-02",
        "moment": "2026-01-02T03:04:05+00:00",
        "status": "void",
        "other": "first_of_all",
        "names": ["a", "b"],
        "table": {"invoice": None, "credit_note": 2},
        "row": [1, [2, "3"]],
        "odd": "2j",
    }


def views(count: int) -> SeriesListed:
    tenant = TenantId("a")
    line = {INVOICE: Counter(CounterKey(SeriesId(1), INVOICE), 5)}
    return SeriesListed(tuple(SeriesView(Series(SeriesId(n), tenant, f"k{n}", "name"), line) for n in range(count)))


@pytest.mark.parametrize(("count", "kept"), [(1, True), (8, True), (200, False)])
def test_a_long_result_is_left_out_and_that_is_said(count: int, kept: bool) -> None:
    rendering = Rendering({}, 4096)
    executed = rendering._executed(Step(ListSeries(TenantId("a")), views(count)))
    assert executed.result is not None
    assert ("views" in executed.result) is kept
    assert kept or executed.result["omitted_characters"] > 4096


def test_the_same_answer_is_told_once_and_another_anew() -> None:
    rendering = Rendering({}, 4096)
    first, again, other = (rendering._executed(Step(ListSeries(TenantId("a")), views(n))) for n in (1, 1, 2))
    assert first.result == again.result != other.result


def test_who_and_what_for_stand_elsewhere() -> None:
    by = Origin("toy", "p", "r-1")
    command = UpdateSeries(TenantId("a"), SeriesId(1), SetPolicy(), by, name="n", counters={INVOICE: 3})
    parameters = Rendering({}, 4096)._executed(Step(command)).parameters
    assert parameters["name"] == "n"
    assert parameters["counters"] == {"invoice": 3}
    assert not {"by", "tenant", "prefix"} & set(parameters)


@pytest.mark.parametrize("refusal", one_of_each(), ids=lambda refusal: type(refusal).__name__)
def test_no_fact_of_a_refusal_hides_its_name(refusal: Any) -> None:
    written = Rendering({}, 4096)._executed(Step(ListSeries(TenantId("a")), refusal=refusal)).refusal
    assert written is not None
    assert written.name == type(refusal).__name__
    assert written.facts.keys() == set(refusal.__dataclass_fields__)


def test_the_name_that_is_taken_is_a_fact() -> None:
    written = told_refusal(NameTaken("Web"))
    assert written.model_dump() == {"name": "NameTaken", "facts": {"name": "Web"}}
    assert Refusal.model_validate_json(written.model_dump_json()) == written


def test_a_refusal_of_an_earlier_journal_is_read() -> None:
    flat = {"name": "NumberBehind", "requested": 1, "next_number": 2}
    assert Refusal.model_validate(flat) == Refusal(name="NumberBehind", facts={"requested": 1, "next_number": 2})


def test_every_command_says_whose_it_is() -> None:
    """All but those of the process that does due work: nobody asks for them, and they say nothing about numbers."""
    of_nobody = {TakeWork, FinishWork, ForgetWork}
    for kind in COMMANDS:
        assert ({"tenant"} if kind in of_nobody else {"tenant", "by"}) <= set(kind.__dataclass_fields__)


def test_bytes_of_a_head_that_are_no_characters_can_be_kept() -> None:
    """One entry that no file takes would take all others of its batch with it."""
    odd = "\udcff"
    headers = CIMultiDictProxy(CIMultiDict({"Host": odd, "User-Agent": odd, "X": f"å{odd}"}))
    call = Call("GET", f"/a{odd}", f"q={odd}", headers, b"", f"http://{odd}", "1", remote=odd, principal=odd)
    call.findings.append("unknown element: \ud800")
    captured = Captured(1, dt.datetime(2026, 1, 2, tzinfo=dt.UTC), call, Reply(400), "", "refused", 0.1, "")
    written = json.loads(Rendering({}, 100).entry(captured).model_dump_json())
    assert written["request"]["path"] == "/a\\udcff"
    assert ["X", "å\\udcff"] in written["request"]["headers"]
    assert written["findings"] == ["unknown element: \\ud800"]
