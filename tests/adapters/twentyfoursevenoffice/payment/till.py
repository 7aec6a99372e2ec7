"""A till on the dialect over any sequence service, without HTTP; and what payments and the books must come to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from adapters.twentyfoursevenoffice.payment.records import PAYMENT, KeptPayment, payment_of
from gateway.core.record_commands import SearchRecords
from tests.adapters.twentyfoursevenoffice.account.office import ACCOUNTING, DEMO, Answer, Office

INVOICES: Final = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
PAYMENTS: Final = "/Economy/InvoiceOrder/V001/PaymentService.asmx"
TRANSACTIONS: Final = "/Economy/Accounting/V001/TransactionService.asmx"
_ROW = "<InvoiceRows><InvoiceRow><ProductId>1</ProductId><Quantity>{}</Quantity><Price>1</Price></InvoiceRow></InvoiceRows>"


async def invoice(office: Office, *totals: int) -> None:
    """Make invoices with these totals, without VAT."""
    orders = "".join(
        "<InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus>"
        f"<DateInvoiced>2024-03-01T00:00:00</DateInvoiced>{_ROW.format(total)}</InvoiceOrder>"
        for total in totals
    )
    answer = await office.ask("SaveInvoices", f"<invoices>{orders}</invoices>", INVOICES)
    assert answer.status == 200
    assert "APIException" not in answer.body


async def pay(office: Office, *payments: tuple[int, int], day: str = "2024-03-15T00:00:00") -> list[tuple[int, int]]:
    """Register payments, each an InvoiceId and an amount; those that failed come back."""
    items = "".join(
        f"<Payment><InvoiceId>{number}</InvoiceId><Date>{day}</Date><Amount>{amount}</Amount></Payment>"
        for number, amount in payments
    )
    answer = await office.ask("RegisterInvoicePayments", f"<payments>{items}</payments>", PAYMENTS)
    assert answer.status == 200, answer.text
    failed = zip(answer.texts("InvoiceId"), answer.texts("Amount"), strict=True)
    return [(int(number), int(amount)) for number, amount in failed]


async def paid(office: Office) -> dict[int, str]:
    """By InvoiceId, since when an invoice is paid."""
    properties = "".join(f"<string>{name}</string>" for name in ("InvoiceId", "Paid"))
    message = (
        "<searchParams><ChangedAfter>2000-01-01T00:00:00</ChangedAfter></searchParams>"
        f"<invoiceReturnProperties>{properties}</invoiceReturnProperties>"
    )
    answer = await office.ask("GetInvoices", message, INVOICES)
    found = {}
    for order in answer.root.iter("{*}InvoiceOrder"):
        since = order.findtext("{*}Paid")
        if since is not None:
            found[int(order.findtext("{*}InvoiceId"))] = since
    return found


async def payments(office: Office) -> list[KeptPayment]:
    """Every payment that is kept."""
    found = await office.service.read(SearchRecords(DEMO, PAYMENT, limit=10_000))
    return [payment_of(record) for record in found.records]


async def books(office: Office) -> list[tuple[int, int, Decimal, str, bool]]:
    """TransactionNo, account, amount, InvoiceNo and Open of every line of 2024."""
    message = (
        "<searchParams><DateStart>2024-01-01T00:00:00</DateStart><DateEnd>2024-12-31T23:59:59</DateEnd></searchParams>"
    )
    answer: Answer = await office.ask("GetTransactions", message, TRANSACTIONS)
    assert answer.status == 200, answer.text
    found = []
    for line in answer.root.iter(f"{{{ACCOUNTING}}}Transaction"):
        number, account, amount, named, is_open = (
            line.findtext(f"{{{ACCOUNTING}}}{name}", "")
            for name in ("TransactionNo", "AccountNo", "Amount", "InvoiceNo", "Open")
        )
        found.append((int(number), int(account), Decimal(amount), named, is_open == "true"))
    return found


async def check(office: Office, totals: Sequence[int]) -> None:
    """What was made with `invoice`, and all payments so far, agree with one another.

    Payments and vouchers are one to one, their numbers have no hole; an invoice is paid, and its lines are closed, exactly when
    what is kept reaches its total; every voucher balances.
    """
    kept, lines, since = await payments(office), await books(office), await paid(office)
    sums = {number: sum(each.amount for each in kept if each.invoice == number) for number in range(1, len(totals) + 1)}
    settled = {number for number, total in enumerate(totals, 1) if _reached(sums[number], total)}
    assert set(since) == {number for number in settled if any(each.invoice == number for each in kept)}
    assert sorted(each.voucher or 0 for each in kept) == list(range(1, len(kept) + 1))
    assert sorted(line[2] for line in lines if line[1] == 1920) == sorted(each.amount for each in kept)
    assert sum(line[2] for line in lines) == 0
    for _, account, _, number, is_open in lines:
        assert is_open is (account == 1500 and int(number) not in settled)
    if kept:
        assert (await office.gaps("voucher-2-2024")).gaps == ()


def _reached(amount: Decimal | int, total: int) -> bool:
    return amount >= total if total >= 0 else amount <= total


async def check_many_at_once(offices: Sequence[Office]) -> None:
    """Payments of the same invoices through several gateways: all count, and none is too much where that is refused."""
    one = offices[0]
    await invoice(one, 100, 50, -30)
    calls = [pay(office, (1, 30), (2, 5), (3, -10), (1, 1), (7, 1)) for _ in range(3) for office in offices * 2]
    failed = [each for answer in await asyncio.gather(*calls) for each in answer]
    kept = await payments(one)
    assert len(kept) + len(failed) == 5 * len(calls)
    sums = [sum(each.amount for each in kept if each.invoice == number) for number in (1, 2, 3)]
    assert 100 - 30 < sums[0] <= 100
    assert sums[1:] == [min(50, 5 * len(calls)), max(-30, -10 * len(calls))]
    for office in offices:
        await check(office, (100, 50, -30))
