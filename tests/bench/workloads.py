"""The requests of each dialect: those that read, those that move a line, and those that give out a number."""

from __future__ import annotations

import base64
import datetime as dt
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.load import Request
from tests.bench.payments import first_open

_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_CONFIGURATION: Final = "http://ecommerce.resurs.com/v4/msg/configuration"
RESURS_PATH: Final = "/ecommerce-test/ws/V4/ConfigurationService"
_RESURS_HEADERS: Final = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '""',
    "Authorization": "Basic " + base64.b64encode(b"demo-se:demo-secret").decode(),
}
_AFTER_SHOP: Final = "http://ecommerce.resurs.com/v4/msg/aftershopflow"
_AFTER_SHOP_PATH: Final = "/ecommerce-test/ws/V4/AfterShopFlowService"
_QQ_PATH: Final = "/v1/Locations/37/Finance/InvoiceNumbers"
_XML: Final = {"Content-Type": "application/xml; charset=utf-8"}
_KEY: Final = "?api_key=demo-key"
OFFICE: Final = "http://24sevenOffice.com/webservices"
_OFFICE_PATH: Final = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
_ROWS: Final = "<InvoiceRow><ProductId>1</ProductId><Quantity>2</Quantity></InvoiceRow>"
_ORDER_FIELDS: Final = """
    OrderId CustomerId CustomerName CustomerOrgNo OrderStatus InvoiceId DateOrdered DateInvoiced DateChanged PaymentTime
    IncludeVAT OrderTotalIncVat OrderTotalVat Currency InvoiceRows
"""
_ROW_FIELDS: Final = "ProductId RowId VatRate Price Name DiscountRate Quantity Cost TypeGroupId InPrice ProductNo"


@dataclass(frozen=True)
class Workload:
    """One kind of request.

    request: makes the request for a server's address.
    goal: the ratio to reach on SQLite.
    goal_postgres: the ratio to reach on PostgreSQL.
    sets: it sets the next number of `main`, so its number must be above all that any dialect has set before.
    """

    name: str
    request: Callable[[str], Request]
    goal: float = 0.0
    goal_postgres: float = 0.0
    writes: bool = False
    sets: bool = False


def send(address: str, request: Request) -> bytes:
    """Send a request once; returns the answer's body. Raises HTTPError when it is refused."""
    call = urllib.request.Request(
        address + request.path, request.body.encode() or None, request.headers, method=request.method
    )
    with urllib.request.urlopen(call, timeout=120) as answer:
        body: bytes = answer.read()
        return body


def _resurs(content: str) -> str:
    return (
        f'<soapenv:Envelope xmlns:soapenv="{_SOAP}" xmlns:con="{_CONFIGURATION}"><soapenv:Header/>'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )


def resurs_peek(_: str) -> Request:
    """peekInvoiceSequence."""
    return Request(RESURS_PATH, "POST", _RESURS_HEADERS, _resurs("<con:peekInvoiceSequence/>"))


def resurs_set(_: str) -> Request:
    """setInvoiceSequence with a number that grows."""
    content = "<con:setInvoiceSequence><nextInvoiceNumber>{n}</nextInvoiceNumber></con:setInvoiceSequence>"
    return Request(RESURS_PATH, "POST", _RESURS_HEADERS, _resurs(content))


def _after_shop(operation: str, content: str, start: int = 1) -> Request:
    wrapper = f'<aft:{operation} xmlns:aft="{_AFTER_SHOP}">{content}</aft:{operation}>'
    body = f'<soapenv:Envelope xmlns:soapenv="{_SOAP}"><soapenv:Body>{wrapper}</soapenv:Body></soapenv:Envelope>'
    return Request(_AFTER_SHOP_PATH, "POST", _RESURS_HEADERS, body, start=start)


def resurs_get_payment(_: str) -> Request:
    """getPayment of a payment that is finalized."""
    return _after_shop("getPayment", "<paymentId>1</paymentId>")


def resurs_find(_: str) -> Request:
    """findPayments as ecomphp asks for the newest numbers, with ten a page."""
    columns = "".join(f"<sortColumns>{name}_TIME</sortColumns>" for name in ("FINALIZED", "MODIFIED", "BOOKED"))
    return _after_shop(
        "findPayments",
        "<searchCriteria><statusSet>IS_DEBITED</statusSet></searchCriteria><pageNumber>1</pageNumber>"
        f"<itemsPerPage>10</itemsPerPage><sortBy><ascending>false</ascending>{columns}</sortBy>",
    )


def resurs_finalize(count: int) -> Workload:
    """finalizePayment of payment n, which gets the next number. `payments.py` makes `count` payments."""
    first = first_open(count)
    name = "Resurs finalizePayment"
    return Workload(name, lambda _: _after_shop("finalizePayment", "<paymentId>{n}</paymentId>", first), writes=True)


def _bearer(address: str) -> dict[str, str]:
    form = {
        "grant_type": "password",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "username": "demo",
        "password": "demo-secret",
    }
    with urllib.request.urlopen(f"{address}/oauth/token", urllib.parse.urlencode(form).encode()) as answer:
        text = answer.read().decode()
    token = text.split('"access_token":"')[1].split('"')[0]
    return {"Authorization": f"Bearer {token}"}


def qq_get(address: str) -> Request:
    """GET InvoiceNumbers with a bearer token."""
    return Request(_QQ_PATH, headers=_bearer(address))


def qq_post(address: str) -> Request:
    """POST InvoiceNumbers with a number that grows."""
    headers = {**_bearer(address), "Content-Type": "application/json"}
    body = '{"NextNumberShouldBe": {n}, "Suffix": "", "Prefix": ""}'
    return Request(_QQ_PATH, "POST", headers, body)


def invoicexpress_get(_: str) -> Request:
    """sequences.get."""
    return Request(f"/sequences/1.xml{_KEY}")


def invoicexpress_update(_: str) -> Request:
    """sequences.update with a number that grows."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><sequence><serie>main</serie>'
        "<current_invoice_number>{n}</current_invoice_number><current_credit_note_number>0</current_credit_note_number>"
        "<current_debit_note_number>0</current_debit_note_number></sequence>"
    )
    return Request(f"/sequences/1.xml{_KEY}", "PUT", _XML, body)


def invoicexpress_draft(_: str) -> Request:
    """invoices.create: a draft, without a number."""
    today = f"{dt.datetime.now(dt.UTC):%d/%m/%Y}"
    item = "<item><name>Barco</name><unit_price>30</unit_price><quantity>1</quantity></item>"
    body = (
        f"<invoice><date>{today}</date><due_date>{today}</due_date><client><name>Maria Lopes</name></client>"
        f'<items type="array">{item}</items></invoice>'
    )
    return Request(f"/invoices.xml{_KEY}", "POST", _XML, body)


def invoicexpress_issue(_: str) -> Request:
    """change-state of draft n, which gets the next number. `prepared.py` makes the drafts."""
    return Request(
        f"/invoice/{{n}}/change-state.xml{_KEY}",
        "PUT",
        _XML,
        "<invoice><state>finalized</state></invoice>",
        start=FIRST_DRAFT,
    )


def office_headers(address: str, operation: str, namespace: str = OFFICE) -> dict[str, str]:
    """The headers of an operation of 24SevenOffice, after a login of its own."""
    body = (
        f'<Login xmlns="{OFFICE}"><credential><ApplicationId>00000000-0000-4000-8000-000000000024</ApplicationId>'
        "<Username>demo@example.com</Username><Password>demo-secret</Password></credential></Login>"
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{OFFICE}/Login"'}
    login = Request("/authenticate/v001/authenticate.asmx", "POST", headers, office_envelope(body))
    found = re.search(rb"<LoginResult>([^<]+)<", send(address, login))
    assert found is not None
    session = found[1].decode()
    return {**headers, "SOAPAction": f'"{namespace}/{operation}"', "Cookie": f"ASP.NET_SessionId={session}"}


def office_envelope(content: str) -> str:
    """A message of 24SevenOffice."""
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{head}<soap:Envelope xmlns:soap="{_SOAP}"><soap:Body>{content}</soap:Body></soap:Envelope>'


def office_save(address: str, orders: int = 1) -> Request:
    """SaveInvoices of orders in state Invoiced: each gets the next number."""
    inside = f"<CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus><InvoiceRows>{_ROWS}</InvoiceRows>"
    order = f"<InvoiceOrder>{inside}</InvoiceOrder>"
    body = f'<SaveInvoices xmlns="{OFFICE}"><invoices>{order * orders}</invoices></SaveInvoices>'
    return Request(_OFFICE_PATH, "POST", office_headers(address, "SaveInvoices"), office_envelope(body))


def office_get(address: str, numbers: Sequence[int] = (1,)) -> Request:
    """GetInvoices by numbers, 15 fields of each order and 11 of each row."""
    ids = "".join(f"<int>{number}</int>" for number in numbers)
    fields = "".join(f"<string>{name}</string>" for name in _ORDER_FIELDS.split())
    rows = "".join(f"<string>{name}</string>" for name in _ROW_FIELDS.split())
    body = (
        f'<GetInvoices xmlns="{OFFICE}"><searchParams><InvoiceIds>{ids}</InvoiceIds></searchParams>'
        f"<invoiceReturnProperties>{fields}</invoiceReturnProperties><rowReturnProperties>{rows}</rowReturnProperties></GetInvoices>"
    )
    return Request(_OFFICE_PATH, "POST", office_headers(address, "GetInvoices"), office_envelope(body))


def office_get_1000(address: str) -> Request:
    """GetInvoices of the first 1,000."""
    return office_get(address, range(1, 1001))


def office_get_100(address: str) -> Request:
    """GetInvoices of 100 numbers: every tenth of the first 1,000."""
    return office_get(address, range(1, 1001, 10))


FIRST_DRAFT: Final = 10_000_000
"""The first id of prepared drafts."""

RESURS_GET_PAYMENT: Final = Workload("Resurs getPayment", resurs_get_payment)
RESURS_FIND: Final = Workload("Resurs findPayments, 10 of 40 %", resurs_find)
RESURS_PEEK: Final = Workload("Resurs peek", resurs_peek, 1.0, 0.75)
RESURS_SET: Final = Workload("Resurs set", resurs_set, 0.75, 0.6, writes=True, sets=True)
INVOICEXPRESS_ISSUE: Final = Workload("InvoiceXpress issue", invoicexpress_issue, 0.75, 0.6, writes=True)
OFFICE_SAVE: Final = Workload("24SevenOffice SaveInvoices, invoiced", office_save, 0.0, 0.0, writes=True)
OFFICE_GET_1000: Final = Workload("24SevenOffice GetInvoices, 1,000 orders", office_get_1000)
READS: Final = (
    RESURS_PEEK,
    Workload("QQSolutions GET", qq_get, 1.0, 0.75),
    Workload("InvoiceXpress get", invoicexpress_get, 0.9, 0.75),
    Workload("24SevenOffice GetInvoices, 1 order", office_get),
)
WRITES: Final = (
    RESURS_SET,
    Workload("QQSolutions POST", qq_post, 0.75, 0.6, writes=True, sets=True),
    Workload("InvoiceXpress update", invoicexpress_update, 0.75, 0.6, writes=True, sets=True),
    INVOICEXPRESS_ISSUE,
    OFFICE_SAVE,
)
