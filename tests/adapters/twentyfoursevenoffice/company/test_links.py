"""Categories, relations and maps: only of companies that there are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.company.links import KINDS, MEMBERSHIP, every
from adapters.twentyfoursevenoffice.errors import OperationFault
from gateway.core.catalogue import Contact
from gateway.core.catalogue_records import CONTACT, record_of
from gateway.core.record_commands import SaveRecord, SaveRecords
from gateway.core.values import Origin
from schemas.twentyfoursevenoffice.common import KeyValuePair
from schemas.twentyfoursevenoffice.company import messages as m
from schemas.twentyfoursevenoffice.company.types import Category, CompanyMap, Relation
from tests.adapters.twentyfoursevenoffice.company.desk import DEMO, Desk, business, in_memory


async def with_companies(count: int = 3) -> Desk:
    """Companies 1 to `count`, category 70."""
    desk = in_memory()
    await desk.save(*(business(f"Company {number}") for number in range(count)))
    await desk.ask(m.SaveCategories(categories=[Category(id=70, name="Member", show_company=True)]))
    return desk


def pairs(*given: tuple[Any, Any]) -> list[KeyValuePair]:
    return [KeyValuePair(key=str(category), value=str(company)) for category, company in given]


async def put(desk: Desk, *given: tuple[Any, Any]) -> list[str]:
    answer = await desk.ask(m.SaveCustomerCategories(customer_categories=pairs(*given)))
    return [error.message for error in answer]


async def tree(desk: Desk) -> list[tuple[str, str]]:
    return [(pair.key, pair.value) for pair in await desk.ask(m.GetCustomerCategoryTree())]


async def test_categories_of_customers() -> None:
    desk = await with_companies()
    (other,) = await desk.ask(m.SaveCategories(categories=[Category(name="Supplier")]))
    assert await put(desk, (70, 1), (other.id, 1), (70, 3), (70, 1)) == []
    assert await desk.ask(m.GetCustomerCategories(customer_id=1)) == [70, 71]
    assert await tree(desk) == [("70", "1"), ("70", "3"), ("71", "1")]
    removed = await desk.ask(m.DeleteCustomerCategories(customer_categories=pairs((70, 1), (70, 2), (70, 1))))
    assert [error.message for error in removed] == [
        "Customer 2 in category 70 was not found.",
        "Customer 1 in category 70 was not found.",
    ]
    assert await desk.ask(m.GetCustomerCategories(customer_id=1)) == [71]


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        ((71, 1), "Category 71 was not found."),
        ((70, 4), "Customer 4 was not found."),
        (("", 1), "Property Key is not valid."),
        ((70, "x"), "Property Value is not valid."),
        ((70, 0), "Property Value is not valid."),
        ((70, "99999999999"), "Property Value is not valid."),
    ],
)
async def test_a_pair_that_fails_leaves_the_others(pair: tuple[Any, Any], error: str) -> None:
    desk = await with_companies()
    assert await put(desk, (70, 1), pair, (70, 2)) == [error]
    assert await tree(desk) == [("70", "1"), ("70", "2")]


async def test_a_category_is_saved_on_top_of_the_one_before_it() -> None:
    desk = in_memory()
    sent = [
        Category(id=5, name="A", show_contact=True),
        Category(id=5, show_company=True),
        Category(name="B"),
        Category(id=6, name="C"),
    ]
    saved = await desk.ask(m.SaveCategories(categories=sent))
    assert [own.id for own in saved] == [5, 5, 7, 6]
    shown = await desk.ask(m.GetCategories())
    assert [(own.id, own.name, own.show_contact, own.show_company) for own in shown] == [
        (5, "A", False, True),
        (6, "C", False, False),
        (7, "B", False, False),
    ]


async def test_a_bad_category_saves_none() -> None:
    desk = in_memory()
    for bad in (Category(), Category(id=-1, name="A")):
        with pytest.raises(OperationFault):
            await desk.ask(m.SaveCategories(categories=[Category(name="A"), bad]))
    assert await desk.ask(m.GetCategories()) == []


async def test_links_go_with_their_company() -> None:
    desk = await with_companies()
    await put(desk, (70, 1), (70, 2))
    await desk.ask(m.SaveRelations(relations=[Relation(contact_id=9, company_id=1)]))
    await desk.ask(m.SaveMaps(maps=[CompanyMap(map_type=1, external_id="X", company_id=1)]))
    await desk.delete(1)
    assert [len(await every(desk.work(), kind)) for kind in KINDS] == [1, 0, 0]
    await desk.save(business("Again", id=1))
    assert await desk.ask(m.GetCustomerCategories(customer_id=1)) == []
    (company,) = await desk.get("Relations", "Maps", company_id=1)
    assert (company.relations, company.maps) == (None, None)


async def test_a_link_that_is_left_of_a_deleted_company_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the gateway had stopped between the two steps."""
    desk = await with_companies()
    await put(desk, (70, 1))
    monkeypatch.setattr("adapters.twentyfoursevenoffice.company.delete.KINDS", ())
    await desk.delete(1)
    assert len(await every(desk.work(), MEMBERSHIP)) == 1
    assert await desk.ask(m.GetCustomerCategories(customer_id=1)) == []
    assert await tree(desk) == []


async def check_no_link_outlives_its_company(desk: Desk, other: Desk) -> None:
    """Links are saved while their company is deleted."""
    await asyncio.gather(*(put(desk, (70, company)) for company in (1, 2, 3)), other.delete(1, 2, 3))
    assert await every(desk.work(), MEMBERSHIP) == []


async def test_no_link_outlives_its_company() -> None:
    desk = await with_companies()
    await check_no_link_outlives_its_company(desk, desk)


async def test_relations_keep_what_was_not_sent() -> None:
    desk = await with_companies()
    await desk.ask(m.SaveRelations(relations=[Relation(contact_id=9, company_id=1, role="Boss", fax="1")]))
    await desk.ask(m.SaveRelations(relations=[Relation(contact_id=9, company_id=1, role="Owner")]))
    (company,) = await desk.get("Relations", company_id=1)
    assert company.relations == [Relation(contact_id=9, company_id=1, role="Owner", fax="1")]


async def test_the_contact_must_exist_where_contacts_are_kept() -> None:
    desk = await with_companies()
    by = Origin("tests", "tests", "r-1")
    save = SaveRecord(record_of(DEMO, Contact(9, "Kari")))
    await desk.service.execute(SaveRecords(DEMO, CONTACT, (save,), by))
    sent = [Relation(contact_id=own, company_id=1) for own in (8, 9)] + [Relation(company_id=1), Relation(contact_id=9)]
    assert await desk.ask(m.SaveRelations(relations=list(sent))) == [sent[0], *sent[2:]]


async def test_contacts_of_a_company() -> None:
    """Those of whom a card says so come, too, and names are those on the cards."""
    desk = await with_companies()
    by = Origin("tests", "tests", "r-1")
    cards = [Contact(8, "Ola Nordmann", customers=(1, 2)), Contact(9, "Kari Elise Hansen")]
    saves = tuple(SaveRecord(record_of(DEMO, contact)) for contact in cards)
    await desk.service.execute(SaveRecords(DEMO, CONTACT, saves, by))
    relations = [
        Relation(contact_id=9, company_id=1, role="Boss"),
        Relation(contact_id=8, company_id=2, first_name="O"),
    ]
    assert await desk.ask(m.SaveRelations(relations=list(relations))) == []
    ola = Relation(contact_id=8, company_id=1, first_name="Ola", last_name="Nordmann")
    kari = Relation(contact_id=9, company_id=1, first_name="Kari Elise", last_name="Hansen", role="Boss")
    shown = await desk.get("Relations", company_ids=[1, 2, 3])
    assert [company.relations for company in shown] == [
        [ola, kari],
        [Relation(contact_id=8, company_id=2, first_name="O", last_name="Nordmann")],
        None,
    ]


async def test_a_company_has_one_map_of_each_type() -> None:
    desk = await with_companies()
    maps = [
        CompanyMap(map_type=1, external_id="A", company_id=1),
        CompanyMap(map_type=2, external_id="B", company_id=1),
        CompanyMap(map_type=1, external_id="C", company_id=1),
        CompanyMap(map_type=1, external_id="A", company_id=2),
    ]
    assert await desk.ask(m.SaveMaps(maps=list(maps))) == []
    found = await desk.get("Maps", company_ids=[1, 2])
    assert [own.maps for own in found] == [[maps[2], maps[1]], [maps[3]]]
    assert await desk.ask(m.DeleteMaps(maps=[maps[0], CompanyMap(map_type=2, company_id=1)])) == [maps[0]]
    bad = [CompanyMap(map_type=-1, external_id="A", company_id=1), CompanyMap(map_type=1, external_id="A")]
    assert await desk.ask(m.SaveMaps(maps=list(bad))) == bad


async def test_links_of_more_companies_than_one_search_names() -> None:
    desk = await with_companies(900)
    await desk.ask(
        m.SaveMaps(maps=[CompanyMap(map_type=1, external_id=str(own), company_id=own) for own in range(1, 901)])
    )
    found = await desk.get("Maps", company_name="%")
    assert [company.maps and company.maps[0] and company.maps[0].external_id for company in found] == [
        str(own) for own in range(1, 901)
    ]
