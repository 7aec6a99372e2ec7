"""Payments over HTTP on a real store: what they do to their invoice, what fails, many at once, trouble of the store."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.payment.records import PAYMENT, KeptPayment, payment_of
from gateway.core import ledger
from gateway.core.commands import IssueRequest, SaveDocument, SaveDocuments, SearchDocuments
from gateway.core.documents import Document, Line, LineId
from gateway.core.ports import StoreUnavailableError
from gateway.core.record_commands import SearchRecords
from gateway.core.search import DocumentFilter
from gateway.core.together import Together
from gateway.core.values import INVOICE, Origin, TenantId
from tests.adapters.twentyfoursevenoffice.orders.office import NAMESPACE, Fault
from tests.adapters.twentyfoursevenoffice.payment.cashier import PAYMENTS, cashier, invoice
from tests.adapters.twentyfoursevenoffice.tenants import TENANTS, log_in
from tests.conftest import MakeGateway

DEMO = TenantId("demo")
DAY = "2024-03-15T00:00:00"
SOLD = Line("x", Decimal(2), Decimal(10), vat_rate=Decimal(15), id=LineId(0))


def with_settings(**settings: Any) -> dict[str, Any]:
    return {"dialects": {"twentyfoursevenoffice": {"settings": settings}}}


async def kept(client: TestClient) -> list[KeptPayment]:
    """The payments in the store, by invoice and amount."""
    found = await client.server.gateway.store.read(SearchRecords(DEMO, PAYMENT, limit=1000))
    return sorted(map(payment_of, found.records), key=lambda payment: (payment.invoice, payment.amount))


def error(payment: dict[str, Any]) -> str:
    found: str = payment.get("APIException", {}).get("Message", "")
    return found


async def test_payments_settle_the_invoice(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    desk = await cashier(client)
    await desk.save(invoice(), invoice())
    assert await desk.pay(1, "1000.00") == {"InvoiceId": "1", "Date": DAY, "Amount": "1000.00"}
    assert await desk.paid(1) == [None]
    await desk.pay(1, "249.99", "2024-03-16T00:00:00")
    assert await desk.paid(1) == [None]
    assert await desk.pay(1, 0.01, "2024-03-17T08:30:00+01:00") == {
        "InvoiceId": "1",
        "Date": "2024-03-17T07:30:00Z",
        "Amount": "0.01",
    }
    assert await desk.paid(1, 2) == ["2024-03-17T07:30:00Z", None]
    assert [(str(one.amount), one.voucher) for one in await kept(client)] == [
        ("0.01", 3),
        ("249.99", 2),
        ("1000.00", 1),
    ]


@pytest.mark.parametrize(
    ("properties", "rows", "payments", "expected"),
    [
        ({}, [{"ProductId": 1, "Quantity": -10, "Price": 100}], [-1000], None),
        ({}, [{"ProductId": 1, "Quantity": -10, "Price": 100}], [-1000, -250], DAY),
        ({}, [], [1250, 10], DAY),
        ({}, [], [1250, -1], None),
        ({}, [], [2000, -1, -700], DAY),
        ({"PaymentMethodId": 3, "PaymentAmount": 1250}, [], [], "2024-03-10T00:00:00"),
        ({"PaymentMethodId": 3, "PaymentAmount": 1250}, [], [5], "2024-03-10T00:00:00"),
        ({"PaymentMethodId": 3, "PaymentAmount": 1000}, [], [250], DAY),
        ({"PaymentAmount": 1000}, [], [250], None),
    ],
)
async def test_what_is_paid(
    make_gateway: MakeGateway,
    properties: dict[str, Any],
    rows: list[dict[str, Any]],
    payments: list[int],
    expected: str | None,
) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice(*rows, **properties))
    for amount in payments:
        assert error(await desk.pay(1, amount)) == ""
    assert await desk.paid(1) == [expected]


async def test_paid_when_any_payment_has_come(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway(with_settings(paid_when="any")))
    await desk.save(invoice())
    await desk.pay(1, 1)
    await desk.pay(1, 1, "2024-04-01T00:00:00")
    assert await desk.paid(1) == [DAY]


@pytest.mark.parametrize(
    ("amounts", "refused"),
    [
        ([1250, "0.01"], "The amount 0.01 is more than what is left of invoice 1: 0.00."),
        ([1000, 251], "The amount 251 is more than what is left of invoice 1: 250.00."),
        ([1000, -1000, 1250], ""),
        (["79228162514264337593543950335"], "The amount 79228162514264337593543950335 is more than what is left"),
    ],
)
async def test_overpayment_refused(make_gateway: MakeGateway, amounts: list[Any], refused: str) -> None:
    client = await make_gateway(with_settings(overpayment="refuse"))
    desk = await cashier(client)
    await desk.save(invoice())
    *_, last = [error(await desk.pay(1, amount)) for amount in amounts]
    assert last.startswith(refused)
    assert bool(last) == bool(refused)
    assert len(await kept(client)) == len(amounts) - bool(refused)


async def test_a_sum_that_nobody_can_hold(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway())
    await desk.save(invoice())
    large = "79228162514264337593543950334.5"
    assert [error(await desk.pay(1, large)), error(await desk.pay(1, large))] == [
        "",
        "Value was either too large or too small for a Decimal.",
    ]


@pytest.mark.parametrize(
    ("payment", "message"),
    [
        ((None, 1, DAY), "Property InvoiceId is missing."),
        ((1, 1, None), "Property Date is missing."),
        ((1, 1, "0001-01-01T00:00:00Z"), "Property Date is missing."),
        ((1, None, DAY), "Property Amount is missing."),
        ((999, 1, DAY), "Invoice 999 was not found."),
        ((0, 1, DAY), "Invoice 0 was not found."),
        ((-5, 1, DAY), "Invoice -5 was not found."),
        ((2, 1, DAY), "Invoice 2 was not found."),
    ],
)
async def test_what_fails_is_echoed_with_its_error(make_gateway: MakeGateway, payment: Any, message: str) -> None:
    client = await make_gateway({"tenants": TENANTS})
    desk = await cashier(client, await log_in(client, "demo"))
    shop = await cashier(client, await log_in(client, "shop"))
    await desk.save(invoice(), {"CustomerId": 1})
    await shop.save(invoice(), invoice())
    number, amount, day = payment
    answer = await desk.pay(number, amount, day)
    assert error(answer) == message
    sent = {name for name, value in (("InvoiceId", number), ("Amount", amount)) if value is not None}
    assert sent <= set(answer)
    assert await kept(client) == []
    assert await desk.transactions(SystemType="Payment") == []


async def test_several_are_answered_by_those_that_failed(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    desk = await cashier(client)
    await desk.save(invoice(), invoice())
    failed = await desk.pay_all((1, 600), (7, 1), (1, 650), (2, 1250), (9, 2))
    assert [(one["InvoiceId"], error(one)) for one in failed] == [
        ("7", "Invoice 7 was not found."),
        ("9", "Invoice 9 was not found."),
    ]
    assert await desk.pay_all((1, 1)) == []
    assert await desk.paid(1, 2) == [DAY, DAY]
    assert len(await kept(client)) == 4


@pytest.mark.parametrize(("operation", "content"), [("RegisterInvoicePayment", ""), ("RegisterInvoicePayments", "")])
async def test_without_anything(make_gateway: MakeGateway, operation: str, content: str) -> None:
    desk = await cashier(await make_gateway())
    with pytest.raises(Fault, match="Object reference not set to an instance of an object"):
        await desk.ask(PAYMENTS, NAMESPACE, operation, content)


async def test_a_list_without_payments(make_gateway: MakeGateway) -> None:
    desk = await cashier(await make_gateway(with_settings(missing_array="empty")))
    assert await desk.ask(PAYMENTS, NAMESPACE, "RegisterInvoicePayments", "") is None
    assert await desk.ask(PAYMENTS, NAMESPACE, "RegisterInvoicePayments", "<payments/>") == []
    nil = '<payments><Payment xsi:nil="true"/></payments>'
    (failed,) = await desk.ask(PAYMENTS, NAMESPACE, "RegisterInvoicePayments", nil)
    assert error(failed) == "Property InvoiceId is missing."


async def test_an_invoice_of_another_dialect_can_be_paid_and_still_not_changed(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    desk = await cashier(client)
    store = client.server.gateway.store
    await desk.save(invoice())
    read = await store.read(SearchDocuments(DEMO, DocumentFilter(numbers=(1,))))
    series = read.documents[0].series
    issue = IssueRequest("other", series, date=date(2024, 3, 11))
    other = SaveDocument(Document(DEMO, INVOICE, series=series, lines=(SOLD,)), key="other", issue=issue)
    await store.execute(SaveDocuments(DEMO, (other,), Origin("otherdialect", "", "")))
    assert error(await desk.pay(2, 20)) == ""
    assert await desk.paid(2) == [None]
    assert error(await desk.pay(2, 3)) == ""
    assert await desk.paid(2) == [DAY]
    assert [each["Open"] for each in await desk.transactions(InvoiceNo="2", AccountNoEnd=1500)] == ["false"] * 3
    (answer,) = await desk.call("UpdateInvoices", {"invoices": [{"InvoiceId": 2, "InvoiceTitle": "mine"}]})
    assert answer["APIException"]["Message"] == "InvoiceId 2 was not found."


async def test_many_payments_at_once_all_count(make_gateway: MakeGateway) -> None:
    client = await make_gateway(with_settings(overpayment="refuse"))
    desk = await cashier(client)
    await desk.save(invoice(), invoice())
    answers = await asyncio.gather(*(desk.pay_all((1, 50), (2, 25), (1, 50)) for _ in range(20)))
    assert sum(map(len, answers)) == 15, "25 of 40 payments fit into the first invoice"
    assert await desk.paid(1, 2) == [DAY, None]
    payments = await kept(client)
    assert [sum(one.amount for one in payments if one.invoice == number) for number in (1, 2)] == [1250, 500]
    assert sorted(one.voucher or 0 for one in payments) == list(range(1, 46))
    _, findings = ledger.verify([entry async for entry in client.server.gateway.store.ledger()])
    assert not findings


async def test_a_thousand_payments_in_one_call(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    desk = await cashier(client)
    await desk.save(invoice(), invoice())
    assert await desk.pay_all(*[(1 + at % 2, "1.00") for at in range(1000)]) == []
    assert len(await kept(client)) == 1000


# Years without vouchers


@pytest.mark.parametrize(
    ("settings", "day"),
    [
        ({}, "1999-12-31T00:00:00"),
        ({"fiscal_years": [{"start": "2024-01-01", "end": "2025-01-01", "locked": True}]}, DAY),
        ({"post_invoices": False}, DAY),
    ],
)
async def test_a_payment_without_voucher(make_gateway: MakeGateway, settings: dict[str, Any], day: str) -> None:
    await check_no_voucher(await make_gateway(with_settings(**settings)), day)


async def test_a_payment_without_a_type_of_the_bank(make_gateway: MakeGateway) -> None:
    demo = copy.deepcopy(TENANTS[0])
    demo["catalogue"]["voucher_types"] = [{"id": 1, "number": 1, "name": "Diverse", "series": 1}]
    await check_no_voucher(await make_gateway({"tenants": [demo]}), DAY)


async def check_no_voucher(client: TestClient, day: str) -> None:
    """A payment of this day is registered, and is not in the books."""
    desk = await cashier(client)
    await desk.save(invoice())
    assert error(await desk.pay(1, 1250, day)) == ""
    assert await desk.paid(1) == [day]
    assert [one.voucher for one in await kept(client)] == [None]
    assert await desk.transactions(DateStart="1990-01-01T00:00:00", SystemType="Payment") == []


# Trouble with the store


def troubled(client: TestClient, monkeypatch: pytest.MonkeyPatch, fails: Callable[[int], Exception | None]) -> None:
    """The store fails the n-th payment with the error `fails(n)`; one with committed None comes after it took effect."""
    store = client.server.gateway.store
    execute, count = store.execute, iter(range(10**6))

    async def failing(command: Any) -> Any:
        error = fails(next(count)) if isinstance(command, Together) else None
        if error is not None and getattr(error, "committed", False) is False:
            raise error
        result = await execute(command)
        if error is not None:
            raise error
        return result

    monkeypatch.setattr(store, "execute", failing)


@pytest.mark.parametrize("overpayment", ["accept", "refuse"])
async def test_a_payment_in_doubt_is_not_booked_twice(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch, overpayment: str
) -> None:
    client = await make_gateway(with_settings(overpayment=overpayment))
    desk = await cashier(client)
    await desk.save(invoice())
    troubled(client, monkeypatch, lambda number: StoreUnavailableError("gone", committed=None) if number == 0 else None)
    assert error(await desk.pay(1, 1250)) == ""
    assert [str(one.amount) for one in await kept(client)] == ["1250"]
    assert await desk.paid(1) == [DAY]


async def test_what_the_store_refuses_is_the_items_error(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await make_gateway()
    desk = await cashier(client)
    await desk.save(invoice())
    troubled(client, monkeypatch, lambda number: StoreUnavailableError("disk") if number == 1 else None)
    (failed,) = await desk.pay_all((1, 1), (1, 2), (1, 3))
    assert (failed["Amount"], error(failed)) == ("2", "The payment could not be registered.")
    assert [str(one.amount) for one in await kept(client)] == ["1", "3"]


async def test_when_nothing_could_be_registered_the_call_fails(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await make_gateway()
    desk = await cashier(client)
    await desk.save(invoice())
    troubled(client, monkeypatch, lambda _: StoreUnavailableError("disk"))
    with pytest.raises(Fault, match="database is not available"):
        await desk.pay(1, 1)
    assert await kept(client) == []
