"""ClientService: cards with nothing and with everything, users, lists that follow the catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.twentyfoursevenoffice.client.service import HANDLERS
from adapters.twentyfoursevenoffice.client.settings import ClientCard
from adapters.twentyfoursevenoffice.settings import Company
from gateway.core.catalogue import Currency, Employee, TaxCode, TypeGroup
from gateway.core.commands import SaveCatalogue
from schemas.twentyfoursevenoffice.client import messages as m
from schemas.twentyfoursevenoffice.client import types as t
from schemas.twentyfoursevenoffice.primitives import EMPTYGUID, INTMIN
from tests.adapters.twentyfoursevenoffice import tenants
from tests.adapters.twentyfoursevenoffice.product.shelf import BY, DEMO, Shelf, bound, in_memory
from tests.conftest import MakeGateway, only

CLIENTS = "/Client/V001/ClientService.asmx"
ID, OTHER_ID = "00000000-0000-4000-8000-0000000024aa", "00000000-0000-4000-8000-000000002409"
SYMBOL = "<Currency><Symbol>NOK</Symbol><Id>1</Id><Rate>1</Rate><Unit>1</Unit></Currency>"


async def ask(shelf: Shelf, message: Any) -> Any:
    """The result of an operation."""
    answer: Any = await HANDLERS[type(message).__name__](shelf.work(), message)
    return answer.result


async def card_of(**given: Any) -> t.Client:
    shelf = in_memory()
    shelf.section.binding.clients[0] = Company(id=24, name="Demo AS", series="main", **given)
    card: t.Client = await ask(shelf, m.GetClientInformation())
    return card


async def test_an_empty_card_has_what_is_always_there() -> None:
    assert (await card_of()).model_dump(exclude_defaults=True) == {
        "name": "Demo AS",
        "user_id": 24,
        "default_currency": "NOK",
    }


async def test_a_full_card_shows_all_twenty_elements() -> None:
    card = await card_of(
        organization_number="987000009",
        bank_account="86011117947",
        iban="NO9386011117947",
        swift="DEMONOKK",
        country="NO",
        addresses={"post": {"street": "Storgata 24"}, "visit": {}, "invoice": {"name": "Regnskap"}},
        phone="1",
        mobile="2",
        fax="3",
        email="post@demo.example",
        invoice_email="faktura@demo.example",
        factoring_client_no="77",
        factoring_text="Fordringen er overdratt",
        reminder_days=[14],
        reseller_id=5,
        reseller_name="Selger AS",
        default_currency="EUR",
    )
    shown = card.model_dump(exclude_defaults=True)
    assert set(t.Client.model_fields) - set(shown) == {"reminder_days2", "reminder_days3"}
    assert shown["is_using_factoring"] is True
    assert set(shown["phone_number_list"]) == {"work", "mobile", "fax"}
    assert set(shown["address_list"]) == {"post", "visit", "invoice"}
    assert shown["default_currency"] == "EUR"
    assert shown["fax_number_list"] == [{"type": t.FaxNumberType.WORK, "value": "3"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"country": "Norge"},
        {"default_currency": "kr"},
        {"reminder_days": [1, 2, 3, 4]},
        {"reminder_days": [-1]},
        {"iban": 35 * "x"},
        {"addresses": {"home": {}}},
        {"reseller_id": -1},
        {"phones": "1"},
    ],
)
def test_a_card_has_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClientCard.model_validate(wrong)


async def test_users_are_those_of_the_company_then_the_other_employees() -> None:
    shelf = in_memory()
    blocked = {"id": "00000000-0000-4000-8000-000000002405", "client": 24, "blocked": True}
    shelf.section = bound(
        {"id": ID, "name": "Kari Nordmann", "contact_id": 7, "employee_id": 1},
        {"username": "uten@example.com"},
        {"id": OTHER_ID, "employee_id": 2},
        {"name": "Stengt", "identities": [blocked]},
    )
    people = (Employee(1, "Åse Ødegård"), Employee(2, "João Simões"), Employee(3, "Per Ås"))
    await shelf.service.execute(SaveCatalogue(DEMO, BY, items=people))
    users = await ask(shelf, m.GetUsers())
    assert [(each.contact_id, each.id, each.name, each.employee_id) for each in users] == [
        (7, users[0].id, "Kari Nordmann", 1),
        (INTMIN, EMPTYGUID, "uten@example.com", INTMIN),
        (INTMIN, users[2].id, "João Simões", 2),
        (INTMIN, EMPTYGUID, "Per Ås", 3),
    ]
    assert [str(users[at].id) for at in (0, 2)] == [ID, OTHER_ID]


async def test_groups_have_the_account_of_their_tax_code() -> None:
    shelf = in_memory()
    items = (
        TaxCode(3, "Høy", "3", Decimal(25), 3000),
        TaxCode(4, "Uten konto", "PT", Decimal(23)),
        TypeGroup(1, "Varer", Decimal(25), 3),
        TypeGroup(2, "Uten konto", Decimal(23), 4),
        TypeGroup(3, "Uten kode", Decimal(0)),
        TypeGroup(4, "Ukjent kode", Decimal(0), 99),
    )
    await shelf.service.execute(SaveCatalogue(DEMO, BY, items=items))
    for module in (t.TypeGroupModule.ALL, t.TypeGroupModule.SALE):
        groups = await ask(shelf, m.GetTypeGroupList(module=module))
        assert [(each.id, each.account_id) for each in groups] == [(1, 3000), (2, 0), (3, 0), (4, 0)]
    codes = await ask(shelf, m.GetVatTypeList())
    assert [(each.no, each.rate) for each in codes] == [(3, 25), (4, 23)]


async def test_currencies_without_one_for_orders() -> None:
    assert await ask(in_memory(orders={"currency": ""}), m.GetCurrencyList()) == []


async def test_a_changed_catalogue_shows_at_once_and_companies_keep_their_cards(make_gateway: MakeGateway) -> None:
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": tenants.TENANTS})
    session, other = await tenants.log_in(client, "demo"), await tenants.log_in(client, "other")
    await tenants.post(client, CLIENTS, "GetCurrencyList", "", session)
    krone, euro = Currency(1, "NOK"), Currency(9, "SEK", Decimal("96.50"), 100)
    await client.server.gateway.store.execute(SaveCatalogue(DEMO, BY, items=(krone, euro)))
    for _time in range(2):
        _, after = await tenants.post(client, CLIENTS, "GetCurrencyList", "", session)
        assert SYMBOL in after
        assert "<Symbol>SEK</Symbol><Id>9</Id><Rate>96.50</Rate><Unit>100</Unit>" in after
        _, theirs = await tenants.post(client, CLIENTS, "GetCurrencyList", "", other)
        assert theirs.count("<Currency>") == 1
    shop = await tenants.log_in(client, "shop")
    for own, name in ((session, "Demo AS"), (shop, "Demo Butikk AS"), (session, "Demo AS")):
        _, card = await tenants.post(client, CLIENTS, "GetClientInformation", "", own)
        assert f"<Name>{name}</Name>" in card
