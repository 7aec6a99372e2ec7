"""A client of InvoiceService, PaymentService and TransactionService that writes plain envelopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp.test_utils import TestClient

from tests.adapters.twentyfoursevenoffice.orders.office import NAMESPACE, SOAP, XSI, Fault, Office, content, element
from tests.conftest import base_url

PAYMENTS = "/Economy/InvoiceOrder/V001/PaymentService.asmx"
TRANSACTIONS = "/Economy/Accounting/V001/TransactionService.asmx"
ACCOUNTING = "http://24sevenoffice.com/webservices/economy/accounting/"
_LISTS = {"Dimensions", "RegisterInvoicePaymentsResult", "GetTransactionsResult"}


def plain(node: ET.Element) -> Any:
    """An element's value: a list for results and array types, a dictionary of its children, else its text."""
    name = node.tag.rpartition("}")[2]
    if name in _LISTS or (name.endswith("Result") and name != "RegisterInvoicePaymentResult"):
        return [plain(child) for child in node]
    return {child.tag.rpartition("}")[2]: plain(child) for child in node} if len(node) else node.text or ""


class Cashier(Office):
    """Registers payments and reads the books."""

    async def ask(self, path: str, namespace: str, operation: str, message: Mapping[str, Any] | str) -> Any:
        """The result of an operation; None without one. Raises Fault.

        message: by name, or as XML.
        """
        response = await self._response(path, namespace, operation, message)
        return plain(response[0]) if len(response) else None

    async def text(self, path: str, namespace: str, operation: str) -> str:
        """The text of the result of an operation that takes nothing. Raises Fault."""
        return (await self._response(path, namespace, operation, ""))[0].text or ""

    async def _response(
        self, path: str, namespace: str, operation: str, message: Mapping[str, Any] | str
    ) -> ET.Element:
        inside = message if isinstance(message, str) else content(message)
        body = (
            f'<e:Envelope xmlns:e="{SOAP}" xmlns:xsi="{XSI}"><e:Body>'
            f'<{operation} xmlns="{namespace}">{inside}</{operation}></e:Body></e:Envelope>'
        )
        action = namespace + ("" if namespace.endswith("/") else "/") + operation
        headers = {"Content-Type": "text/xml", "SOAPAction": action, "Cookie": f"ASP.NET_SessionId={self.cookie}"}
        async with self.session.post(self.base + path, data=body.encode(), headers=headers) as answer:
            text = await answer.read()
        root = ET.fromstring(text)
        if answer.status != 200:
            raise Fault(root.findtext(".//faultstring") or f"status {answer.status}")
        return root[0][0]

    async def pay(self, invoice: int | None, amount: Any, date: str | None = "2024-03-15T00:00:00") -> dict[str, Any]:
        """RegisterInvoicePayment; what is None is left out."""
        payment = {"InvoiceId": invoice, "Date": date, "Amount": amount}
        sent = {"payment": {name: value for name, value in payment.items() if value is not None}}
        found: dict[str, Any] = await self.ask(PAYMENTS, NAMESPACE, "RegisterInvoicePayment", sent)
        return found

    async def pay_all(self, *payments: tuple[int, Any]) -> list[dict[str, Any]]:
        """RegisterInvoicePayments: an invoice and an amount each, all on one day."""
        sent = [{"InvoiceId": one, "Date": "2024-03-15T00:00:00", "Amount": amount} for one, amount in payments]
        message = f"<payments>{''.join(element('Payment', each) for each in sent)}</payments>"
        found: list[dict[str, Any]] = await self.ask(PAYMENTS, NAMESPACE, "RegisterInvoicePayments", message)
        return found

    async def paid(self, *invoices: int) -> list[str | None]:
        """Since when each invoice is paid, by GetInvoices."""
        found = await self.get(["InvoiceId", "Paid"], InvoiceIds=list(invoices))
        dates = {int(one["InvoiceId"]): one.get("Paid") for one in found}
        return [dates.get(invoice) for invoice in invoices]

    async def transactions(self, **filters: Any) -> list[dict[str, Any]]:
        """GetTransactions, of 2024 unless the filters say otherwise."""
        asked = {"DateStart": "2024-01-01T00:00:00", "DateEnd": "2024-12-31T23:59:59", **filters}
        message = {"searchParams": {name: value for name, value in asked.items() if value is not None}}
        found: list[dict[str, Any]] = await self.ask(TRANSACTIONS, ACCOUNTING, "GetTransactions", message)
        return found


async def cashier(client: TestClient, cookie: str = "") -> Cashier:
    """A cashier of the demo company, or with the session of somebody else."""
    made = Cashier(client.session, base_url(client), cookie)
    if not cookie:
        await made.login()
    return made


def invoice(*rows: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    """An invoice of March 2024 for customer 1; one row of 1,000.00 and VAT of 250.00 unless rows are given."""
    usual = {"ProductId": 1, "Quantity": 10, "Price": 100}
    head = {"CustomerId": 1, "OrderStatus": "Invoiced", "DateInvoiced": "2024-03-10T00:00:00"}
    return {**head, "InvoiceRows": list(rows) or [usual], **properties}
