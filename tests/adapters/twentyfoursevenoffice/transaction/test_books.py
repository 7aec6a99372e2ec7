"""GetTransactions over HTTP on a real store: vouchers and invoices together, links, what was changed, many lines."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.adapters.twentyfoursevenoffice.orders.office import NAMESPACE, Fault, envelope
from tests.adapters.twentyfoursevenoffice.payment.cashier import Cashier, cashier, invoice
from tests.adapters.twentyfoursevenoffice.tenants import TENANTS, log_in
from tests.conftest import MakeGateway

ACCOUNTS = "/Economy/Account/V004/Accountservice.asmx"
VOUCHER = (
    "<BundleList><Bundles><Bundle><YearId>2024</YearId><Vouchers><Voucher><TransactionNo>{number}</TransactionNo><Entries>"
    "<Entry><CustomerId>1</CustomerId><AccountNo>1500</AccountNo><Date>{day}</Date><Amount>{amount}</Amount></Entry>"
    "<Entry><AccountNo>3900</AccountNo><Date>{day}</Date><Amount>{opposite}</Amount></Entry></Entries><Sort>4</Sort></Voucher>"
    "</Vouchers><Sort>4</Sort></Bundle></Bundles><SaveOption>{option}</SaveOption></BundleList>"
)


async def book(desk: Cashier, number: int, amount: Any, day: str = "2024-03-15T00:00:00", option: int = 0) -> None:
    """Save a voucher of type 4: account 1500 of customer 1, and 3900."""
    content = VOUCHER.format(number=number, amount=amount, opposite=-Decimal(amount), day=day, option=option)
    answer = await desk.ask(ACCOUNTS, NAMESPACE, "SaveBundleList", content)
    assert answer == ["Ok"]


async def link(desk: Cashier, *lines: str, operation: str = "AddLinkEntries") -> str:
    """Make a link of lines; returns its id."""
    made = await desk.send("CreateLink", envelope("CreateLink", {}), ACCOUNTS)
    number = made.decode().partition("<CreateLinkResult>")[2].partition("<")[0]
    guids = "".join(f"<guid>{line}</guid>" for line in lines)
    item = f"<linkEntryItem><LineIds>{guids}</LineIds><LinkId>{number}</LinkId></linkEntryItem>"
    await desk.ask(ACCOUNTS, NAMESPACE, operation, item)
    return number


def brief(lines: list[dict[str, Any]]) -> list[tuple[int, int, str, bool]]:
    return [
        (int(each["TransactionNo"]), int(each["AccountNo"]), each["Amount"], each["Open"] == "true") for each in lines
    ]


async def test_lines_are_in_order(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice(), invoice(DateInvoiced="2024-03-01T00:00:00"))
    await book(desk, 7, "70.00", "2024-03-10T00:00:00")
    await book(desk, 3, "30.00", "2024-03-10T08:00:00")
    found = await desk.transactions()
    assert brief(found) == [
        (2, 1500, "1250.00", True),
        (2, 3000, "-1000.00", False),
        (2, 3000, "-250.00", False),
        (1, 1500, "1250.00", True),
        (1, 3000, "-1000.00", False),
        (1, 3000, "-250.00", False),
        (7, 1500, "70.00", True),
        (7, 3900, "-70.00", False),
        (3, 1500, "30.00", True),
        (3, 3900, "-30.00", False),
    ]
    assert len({each["Id"] for each in found}) == len(found)
    assert {each["RegistrationDate"][-1] for each in found} == {each["DateChanged"][-1] for each in found} == {"Z"}


async def test_a_journal_is_not_in_the_books(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await book(desk, 7, "70.00", option=1)
    assert await desk.transactions() == []


async def test_each_company_has_books_of_its_own(make_gateway: MakeGateway) -> None:
    client = await make_gateway({"tenants": TENANTS})
    desk = await cashier(client, await log_in(client, "demo"))
    shop = await cashier(client, await log_in(client, "shop"))
    other = await cashier(client, await log_in(client, "other"))
    await desk.save(invoice())
    await desk.pay(1, 50)
    await book(desk, 7, "70.00")
    await shop.save(invoice())
    assert len(await desk.transactions()) == 7
    assert brief(await shop.transactions(ShowOpenEntries="true")) == [(1, 1500, "1250.00", True)]
    assert await other.transactions() == []
    await shop.pay(1, 50)
    assert [each["TransactionNo"] for each in await shop.transactions(SystemType="Payment")] == ["1", "1"]


async def test_a_linked_pair_is_closed(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice(), invoice({"ProductId": 1, "Quantity": -10, "Price": 100}))
    await book(desk, 7, "70.00")
    before = {each["TransactionNo"]: each for each in await desk.transactions(ShowOpenEntries="true")}
    number = await link(desk, before["1"]["Id"], before["2"]["Id"])
    linked = await desk.transactions(LinkId=number)
    assert [(each["TransactionNo"], each["LinkId"], each["Open"]) for each in linked] == [
        ("1", number, "false"),
        ("2", number, "false"),
    ]
    assert [each["TransactionNo"] for each in await desk.transactions(ShowOpenEntries="true")] == ["7"]
    assert all(each["DateChanged"] > before[each["TransactionNo"]]["DateChanged"] for each in linked)


async def test_an_invoice_linked_with_a_voucher(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice())
    await book(desk, 7, "-1250.00")
    await book(desk, 8, "10.00")
    owed = {
        each["TransactionNo"]: each["Id"] for each in await desk.transactions(AccountNoStart=1500, AccountNoEnd=1500)
    }
    await link(desk, owed["1"], owed["8"])
    open_ones = [each["TransactionNo"] for each in await desk.transactions(ShowOpenEntries="true")]
    assert open_ones == ["1", "7", "8"], "the sum of the link is not zero"
    await link(desk, owed["1"], owed["7"], operation="ReplaceLinkEntries")
    assert [each["TransactionNo"] for each in await desk.transactions(ShowOpenEntries="true")] == ["8"]


async def test_a_due_date_that_was_changed(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice())
    (line,) = await desk.transactions(ShowOpenEntries="true")
    item = f"<EntryItem><LineId>{line['Id']}</LineId><DueDate>2024-06-01T00:00:00</DueDate></EntryItem>"
    await desk.ask(ACCOUNTS, NAMESPACE, "UpdateEntryDueDate", f"<entryItems>{item}</entryItems>")
    (changed,) = await desk.transactions(ShowOpenEntries="true")
    assert (line["DueDate"], changed["DueDate"]) == ("2024-03-24T00:00:00", "2024-06-01T00:00:00")
    span = {"DateSearchParameters": "DateChangedUTC", "DateStart": changed["DateChanged"], "DateEnd": "2999-01-01"}
    assert [each["AccountNo"] for each in await desk.transactions(**span)] == ["1500"]


async def test_by_when_it_was_changed(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice(), invoice())
    await book(desk, 7, "70.00")
    booked = [each["RegistrationDate"] for each in await desk.transactions()]
    await desk.pay(1, 1)
    span = {"DateSearchParameters": "DateChangedUTC", "DateEnd": "2999-01-01T00:00:00Z"}
    everything = await desk.transactions(**span, DateStart="2000-01-01T00:00:00Z")
    assert len(everything) == 10
    later = await desk.transactions(**span, DateStart="2000-01-01T00:00:00Z", RegisteredAfter=max(booked))
    assert {each["SystemType"] for each in later} == {"Payment"}
    paid = max(each["DateChanged"] for each in everything if each.get("SystemType") == "InvoiceCustomer")
    after = await desk.transactions(**span, DateStart=paid)
    assert {(each["TransactionNo"], each["SystemType"]) for each in after} == {
        ("1", "InvoiceCustomer"),
        ("8", "Payment"),
    }
    assert await desk.transactions(**span | {"DateEnd": "2000-01-02T00:00:00Z"}, DateStart="2000-01-01T00:00:00Z") == []


async def test_registered_means_when_the_invoice_was_made(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save({"CustomerId": 1, "OrderId": 5, "InvoiceRows": [{"ProductId": 1, "Quantity": 1}]})
    (order,) = await desk.get(["DateChanged"], OrderIds=[5])
    await desk.save({"OrderId": 5, "CustomerId": 1, "OrderStatus": "Invoiced", "DateInvoiced": "2024-03-10T00:00:00"})
    found = await desk.transactions(RegisteredAfter=order["DateChanged"])
    assert len(found) == 3
    assert await desk.transactions(RegisteredAfter=found[0]["RegistrationDate"]) == []
    await desk.pay(1, 1)
    assert await desk.transactions(RegisteredAfter=found[0]["RegistrationDate"], SystemType="InvoiceCustomer") == []


async def test_orders_are_not_in_the_books(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save({"CustomerId": 1, "DateOrdered": "2024-03-10T00:00:00", "InvoiceRows": [{"ProductId": 1}]})
    assert await desk.transactions() == []


@pytest.mark.parametrize(("invoice_no", "found"), [("1", 3), ("0001", 0), ("x", 0), ("9" * 30, 0), ("²", 0)])
async def test_any_text_may_be_an_invoice_number(make_gateway: MakeGateway, invoice_no: str, found: int) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice())
    assert len(await desk.transactions(InvoiceNo=invoice_no)) == found


async def test_more_invoices_than_a_page(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    plain = invoice({"ProductId": 8, "Quantity": 1})
    for _ in range(3):
        await desk.save(*[plain] * 400)
    found = await desk.transactions()
    assert len(found) == 2 * 1200
    assert [int(each["TransactionNo"]) for each in found[::2]] == list(range(1, 1201))
    assert len(await desk.transactions(TransactionNoStart=1199, AccountNoEnd=1999)) == 2


@pytest.mark.parametrize(
    ("settings", "many"),
    [({"max_transactions": 5}, 2), ({"max_searched": 1}, 2), ({"max_transactions": 6, "max_searched": 2}, 0)],
)
async def test_bounds(make_gateway: MakeGateway, settings: dict[str, Any], many: int) -> None:
    desk = await cashier(await make_gateway({"dialects": {"twentyfoursevenoffice": {"settings": settings}}}))
    await desk.save(invoice(), invoice())
    if many:
        with pytest.raises(Fault, match="Timeout expired"):
            await desk.transactions()
    else:
        assert len(await desk.transactions()) == 6


async def test_today_is_found_by_the_clients_of_the_vendors_zone(make_gateway: MakeGateway) -> None:
    """An invoice without DateInvoiced is dated now, in UTC; the books show it in the vendor's time."""
    client: TestClient = await make_gateway()
    desk = await cashier(client)
    await desk.save({**invoice(), "DateInvoiced": datetime(2024, 3, 10, 23, 30, tzinfo=UTC).isoformat()})
    assert {each["Date"] for each in await desk.transactions()} == {"2024-03-11T00:30:00"}
    found = await desk.transactions(DateStart="2024-03-11T00:00:00", DateEnd="2024-03-11T23:59:59")
    assert len(found) == 3
    assert await desk.transactions(DateStart="2024-03-10T00:00:00", DateEnd="2024-03-10T23:59:59") == []
