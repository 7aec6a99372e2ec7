"""PersonService: contacts and employees, what is found, what is kept, and relations that CompanyService shares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.company.service import HANDLERS as COMPANY_HANDLERS
from adapters.twentyfoursevenoffice.errors import OperationFault
from gateway.core.catalogue import Contact, Customer, Employee
from gateway.core.commands import SaveCatalogue
from schemas.twentyfoursevenoffice.company import messages as cm
from schemas.twentyfoursevenoffice.company.types import Relation
from schemas.twentyfoursevenoffice.person import messages as m
from schemas.twentyfoursevenoffice.person import types as t
from tests.adapters.twentyfoursevenoffice.product.shelf import BY, DEMO, Shelf, bound, in_memory

EMPLOYEES = (Employee(1, "Åse Ødegård", "ase@demo.example"), Employee(2, "João Simões", "joao@demo.example"))
CUSTOMERS = (Customer(1, "Bjørnstad AS"), Customer(2, "Räksmörgås AB"))
ANNE = Contact(10, "Anne Marie Berg", "anne@bjornstad.example", "90000001", (1,))
BO = Contact(11, "Bo Ek", "bo@raksmorgas.example", "90000002", (2, 1))


async def office() -> Shelf:
    """Two employees, one of whom is contact 7, two customers, two contacts of the catalogue."""
    shelf = in_memory()
    shelf.section = bound({"contact_id": 7, "employee_id": 1})
    await shelf.service.execute(SaveCatalogue(DEMO, BY, items=(*EMPLOYEES, *CUSTOMERS, ANNE, BO)))
    return shelf


async def found(shelf: Shelf, **filters: Any) -> list[t.PersonItem]:
    persons: list[t.PersonItem] = await shelf.ask(
        m.GetPersonsDetailed(person_search=t.PersonSearchParameters(**filters))
    )
    return persons


async def save(shelf: Shelf, **own: Any) -> int:
    number: int = await shelf.ask(m.SavePerson(person_item=t.PersonItem(**own)))
    return number


def email(value: str, kind: t.EmailAddressType = t.EmailAddressType.PRIMARY) -> t.EmailAddress:
    return t.EmailAddress(type=kind, value=value)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["Berg", "Ek", "Ødegård", "Simões"]),
        ({"name": "MARIE"}, ["Berg"]),
        ({"name": "bo%"}, ["Ek"]),
        ({"name": "simões"}, ["Simões"]),
        ({"name": ""}, ["Berg", "Ek", "Ødegård", "Simões"]),
        ({"email": "ASE@demo.example"}, ["Ødegård"]),
        ({"email": "%@bjornstad.example"}, ["Berg"]),
        ({"phone": "90000002"}, ["Ek"]),
        ({"customer_id": 1}, ["Berg", "Ek"]),
        ({"customer_id": 2}, ["Ek"]),
        ({"customer_id": 3}, []),
        ({"id": 10}, ["Berg"]),
        ({"id": 7}, ["Ødegård"]),
        ({"id": 4711}, []),
        ({"employee_id": 2}, ["Simões"]),
        ({"is_employee": t.TriState.TRUE}, ["Ødegård", "Simões"]),
        ({"is_employee": t.TriState.FALSE}, ["Berg", "Ek"]),
        ({"name": "b", "is_employee": t.TriState.TRUE}, []),
        ({"consumer_person_no": "01017012345"}, []),
        ({"role": "kjøper"}, []),
    ],
)
async def test_filters_must_all_hold(filters: dict[str, Any], expected: list[str]) -> None:
    assert [each.last_name for each in await found(await office(), **filters)] == expected


async def test_a_name_may_be_compared_as_a_whole() -> None:
    shelf = await office()
    shelf.settings = in_memory(name_match="like").settings
    assert await found(shelf, name="Anne") == []
    assert len(await found(shelf, name="anne marie berg")) == 1


async def test_later_changes_alone_and_employees_always() -> None:
    shelf = await office()
    moment = shelf.clock.now()
    shelf.clock.forward(60)
    await save(shelf, id=11, comment="Ringt")
    (bo, *employees) = await found(shelf, changed_after=moment)
    assert (bo.last_name, bo.date_changed, bo.date_registered) == ("Ek", shelf.clock.now(), moment)
    assert [each.employee_id for each in employees] == [1, 2]


async def test_contacts_of_the_catalogue_show_first_and_last_name() -> None:
    (anne,) = await found(await office(), id=10)
    assert (anne.first_name, anne.last_name, anne.customer_id) == ("Anne Marie", "Berg", 1)
    assert anne.email_addresses == [email("anne@bjornstad.example")]
    assert anne.phone_numbers == [t.PhoneNumber(type=t.PhoneNumberType.PRIMARY, value="90000001")]


async def test_everything_that_is_sent_comes_back() -> None:
    shelf = await office()
    sent: dict[str, Any] = {
        "comment": "Ring før tolv",
        "consumer_person_no": "01017012345",
        "customer_id": 2,
        "department": "Innkjøp",
        "email_addresses": [email("hjem@x.example", t.EmailAddressType.HOME), email("jobb@x.example")],
        "employee_number": 5,
        "first_name": "Kari",
        "gender": t.Gender.FEMALE,
        "last_name": "Ås",
        "phone_numbers": [t.PhoneNumber(type=t.PhoneNumberType.MOBILE, value="9")],
        "post_address": t.Address(street="Storgata 1", postal_code="0155"),
        "work_position": "Innkjøper",
        "is_private": True,
        "hour_cost": Decimal("450.50"),
    }
    own = await save(shelf, web_password="hemmelig", web_user_name="kari", **sent)
    (shown,) = await found(shelf, consumer_person_no="01017012345")
    assert {name: getattr(shown, name) for name in sent} == sent
    assert (shown.id, shown.web_user_name, shown.web_password) == (own, "kari", None)
    assert [each.id for each in await found(shelf, email="jobb@x.example")] == [own], "the primary one is found"
    (light,) = await shelf.ask(m.GetPersons(person_search=t.PersonSearchParameters(id=own)))
    assert (light.comment, light.post_address, light.hour_cost, light.web_user_name) == (None, None, None, None)
    assert light.work_position == "Innkjøper"


async def test_an_update_changes_what_is_sent_alone() -> None:
    shelf = await office()
    assert await save(shelf, id=10, last_name="Dal", phone_numbers=[t.PhoneNumber(value="")], country="") == 10
    (anne,) = await found(shelf, id=10)
    assert (anne.first_name, anne.last_name, anne.customer_id) == ("Anne Marie", "Dal", 1)
    assert anne.email_addresses == [email("anne@bjornstad.example")]
    assert anne.phone_numbers is None, "a list is replaced as a whole"


async def test_an_applied_catalogue_wins() -> None:
    shelf = await office()
    await save(shelf, id=10, last_name="Dal", email_addresses=[email("ny@x.example")])
    changed = Contact(10, "Anne Lie", "anne@lie.example", "", (2,), {"twentyfoursevenoffice": {"FirstName": "X"}})
    await shelf.service.execute(SaveCatalogue(DEMO, BY, items=(changed,)))
    (anne,) = await found(shelf, id=10)
    assert (anne.first_name, anne.last_name, anne.customer_id) == ("Anne", "Lie", 2)
    assert anne.email_addresses == [email("anne@lie.example")]


@pytest.mark.parametrize(
    ("own", "error"),
    [
        ({}, "property_missing"),
        ({"first_name": " ", "last_name": ""}, "property_missing"),
        ({"id": 4711, "last_name": "X"}, "not_found"),
        ({"id": 7, "last_name": "X"}, "not_found"),
        ({"id": -1, "last_name": "X"}, "property_invalid"),
        ({"last_name": "X", "employee_id": 1}, "property_read_only"),
        ({"id": 10, "last_name": "X", "employee_id": 1}, "property_read_only"),
        ({"last_name": "X", "customer_id": 99}, "not_found"),
        ({"last_name": "X", "relation_data": [t.RelationData(customer_id=99)]}, "not_found"),
    ],
)
async def test_what_cannot_be_saved_is_a_fault_and_saves_nothing(own: dict[str, Any], error: str) -> None:
    shelf = await office()
    before = await found(shelf)
    with pytest.raises(OperationFault) as fault:
        await save(shelf, **own)
    assert fault.value.name == error
    assert await found(shelf) == before


async def test_php_sends_zeros() -> None:
    shelf = await office()
    own = await save(shelf, id=0, customer_id=0, employee_id=0, last_name="Berg", country="")
    (shown,) = await found(shelf, id=own, customer_id=0, employee_id=0)
    assert shown.model_dump(exclude_defaults=True).keys() == {"id", "last_name", "date_registered", "date_changed"}


async def test_relations_are_those_of_companies() -> None:
    shelf = await office()
    relation = t.RelationData(contact_id=10, customer_id=2, email="a@x.example", mobile="9", phone="2", title="Kjøper")
    assert await shelf.ask(m.MakeRelation(relation=relation)) is True
    again = t.RelationData(contact_id=10, customer_id=2, title="Sjef")
    assert await shelf.ask(m.MakeRelation(relation=again)) is True
    company_relation = Relation(contact_id=11, company_id=2, role="Styreleder")
    await COMPANY_HANDLERS["SaveRelations"](shelf.work(), cm.SaveRelations(relations=[company_relation]))
    (anne,) = await found(shelf, role="SJEF", get_relation_data=True)
    assert anne.relation_data == [
        t.RelationData(contact_id=10, customer_id=1),
        relation.model_copy(update={"title": "Sjef"}),
    ]
    (bo,) = await found(shelf, role="styreleder", get_relation_data=True)
    assert bo.relation_data == [t.RelationData(contact_id=11, customer_id=2, title="Styreleder")]
    assert [each.id for each in await found(shelf, customer_id=2)] == [10, 11]
    assert all(each.relation_data is None for each in await found(shelf))


@pytest.mark.parametrize(("contact", "customer"), [(4711, 1), (10, 99), (0, 1), (10, 0), (-1, 1)])
async def test_a_relation_needs_both_ends(contact: int, customer: int) -> None:
    relation = t.RelationData(contact_id=contact, customer_id=customer)
    assert await (await office()).ask(m.MakeRelation(relation=relation)) is False


async def test_a_person_of_a_deleted_customer_can_be_sent_back_as_read() -> None:
    shelf = await office()
    related = t.RelationData(contact_id=10, customer_id=2, title="Kjøper")
    assert await shelf.ask(m.MakeRelation(relation=related)) is True
    await shelf.service.execute(SaveCatalogue(DEMO, BY, remove=((Customer, 1), (Customer, 2))))
    (anne,) = await found(shelf, id=10, get_relation_data=True)
    assert await shelf.ask(m.SavePerson(person_item=anne.model_copy(update={"last_name": "Lie"}))) == 10
    assert [each.last_name for each in await found(shelf, id=10)] == ["Lie"]
    with pytest.raises(OperationFault, match="not_found"):
        await save(shelf, id=11, customer_id=99)
