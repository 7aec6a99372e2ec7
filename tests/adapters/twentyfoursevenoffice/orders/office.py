"""A client that writes plain envelopes and reads the answers as nested dictionaries, independent of the gateway's own code."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import aiohttp

NAMESPACE = "http://24sevenOffice.com/webservices"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
INVOICE_SERVICE = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
AUTHENTICATE = "/authenticate/v001/authenticate.asmx"
APPLICATION = "00000000-0000-4000-8000-000000000024"
ITEMS = {
    "InvoiceRows": "InvoiceRow",
    "invoices": "InvoiceOrder",
    "UserDefinedDimensions": "UserDefinedDimension",
    "CustomerIds": "int",
    "OrderIds": "int",
    "InvoiceIds": "int",
    "ExternalStatus": "int",
    "OrderStates": "OrderSlipStateType",
    "invoiceReturnProperties": "string",
    "rowReturnProperties": "string",
}
LISTS = {"InvoiceRows", "UserDefinedDimensions", "GetInvoicesResult", "SaveInvoicesResult", "UpdateInvoicesResult"}


class Fault(Exception):
    """What came in place of an answer."""


def content(value: Any, name: str = "") -> str:
    """The content of an element: a mapping becomes children, a list becomes items, anything else becomes text."""
    if isinstance(value, Mapping):
        return "".join(element(child, inside) for child, inside in value.items())
    if isinstance(value, (list, tuple)):
        return "".join(element(ITEMS[name], item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


def element(name: str, value: Any) -> str:
    """One element; None is nil."""
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    return f"<{name}>{content(value, name)}</{name}>"


def envelope(operation: str, message: Mapping[str, Any]) -> bytes:
    """A SOAP 1.1 request in the form that the vendor's pages show."""
    inside = content(message)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:xsi="{XSI}" xmlns:soap="{SOAP}"><soap:Body>'
        f'<{operation} xmlns="{NAMESPACE}">{inside}</{operation}></soap:Body></soap:Envelope>'
    ).encode()


def read(node: ET.Element) -> Any:
    """An element's value: a dictionary of its children, a list for list types, else its text; nil is None."""
    name = node.tag.rpartition("}")[2]
    if node.get(f"{{{XSI}}}nil") == "true":
        return None
    if name in LISTS:
        return [read(child) for child in node]
    if len(node):
        return {child.tag.rpartition("}")[2]: read(child) for child in node}
    return node.text or ""


@dataclass
class Office:
    """A session with the gateway's 24SevenOffice services."""

    session: aiohttp.ClientSession
    base: str
    cookie: str = ""

    async def login(self, username: str = "demo@example.com", password: str = "demo-secret") -> Office:
        """Log in; the session id in the answer becomes the cookie's value."""
        credential = {"ApplicationId": APPLICATION, "Password": password, "Username": username}
        answer = await self._post(AUTHENTICATE, "Login", {"credential": credential})
        self.cookie = answer["LoginResult"]
        return self

    async def call(self, operation: str, message: Mapping[str, Any]) -> Any:
        """The result of an operation of InvoiceService, None when the answer has none. Raises Fault."""
        answer = await self._post(INVOICE_SERVICE, operation, message)
        return None if answer == "" else answer[f"{operation}Result"]

    async def save(self, *orders: Mapping[str, Any]) -> list[dict[str, Any]]:
        """SaveInvoices."""
        answer: list[dict[str, Any]] = await self.call("SaveInvoices", {"invoices": orders})
        return answer

    async def get(
        self, properties: Sequence[str] = (), rows: Sequence[str] = (), **filters: Any
    ) -> list[dict[str, Any]]:
        """GetInvoices."""
        message: dict[str, Any] = {"searchParams": filters}
        if properties:
            message["invoiceReturnProperties"] = list(properties)
        if rows:
            message["rowReturnProperties"] = list(rows)
        answer: list[dict[str, Any]] = await self.call("GetInvoices", message)
        return answer

    async def sync(self, **filters: Any) -> list[int]:
        """GetOrderSyncList."""
        text = await self.send("GetOrderSyncList", envelope("GetOrderSyncList", {"syncParams": filters}))
        return [int(found) for found in re.findall(r"<int>(\d+)</int>", text.decode())]

    async def send(self, operation: str, body: bytes, path: str = INVOICE_SERVICE) -> bytes:
        """Send an envelope; returns the bytes of the answer. Raises Fault."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'}
        if self.cookie:
            headers["Cookie"] = f"ASP.NET_SessionId={self.cookie}"
        async with self.session.post(self.base + path, data=io.BytesIO(body), headers=headers) as answer:
            text = await answer.read()
        if answer.status != 200:
            found = re.search(rb"<faultstring>(.*?)</faultstring>", text, re.DOTALL)
            raise Fault(found[1].decode() if found else f"status {answer.status}")
        return text

    async def _post(self, path: str, operation: str, message: Mapping[str, Any]) -> Any:
        root = ET.fromstring(await self.send(operation, envelope(operation, message), path))
        return read(root[0][0])
