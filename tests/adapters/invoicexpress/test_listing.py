"""The query of a list: what it asks for, and what is refused because it is not understood."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.invoicexpress.documents.lifecycle import CANCELED, FINAL, LISTED, TYPES
from adapters.invoicexpress.documents.listing import ListQuery, read_list_query
from adapters.invoicexpress.documents.settings import DocumentSettings
from tests.adapters.invoicexpress.wire import Wire, changes, draft
from tests.conftest import MakeGateway


def read(query: str) -> ListQuery:
    return read_list_query(query, TYPES[0], DocumentSettings())


@pytest.mark.parametrize(
    "query",
    [
        "api_key=k&page=2&per_page=5",
        "reference=R-1",
        "reference=",
        "type[]=Invoice&status%5B%5D=final",
        "filter[by_type][]=Invoice&filter[status][]=draft&filter[archived][]=non_archived",
        "archived=False&non_archived=TRUE",
        "archived=0&non_archived=1",
        "archived=",
        "text=&date[from]=&total_before_taxes[to]=",
    ],
)
def test_what_is_understood(query: str) -> None:
    found = read(query)
    assert found.problems == []
    assert found.kinds


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("referense=R-1", ["referense"]),
        ("Reference=R-1", ["Reference"]),
        ("reference[]=R-1", ["reference[]"]),
        ("filter[reference]=R-1", ["filter[reference]"]),
        ("status=final&type=Invoice", ["status", "type"]),
        ("text=a&text=b", ["text"]),
        ("date[from]=01/01/2013&due_date%5Bto%5D=x", ["date[from]", "due_date[to]"]),
        ("order_by=date_desc", ["order_by"]),
        ("perpage=1", ["perpage"]),
        ("x", ["x"]),
        ("archived=maybe", ["archived"]),
    ],
)
def test_what_is_not_understood_is_refused(query: str, names: list[str]) -> None:
    assert read(query).problems == [f"Filter {name} is not supported" for name in names]


def test_items_of_a_list_may_be_numbered() -> None:
    numbered = read("type%5B0%5D=CreditNote&status[0]=draft&status[1]=final&filter[archived][0]=only_archived")
    assert numbered == read("type[]=CreditNote&status[]=draft&status[]=final&filter[archived][]=only_archived")
    assert not numbered.problems


def test_what_no_filter_can_be_is_passed_over() -> None:
    found = read("page=2&format=xml&utf8=%E2%9C%93&_=1&api_key=k")
    assert not found.problems
    assert (found.page, found.per_page) == (2, read("").per_page)


@pytest.mark.parametrize("yes", ["true", "True", "TRUE", "1"])
@pytest.mark.parametrize("no", ["false", "False", "0", ""])
def test_spellings_of_a_flag_are_one_value(yes: str, no: str) -> None:
    assert read(f"archived={yes}").kinds == ()
    assert read(f"archived={no}").kinds
    assert read(f"archived={yes}&non_archived={yes}").kinds
    assert bool(read(f"non_archived={no}").kinds) is (no == "")


def test_sent_is_the_filters_other_word_for_final() -> None:
    assert read("status[]=sent").states == (FINAL,)
    assert read("status[]=sent&status[]=canceled").states == (FINAL, CANCELED)
    assert read("status[]=unheard").states == ()
    assert read("").states == LISTED


async def test_a_reference_finds_exactly_its_documents(make_gateway: MakeGateway) -> None:
    """Clients look a reference up before they make a document, as their only guard against making it twice."""
    wire = Wire(await make_gateway(changes()))

    async def found(query: str, resource: str = "invoices") -> list[int]:
        text = (await wire.send("GET", f"/{resource}.xml?{query}")).text
        return [int(part.partition("</id>")[0]) for part in text.split(">\n    <id>")[1:]]

    made: dict[str, Any] = {}
    for index, (root, reference) in enumerate(
        [
            ("invoice", "A"),
            ("invoice", "a"),
            ("invoice", "A "),
            ("credit_note", "A"),
            ("invoice", "AA"),
            ("invoice", ""),
        ]
    ):
        more = f"<reference>{reference}</reference>" if reference else ""
        answer = await wire.send("POST", f"/{root}s.xml", draft(root, more=more))
        made[f"{root} {reference}{index if not reference else ''}"] = int(answer["id"])
    assert await found("reference=A") == [made["credit_note A"], made["invoice A"]]
    assert await found("reference=A", "credit_notes") == [made["credit_note A"]]
    assert await found("reference=A&type[]=Invoice") == [made["invoice A"]]
    assert await found("reference=A%20") == await found("reference=A+") == [made["invoice A "]]
    assert await found("reference=a&reference=AA") == [made["invoice AA"]]
    assert await found("reference=") == [made["invoice 5"]]
    assert await found("reference=B") == []
    await wire.change(made["invoice A"], "finalized")
    assert await found("reference=A&status[]=sent") == [made["invoice A"]]
    await wire.send("PUT", f"/invoices/{made['invoice a']}.xml", "<invoice><reference>A</reference></invoice>")
    assert await found("reference=A&type[]=Invoice") == [made["invoice a"], made["invoice A"]]
