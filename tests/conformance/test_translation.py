"""What answers reveal about the endpoint: ids that it gave to new things, numbers that it gave to documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.conformance.customers import Place
from gateway.conformance.endpoint import Endpoint
from gateway.conformance.requirements import NotApplicable, Wanted, floating_of, wanted_of
from gateway.conformance.translation import Terms
from gateway.testing.golden import Answer, GoldenCase
from gateway.testing.profile import Created, Line, Numbers, Profile, WireRequest
from tests.conformance.test_substitution import case

ORDERS = Created(re.compile(r"<Order>(?P<value>\d+)</Order>"), ("Order>{}</",), {"<All>.*?</All>": "<int>{}</int>"})
NUMBERS = Numbers("main", "invoice", re.compile(r"<Number>(?P<value>\d+)</Number>"))
LINE = Line(
    "main", "invoice", "next", free=False, read=WireRequest("GET", "/"), defaults={"prefix": "null"}, quote="json"
)


def with_facts(**facts: object) -> GoldenCase:
    return replace(case(), **facts)  # type: ignore[arg-type]


async def nothing(_: Mapping[int, int]) -> list[str]:
    return []


def terms(profile: Profile, floating: tuple[int, int] | None = None) -> Terms:
    return Terms(Place(Endpoint("http://127.0.0.1:1", profile), nothing, floating=floating), profile)


def answer(text: str, status: int = 200) -> Answer:
    return Answer(status, {}, text.encode())


def test_new_ids_count_on_and_old_ones_do_not() -> None:
    learnt = terms(Profile(Path(), created=[ORDERS]))
    sent = case(body="<Order>4711</Order>")
    assert learnt.learn(sent, answer("<Order>4711</Order><Order>812</Order>"))
    assert not learnt.learn(sent, answer("<Order>900</Order>", status=500))
    assert learnt.learn(case(), answer("<Order>812</Order><Order>815</Order>"))
    done = learnt.apply(case(body="<All><int>2</int><int>1</int><int>5</int></All><Order>1</Order>"))
    assert done.body == b"<All><int>815</int><int>812</int><int>2000000005</int></All><Order>812</Order>"


def test_numbers_follow_the_first_one() -> None:
    profile = Profile(Path(), numbers=NUMBERS)
    learnt = terms(profile, floating=(445, 447))
    assert learnt.apply(case(body="<Number>446</Number>")).body == b"<Number>446</Number>"
    assert learnt.learn(case(), answer("<Number>7445</Number>"))
    assert not learnt.learn(case(), answer("<Number>9999</Number>")), "later numbers are expected, not believed"
    assert learnt.apply(case(answer="<Number>446</Number>")).expected_body == b"<Number>7446</Number>"


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        ({"other": 1}, {}, "another series"),
        ({"main": {"invoice": 5, "prefix": "x"}}, {}, "prefix"),
        ({}, {"main": 1}, "never set"),
        ({"main": 2**31 - 1}, {}, "cannot move one"),
    ],
)
def test_a_wire_without_a_line_cannot_do_everything(given: object, state: object, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        floating_of(with_facts(given=given, state=state), NUMBERS)


def test_what_a_line_can_be_set_to_is_wanted_and_what_not_is_told() -> None:
    profile = Profile(Path(), line=LINE)
    wanted = wanted_of(with_facts(given={"main": {"invoice": 444, "prefix": "A"}}, state={"main": 445}), profile)
    assert wanted == Wanted(True, before=444, says_after=True, after=445, values={"prefix": '"A"'})
    for given, reason in (
        ({"other": 7}, "only an admin port"),
        ({"main": {"issued": 3}}, "documents with numbers"),
        ({"main": {"receipt": 3}}, "than this wire can set: receipt"),
    ):
        with pytest.raises(NotApplicable, match=reason):
            wanted_of(with_facts(given=given), profile)
