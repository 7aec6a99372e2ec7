"""SaveCompanies and DeleteCompanies: limits, batches, commits in doubt, companies that others change meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.company.keyed import SAVE_KEY
from adapters.twentyfoursevenoffice.company.links import every
from adapters.twentyfoursevenoffice.errors import OperationFault
from gateway.core.catalogue_records import CUSTOMER, catalogue_naming
from gateway.core.commands import Command
from gateway.core.record_commands import GetRecords
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.company import messages as m
from schemas.twentyfoursevenoffice.company.types import CompanyType
from tests.adapters.twentyfoursevenoffice.company.desk import DEMO, Company, Desk, business, errors, in_memory

TOO_LONG = "Property {} exceeds the maximum length of {}."


@pytest.mark.parametrize(
    ("attribute", "name", "limit"),
    [
        ("name", "Name", 200),
        ("first_name", "FirstName", 50),
        ("nick_name", "NickName", 200),
        ("organization_number", "OrganizationNumber", 20),
        ("url", "Url", 255),
        ("gln_number", "GlnNumber", 13),
        ("country", "Country", 2),
        ("invoice_language", "InvoiceLanguage", 2),
    ],
)
async def test_limits_of_texts(attribute: str, name: str, limit: int) -> None:
    desk = in_memory()
    longest, longer = (business(**{"name": "A", attribute: "x" * length}) for length in (limit, limit + 1))
    assert errors(await desk.save(longest, longer)) == ["", TOO_LONG.format(name, limit)]
    assert errors(await desk.save(Company(id=1, **{attribute: "x" * (limit + 1)}))) == [TOO_LONG.format(name, limit)]


async def test_limits_of_addresses() -> None:
    address: Any = {"post": {"street": "x" * 251}}
    assert errors(await in_memory().save(business("A", addresses=address))) == [
        TOO_LONG.format("Addresses.Post.Street", 250)
    ]


async def test_what_was_sent_comes_back_and_nothing_else() -> None:
    sent = business("Fjord AS", payment_time=14, password="secret")
    (saved,) = await in_memory().save(sent)
    expected = sent.model_copy(
        update={"id": 1, "password": "", "ledger_customer_account": 0, "ledger_supplier_account": 0}
    )
    assert saved == expected


async def test_a_request_without_items_asks_no_store() -> None:
    nothing: Any = None
    assert await Desk(nothing).save() == []
    assert await Desk(nothing).delete() == []


async def test_a_missing_list_is_a_fault() -> None:
    desk = in_memory()
    messages = (
        m.SaveCompanies(),
        m.DeleteCompanies(),
        m.SaveCategories(),
        m.SaveCustomerCategories(),
        m.DeleteCustomerCategories(),
        m.SaveRelations(),
        m.DeleteRelations(),
        m.SaveMaps(),
        m.DeleteMaps(),
    )
    for message in messages:
        with pytest.raises(OperationFault, match="null_reference"):
            await desk.ask(message)
        assert await in_memory(missing_array="empty").ask(message) is None


async def test_nil_items_stay_in_their_places() -> None:
    desk = in_memory()
    answer = await desk.ask(m.SaveCompanies(companies=[None, business("A"), None]))
    assert [own and own.id for own in answer] == [None, 1, None]


async def test_ids_follow_the_highest_one_also_within_a_request() -> None:
    desk = in_memory()
    saved = await desk.save(business("A"), business("B", id=40), business("C"), business("D", id=2), business("E"))
    assert [own.id for own in saved] == [1, 40, 41, 2, 42]


async def test_an_id_that_was_just_made_up_is_an_update() -> None:
    desk = in_memory()
    saved = await desk.save(business("A"), business("B"), Company(id=2, note="n"))
    assert errors(saved) == ["", "", ""]
    (company,) = await desk.get("Name", "Note", company_id=2)
    assert (company.name, company.note) == ("B", "n")


async def test_a_deleted_id_may_be_given_again() -> None:
    desk = in_memory()
    await desk.save(business("A", note="old"))
    assert errors(await desk.delete(1)) == []
    assert errors(await desk.save(Company(id=1, name="B"))) == ["Property Type is missing."]
    assert errors(await desk.save(business("B", id=1, explicitly_specify_new_company_id=True))) == [""]
    (company,) = await desk.get("Name", "Note", company_id=1)
    assert (company.name, company.note) == ("B", "")
    assert (await desk.save(business("C")))[0].id == 2


async def test_saved_companies_are_customers() -> None:
    desk = in_memory()
    await desk.save(business("A", payment_time=5), business("B"))
    await desk.delete(2)
    named = await catalogue_naming(desk.service, DEMO, [1, 2])
    assert named.customers[1].payment_days == 5
    assert list(named.customers) == [1]


async def test_a_thousand_companies_are_two_commands() -> None:
    desk, commands = in_memory(), []
    execute = desk.service.execute

    async def counted(command: Command[Any]) -> Any:
        commands.append(command)
        return await execute(command)

    desk.service.execute = counted  # type: ignore[method-assign]
    saved = await desk.save(*(business(f"Company {number}") for number in range(1000)))
    assert [own.id for own in saved] == list(range(1, 1001))
    assert len(commands) == 2
    found = await desk.get(company_ids=list(range(1, 1001)))
    assert [(own.id, own.name) for own in found] == [(own.id, own.name) for own in saved]


# --- a store in trouble -----------------------------------------------------------------------------------------------


def troubled(desk: Desk, *, committed: bool | None, takes_effect: bool, times: int = 1) -> None:
    """The next commands fail so."""
    execute, left = desk.service.execute, times

    async def fail(command: Command[Any]) -> Any:
        nonlocal left
        left -= 1
        if not left:
            desk.service.execute = execute  # type: ignore[method-assign]
        if takes_effect:
            await execute(command)
        raise StoreUnavailableError("gone", committed=committed)

    desk.service.execute = fail  # type: ignore[method-assign]


async def versions(desk: Desk, *ids: int) -> list[int]:
    keys = tuple(CUSTOMER.key(DEMO, number) for number in ids)
    records = (await desk.service.read(GetRecords(DEMO, keys))).records
    return [records[key].version for key in keys]


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_a_commit_in_doubt_does_nothing_twice(takes_effect: bool) -> None:
    desk = in_memory()
    await desk.save(business("A", id=1))
    troubled(desk, committed=None, takes_effect=takes_effect)
    own = business("C", id=3, explicitly_specify_new_company_id=True)
    saved = await desk.save(Company(id=1, note="n"), business("B", id=2), own)
    assert errors(saved) == ["", "", ""]
    assert [each.id for each in saved] == [1, 2, 3]
    assert await versions(desk, 1, 2, 3) == [2, 1, 1]


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_new_companies_in_doubt_are_made_once(takes_effect: bool) -> None:
    desk = in_memory()
    await desk.save(business("A"))
    troubled(desk, committed=None, takes_effect=takes_effect)
    saved = await desk.save(business("B"), Company(id=1, note="n"), business("C"))
    assert errors(saved) == ["", "", ""]
    assert [each.id for each in saved] == [2, 1, 3]
    assert await versions(desk, 1, 2, 3) == [2, 1, 1]
    assert await desk.found(company_name="%") == [1, 2, 3]


async def test_a_second_commit_in_doubt_is_an_error_of_new_companies_alone() -> None:
    desk = in_memory()
    await desk.save(business("A"))
    troubled(desk, committed=None, takes_effect=True, times=2)
    assert errors(await desk.save(business("B"), Company(id=1, note="n"))) == ["The item could not be saved.", ""]
    assert await versions(desk, 1, 2) == [2, 1]


async def test_there_are_as_many_keys_as_saves_under_way() -> None:
    desk = in_memory()
    for _ in range(3):
        await asyncio.gather(*(desk.save(business("A")) for _ in range(4)))
    assert len(await every(desk.work(), SAVE_KEY)) <= 4
    assert await desk.found(company_name="%") == list(range(1, 13))


async def test_when_nothing_could_be_saved_the_call_fails() -> None:
    desk = in_memory()
    troubled(desk, committed=False, takes_effect=False)
    with pytest.raises(StoreUnavailableError):
        await desk.save(business("A"), business("B"))


async def test_others_keep_their_errors_when_the_store_fails() -> None:
    desk = in_memory()
    troubled(desk, committed=False, takes_effect=False)
    assert errors(await desk.save(Company(name="A"), business("B"))) == [
        "Property Type is missing.",
        "The item could not be saved.",
    ]


# --- several at once --------------------------------------------------------------------------------------------------


async def test_an_id_that_somebody_else_takes_meanwhile_is_an_update() -> None:
    desk = in_memory()
    other = Desk(desk.service, desk.clock)
    read = desk.service.read

    async def overtaken(query: Any) -> Any:
        found = await read(query)
        desk.service.read = read  # type: ignore[method-assign]
        await other.save(business("Theirs", id=7, note="theirs"))
        return found

    desk.service.read = overtaken  # type: ignore[method-assign]
    assert errors(await desk.save(business("New"), business("Ours", id=7, url="ours"))) == ["", ""]
    (company,) = await desk.get("Name", "Note", "Url", company_id=7)
    assert (company.name, company.note, company.url) == ("Ours", "theirs", "ours")
    assert await desk.found(company_name="New") == [8]


async def test_a_company_that_somebody_else_deletes_meanwhile() -> None:
    desk = in_memory(unknown_company_id="refuse")
    await desk.save(business("A"), business("B"))
    read = desk.service.read

    async def overtaken(query: Any) -> Any:
        found = await read(query)
        desk.service.read = read  # type: ignore[method-assign]
        await desk.delete(1)
        return found

    desk.service.read = overtaken  # type: ignore[method-assign]
    assert errors(await desk.save(Company(id=1, note="n"), Company(id=2, note="n"))) == ["Id 1 was not found.", ""]


async def check_that_nothing_is_lost(desks: list[Desk]) -> None:
    """Each of many writers changes a property of its own of one company; all of them stay."""
    await desks[0].save(business("A", id=1))
    names = ["note", "url", "nick_name", "first_name", "vat_number", "external_id", "bank_account_no", "gln_number"]
    writers = [desks[place % len(desks)] for place in range(len(names))]
    answers = await asyncio.gather(
        *(desk.save(Company(id=1, **{name: name[:13]})) for desk, name in zip(writers, names, strict=True))
    )
    assert [errors(answer) for answer in answers] == [[""]] * len(names)
    properties = ("Note", "Url", "NickName", "FirstName", "VatNumber", "ExternalId", "BankAccountNo", "GlnNumber")
    (company,) = await desks[-1].get(*properties, company_id=1)
    assert [getattr(company, name) for name in names] == [name[:13] for name in names]


async def test_two_changes_at_once_lose_nothing() -> None:
    await check_that_nothing_is_lost([in_memory()])


async def test_new_companies_at_once_have_different_ids() -> None:
    desk = in_memory()
    answers = await asyncio.gather(*(desk.save(business(f"A {number}")) for number in range(20)))
    assert sorted(own.id for answer in answers for own in answer) == list(range(1, 21))


async def test_a_type_of_each_kind() -> None:
    desk = in_memory()
    kinds = [CompanyType.LEAD, CompanyType.CONSUMER, CompanyType.BUSINESS, CompanyType.SUPPLIER]
    await desk.save(*(Company(name="A", type=kind) for kind in kinds))
    assert [own.type for own in await desk.get("Type", company_name="%")] == kinds
