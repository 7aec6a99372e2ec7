"""Pure functions of documents: their totals, how they are read, and what their states are."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.invoicexpress.documents.clients import made_up_id
from adapters.invoicexpress.documents.forms import Dates, check_document
from adapters.invoicexpress.documents.lifecycle import EVENTS, LISTED, TRANSITIONS, TYPES, searches_for
from adapters.invoicexpress.documents.listing import read_list_query
from adapters.invoicexpress.documents.mapping import sums_of
from adapters.invoicexpress.documents.settings import DocumentSettings
from gateway.core.catalogue import EMPTY
from gateway.core.documents import Line, Status
from gateway.wire.rails.parameters import to_date
from schemas.invoicexpress.documents import DocumentForm

SMALLEST = Decimal("0.0001")


def line(quantity: str, price: str, discount: str = "0", rate: str = "0") -> Line:
    return Line("x", Decimal(quantity), Decimal(price), Decimal(discount), Decimal(rate))


@pytest.mark.parametrize(
    ("lines", "retention", "expected"),
    [
        ([line("2", "50", rate="23")], "5", ("100", "0", "100", "23", "118")),  # recorded in 2013
        ([line("1", "7.4048")], None, ("7.40", "0", "7.40", "0", "7.40")),  # recorded in 2017
        ([line("1", "7.4048"), line("1", "7.4048")], None, ("14.81", "0", "14.81", "0", "14.81")),
        ([line("3", "10", "50", "23")], None, ("30", "15", "15", "3.45", "18.45")),
        ([line("1", "0.005", rate="23")], None, ("0.01", "0", "0.01", "0.00", "0.01")),
        ([line("1", "-10", rate="23")], None, ("-10", "0", "-10", "-2.30", "-12.30")),
        ([], None, ("0", "0", "0", "0", "0")),
        ([line("1", "100")], "99.99", ("100", "0", "100", "0", "0.01")),
    ],
)
def test_sums(lines: list[Line], retention: str | None, expected: tuple[str, ...]) -> None:
    sums = sums_of(lines, None if retention is None else Decimal(retention), SMALLEST)
    found = (sums.sum, sums.discount, sums.before_taxes, sums.taxes, sums.total)
    assert found == tuple(map(Decimal, expected))


def test_items_may_be_rounded_before_they_are_added() -> None:
    lines = [line("1", "7.4048"), line("1", "7.4048")]
    assert sums_of(lines, None, Decimal("0.01")).total == Decimal("14.80")


amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False)
shares = st.decimals(min_value=0, max_value=100, places=2, allow_nan=False)


@given(st.lists(st.tuples(amounts, amounts, shares, shares), max_size=6), shares)
def test_a_document_adds_up(items: list[tuple[Decimal, ...]], retention: Decimal) -> None:
    lines = [Line("x", *item) for item in items]
    sums = sums_of(lines, retention, SMALLEST)
    assert sums.sum - sums.discount == sums.before_taxes
    withheld = sums.before_taxes + sums.taxes - sums.total
    assert abs(withheld - sums.before_taxes * retention / 100) <= Decimal("0.005")
    mirrored = sums_of([Line("x", -item[0], *item[1:]) for item in items], retention, SMALLEST)
    assert (mirrored.before_taxes, mirrored.total) == (-sums.before_taxes, -sums.total)


def form(**fields: Any) -> DocumentForm:
    item = {"name": "Item", "unit_price": "1", "quantity": "1"}
    good = {"date": "18/06/2013", "due_date": "18/06/2013", "client": {"name": "M"}, "items": [item]}
    return DocumentForm.model_validate({**good, **fields})


TODAY = to_date("2013-06-20")


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, []),
        ({"date": TODAY, "due_date": "2013/06/20"}, []),
        ({"date": "18-06-2013"}, []),
        ({"date": ["18/06/2013"]}, []),
        ({"date": 20130618}, []),
        ({"date": "19/06/2013"}, ["Due date must be later than date"]),
        ({"date": ""}, ["Date can't be blank"]),
        ({"due_date": " "}, ["Due date can't be blank"]),
        ({"reference": {"a": "b"}}, ["Reference is invalid"]),
        ({"observations": ["a", "b"]}, ["Observations is invalid"]),
        ({"retention": ""}, []),
        ({"retention": "99.99"}, []),
        ({"retention": "-1"}, ["Retention must be a number between 0 and 99.99"]),
        ({"client": {"name": "M", "email": "m@example.com"}}, []),
        ({"client": {"name": "M", "email": ["a", "b"]}}, ["Client is invalid"]),
        ({"client": "M"}, ["Client is invalid"]),
        ({"items": "one"}, ["Items element should be of type array"]),
        ({"items": ["one"]}, ["Invoice items is invalid"]),
        (
            {"items": [{"name": "a", "unit_price": "1", "quantity": "1", "unit": {"x": "y"}}]},
            ["Invoice items is invalid"],
        ),
        ({"items": [{"name": "a", "unit_price": "1" * 31, "quantity": "1"}]}, ["Unit price must be a number"]),
        ({"items": [{"name": "a", "unit_price": "0." + "1" * 31, "quantity": "1"}]}, ["Unit price must be a number"]),
        ({"items": [{"name": "a", "unit_price": "1" * 30, "quantity": "1"}]}, []),
        ({"manual_sequence_number": " "}, []),
    ],
)
def test_forms(fields: dict[str, Any], problems: list[str]) -> None:
    assert check_document(form(**fields), DocumentSettings(), EMPTY, TODAY, None).problems == problems


NO_DATES = [
    "06/18/2013",
    "2018-05-01T12:00:00+00:00",
    "01.05.2018",
    "31/02/2018",
    "29/02/2013",
    "1 May 2018",
    "20180501",
    "01/05/18",
    "0/0/0000",
    "x",
    ["18/06/2013"],
    {"day": "1"},
    20130618,
]


@pytest.mark.parametrize("text", NO_DATES, ids=str)
@pytest.mark.parametrize(
    "before", [None, Dates(to_date("2013-01-01"), to_date("2013-12-31"))], ids=["create", "update"]
)
def test_a_date_whose_form_is_invalid_becomes_the_current_date(text: Any, before: Dates | None) -> None:
    for name, other in (("date", "due_date"), ("due_date", "date")):
        for good in ("18/06/2013", "18/06/2014"):
            checked = check_document(form(**{name: text, other: good}), DocumentSettings(), EMPTY, TODAY, before)
            assert (checked.problems, checked.replaced) == ([], [name])
            found = {"date": checked.date, "due_date": checked.facts["due_date"]}
            assert found == {name: TODAY, other: to_date(good)}


@pytest.mark.parametrize(
    ("sent", "settings", "dates"),
    [
        ({"date": "", "due_date": " "}, {"blank_dates": "today"}, (TODAY, TODAY)),
        ({"date": "18/06/2013", "due_date": ""}, {"blank_dates": "today"}, (to_date("2013-06-18"), TODAY)),
        ({"date": "18/06/2013"}, {"missing_dates": "today"}, (to_date("2013-06-18"), to_date("2013-06-18"))),
        ({}, {"missing_dates": "today"}, (TODAY, TODAY)),
        ({}, {"blank_dates": "today"}, None),
        ({"date": "", "due_date": ""}, {"missing_dates": "today"}, None),
    ],
)
def test_dates_that_are_missing_or_empty(
    sent: dict[str, str], settings: dict[str, Any], dates: tuple[Any, Any] | None
) -> None:
    own = {name: value for name, value in form().model_dump(exclude_unset=True).items() if "date" not in name}
    choices = DocumentSettings.model_validate(settings)
    checked = check_document(DocumentForm.model_validate({**own, **sent}), choices, EMPTY, TODAY, None)
    if dates is None:
        assert checked.problems == ["Date can't be blank", "Due date can't be blank"]
    else:
        assert (checked.problems, checked.date, checked.facts["due_date"]) == ([], *dates)


def test_dates_that_an_update_does_not_send_are_not_compared() -> None:
    replaced_before = Dates(TODAY, to_date("2013-01-01"))
    assert check_document(DocumentForm(reference="R"), DocumentSettings(), EMPTY, TODAY, replaced_before).problems == []


def test_the_states_of_a_document() -> None:
    states = {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values())
    assert states == {*LISTED, "deleted"}
    assert {word for _, word in TRANSITIONS} == set(EVENTS)
    assert not [word for (state, word) in TRANSITIONS if state in {"canceled", "deleted"}]


def test_every_document_is_found_by_one_state_only() -> None:
    places = list(product(("draft", "final", "second_copy", "settled", "canceled", "deleted"), Status))
    for stage, status in places:
        found = [
            state
            for state in (*LISTED, "deleted")
            if any(stage in search.stages and status is search.status for search in searches_for([state]))
        ]
        assert len(found) <= 1
    assert searches_for([]) == searches_for(["unheard of"]) == []


@pytest.mark.parametrize(
    ("query", "page", "per_page"),
    [
        ("", 1, 10),
        ("page=3", 3, 10),
        ("page=0", 1, 10),
        ("page=-2", 1, 10),
        ("page=abc&per_page=abc", 1, 10),
        ("page=1&page=2", 2, 10),
        ("per_page=30", 1, 30),
        ("per_page=31", 1, 30),
        ("per_page=0", 1, 10),
        ("page=99999999999999999999&per_page=5", 10**9, 5),
    ],
)
def test_pages(query: str, page: int, per_page: int) -> None:
    found = read_list_query(query, TYPES[0], DocumentSettings())
    assert (found.page, found.per_page) == (page, per_page)


@pytest.mark.parametrize(
    ("query", "is_empty"),
    [
        ("archived=true", True),
        ("archived=false", False),
        ("non_archived=true&archived=true", False),
        ("non_archived=false&archived=true", True),
        ("filter[archived]=only_archived", True),
        ("filter[archived][]=non_archived", False),
        ("type[]=Receipt", True),
        ("type[]=Receipt&type[]=DebitNote", False),
    ],
)
def test_what_cannot_be_in_a_list(query: str, is_empty: bool) -> None:
    found = read_list_query(query, TYPES[0], DocumentSettings())
    assert (not found.kinds, found.problems) == (is_empty, [])


@given(st.text(max_size=40))
def test_ids_made_from_names_are_above_the_catalogue_and_fit_32_bits(name: str) -> None:
    assert 10**9 <= made_up_id(name) < 2**31
    assert made_up_id(name) == made_up_id(name)


def test_a_page_must_fit() -> None:
    with pytest.raises(ValueError, match="per_page is above"):
        DocumentSettings(per_page=50)
