"""What is measured: one request of each dialect that reads, and one that makes a number move durably."""

from __future__ import annotations

import base64
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.load import Request

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_CONFIGURATION = "http://ecommerce.resurs.com/v4/msg/configuration"
_RESURS_PATH = "/ecommerce-test/ws/V4/ConfigurationService"
_RESURS_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '""',
    "Authorization": "Basic " + base64.b64encode(b"demo-se:demo-secret").decode(),
}
_QQ_PATH = "/v1/Locations/37/Finance/InvoiceNumbers"


def _resurs(content: str) -> str:
    return (
        f'<soapenv:Envelope xmlns:soapenv="{_SOAP}" xmlns:con="{_CONFIGURATION}"><soapenv:Header/>'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )


def resurs_peek(_: str) -> Request:
    """peekInvoiceSequence."""
    return Request(_RESURS_PATH, "POST", _RESURS_HEADERS, _resurs("<con:peekInvoiceSequence/>"))


def resurs_set(_: str) -> Request:
    """setInvoiceSequence with a number that grows."""
    content = "<con:setInvoiceSequence><nextInvoiceNumber>{n}</nextInvoiceNumber></con:setInvoiceSequence>"
    return Request(_RESURS_PATH, "POST", _RESURS_HEADERS, _resurs(content), start=1_000_000)


def _bearer(address: str) -> dict[str, str]:
    form = {
        "grant_type": "password",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "username": "demo",
        "password": "demo-secret",
    }
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{address}/oauth/token", data) as answer:
        text = answer.read().decode()
    token = text.split('"access_token":"')[1].split('"')[0]
    return {"Authorization": f"Bearer {token}"}


def qq_get(address: str) -> Request:
    """GET InvoiceNumbers with a bearer token."""
    return Request(_QQ_PATH, headers=_bearer(address))


def qq_post(address: str) -> Request:
    """POST InvoiceNumbers with a number that grows."""
    headers = {**_bearer(address), "Content-Type": "application/json"}
    return Request(
        _QQ_PATH, "POST", headers, '{"NextNumberShouldBe": {n}, "Suffix": "", "Prefix": ""}', start=2_000_000
    )


def invoicexpress_get(_: str) -> Request:
    """sequences.get."""
    return Request("/sequences/1.xml?api_key=demo-key")


def invoicexpress_update(_: str) -> Request:
    """sequences.update with a number that grows."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><sequence><serie>main</serie>'
        "<current_invoice_number>{n}</current_invoice_number><current_credit_note_number>0</current_credit_note_number>"
        "<current_debit_note_number>0</current_debit_note_number></sequence>"
    )
    headers = {"Content-Type": "application/xml; charset=utf-8"}
    return Request("/sequences/1.xml?api_key=demo-key", "PUT", headers, body, start=3_000_000)


@dataclass(frozen=True)
class Workload:
    """A row of the table: name, what is sent, and the ratio to the bare handler that is the goal (0 = none)."""

    name: str
    request: Callable[[str], Request]
    goal: float = 0.0


READS = (
    Workload("Resurs peek", resurs_peek, 1.0),
    Workload("QQSolutions GET", qq_get, 1.0),
    Workload("InvoiceXpress get", invoicexpress_get, 0.9),
)
WRITES = (
    Workload("Resurs set, durable", resurs_set, 0.75),
    Workload("QQSolutions POST, durable", qq_post, 0.75),
    Workload("InvoiceXpress update, durable", invoicexpress_update, 0.75),
)
