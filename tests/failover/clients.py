"""Clients of the four vendors. Each knows its vendor's wire only.

Resurs and QQSolutions move the line by setting, InvoiceXpress and 24SevenOffice by issuing. All share one line.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import re
import time
from abc import abstractmethod
from typing import ClassVar, Final
from urllib.parse import urlencode

from tests.failover.notebook import LINE, Client
from tests.failover.wire import PAUSE_SECONDS, UnansweredError, UnsentError
from tests.stores.crash.history import Operation

SET_SHARE: Final = 0.3
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XML: Final = {"Content-Type": "application/xml; charset=utf-8"}


class Setter(Client):
    """Sets and peeks."""

    async def turn(self) -> None:
        await (self.set() if self.chance.random() < SET_SHARE else self.peek())

    @abstractmethod
    async def set(self) -> None:
        """Set the next number to one that no client has asked for."""

    @abstractmethod
    async def peek(self) -> None:
        """Ask for the next number."""

    def begin_set(self) -> tuple[Operation, int]:
        """Write down a set; its number is its name."""
        number = self.book.leap()
        return self.begin("set", number, f"set {number}"), number


class ResursClient(Setter):
    """setInvoiceSequence and peekInvoiceSequence."""

    dialect = "resurs"
    trouble = re.compile(r"^50[03] <soap:Envelope .*<faultcode>soap:Server</faultcode>.*</soap:Envelope>$", re.DOTALL)
    path: ClassVar[str] = "/ecommerce-test/ws/V4/ConfigurationService"
    envelope: ClassVar[str] = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:c="http://ecommerce.resurs.com/v4/msg/configuration">'
        "<s:Body>{}</s:Body></s:Envelope>"
    )

    @staticmethod
    def headers_of(username: str, password: str) -> dict[str, str]:
        """The headers of an account's requests."""
        return {
            "Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode(),
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": '""',
        }

    @property
    def headers(self) -> dict[str, str]:
        return self.headers_of("demo-se", "demo-secret")

    async def set(self) -> None:
        operation, number = self.begin_set()
        content = f"<c:setInvoiceSequence><nextInvoiceNumber>{number}</nextInvoiceNumber></c:setInvoiceSequence>"
        sent = time.monotonic()
        status, text = await self.sent(operation, "POST", self.path, self.envelope.format(content), self.headers)
        if status == 200:
            self.told(operation, sent, before=None, after=number)
        elif "<errorTypeId>1</errorTypeId>" in text:
            self.refused(operation, text)
        else:
            await self.failed(status, text)

    async def peek(self) -> None:
        operation = self.begin("peek")
        sent = time.monotonic()
        content = self.envelope.format("<c:peekInvoiceSequence/>")
        status, text = await self.sent(operation, "POST", self.path, content, self.headers)
        if status == 200:
            shown = re.search(r"nextInvoiceNumber>(\d+)<", text)
            self.told(operation, sent, next=int(shown[1]) if shown else None)
        else:
            await self.failed(status, text)


class QqClient(Setter):
    """Invoice number settings of a location."""

    dialect = "qqsolutions"
    trouble = re.compile(r'^50[03] \{"(Message":"An error has occurred\."|error":"temporarily_unavailable").*\}$')
    path: ClassVar[str] = "/v1/Locations/37/Finance/InvoiceNumbers"
    login: ClassVar[dict[str, str]] = {
        "grant_type": "password",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "username": "demo",
        "password": "demo-secret",
    }
    _token = ""

    async def turn(self) -> None:
        if not self._token:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            status, text = await self.wire.send("POST", "/oauth/token", urlencode(self.login), form)
            if status != 200:
                await self.failed(status, text)
                return
            self._token = json.loads(text)["access_token"]
        await super().turn()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}

    async def set(self) -> None:
        operation, number = self.begin_set()
        body = json.dumps({"NextNumberShouldBe": number, "Suffix": None, "Prefix": None})
        sent = time.monotonic()
        status, text = await self.sent(operation, "POST", self.path, body, self.headers)
        if status == 401:
            self._token = ""
            self.refused(operation, text)
        elif status == 200:
            if json.loads(text)["IsSuccess"]:
                self.told(operation, sent, before=None, after=number)
            else:
                self.refused(operation, text)
        else:
            await self.failed(status, text)

    async def peek(self) -> None:
        operation = self.begin("peek")
        sent = time.monotonic()
        status, text = await self.sent(operation, "GET", self.path, None, self.headers)
        if status == 200:
            self.told(operation, sent, next=json.loads(text)["SequenceValue"]["NextNumberShouldBe"])
        elif status == 401:
            self._token = ""
        else:
            await self.failed(status, text)


class InvoiceXpressClient(Client):
    """InvoiceXpress: drafts and finalizes. It repeats a finalize without an answer until the number is known."""

    dialect = "invoicexpress"
    trouble = re.compile(r"^500 <!DOCTYPE html>.*<title>Server error \(500\)</title>", re.DOTALL)
    key: ClassVar[str] = "?api_key=demo-key"
    final: ClassVar[str] = '<?xml version="1.0" encoding="UTF-8"?><invoice><state>finalized</state></invoice>'
    _count = 0

    @staticmethod
    def id_in(text: str) -> str:
        """The id of the document that an answer shows, empty when it shows none."""
        found = re.search(r"<id>(\d+)</id>", text)
        return found[1] if found else ""

    @staticmethod
    def number_in(text: str) -> int | None:
        """The number of the document that an answer shows, None when it has none."""
        found = re.search(r"<sequence_number>(\d+)/", text)
        return int(found[1]) if found else None

    async def turn(self) -> None:
        self._count += 1
        name = f"ix-{self.number}-{self._count}"
        own = await self.draft(name)
        if own:
            await self.finalize(name, own)

    async def shows(self, own: str) -> bool | None:
        """True when the gateway knows the document; None when its answer does not say."""
        status, text = await self.wire.send("GET", f"/invoices/{own}.xml{self.key}", None, XML)
        if status in {200, 404}:
            return status == 200
        await self.failed(status, text)
        return None

    async def draft(self, name: str) -> str:
        """Create a draft; returns its id, empty when that failed."""
        status, text = await self.wire.send("POST", f"/invoices.xml{self.key}", self.form(f"({name})"), XML)
        if status != 201:
            await self.failed(status, text)
            return ""
        assert self.id_in(text), text
        return self.id_in(text)

    @staticmethod
    def form(text: str) -> str:
        """An invoice with a text by which it can be recognised."""
        today = dt.datetime.now(dt.UTC).strftime("%d/%m/%Y")
        item = "<item><name>Work</name><unit_price>30</unit_price><quantity>1</quantity></item>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><invoice><date>{today}</date><due_date>{today}</due_date>'
            f"<observations>{text}</observations><client><name>Maria Lopes</name></client>"
            f'<items type="array">{item}</items></invoice>'
        )

    async def finalize(self, name: str, own: str) -> None:
        """Give a document its number; repeats the request until it is answered or the notebook is closed."""
        operation = self.begin("issue", name=name)
        sent = time.monotonic()
        while True:
            try:
                status, text = await self.wire.send(
                    "PUT", f"/invoices/{own}/change-state.xml{self.key}", self.final, XML
                )
                if 400 <= status < 500 and status != 429:  # it may be final already
                    status, text = await self.wire.send("GET", f"/invoices/{own}.xml{self.key}", None, XML)
            except (UnsentError, UnansweredError):
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                number = self.number_in(text)
                if status == 200 and number is not None:
                    return self.told(operation, sent, number=number, replayed=False)
                if status == 404:
                    self.book.missing.append(f"the draft {own} of {name} was acknowledged, but is unknown")
                if status in {200, 404}:
                    return self.refused(operation, text)
                await self.failed(status, text)
            if self.book.ended:
                return None


class OfficeClient(Client):
    """24SevenOffice: SaveInvoices with an order that is invoiced at once. A save without an answer is not repeated."""

    dialect = "twentyfoursevenoffice"
    trouble = re.compile(r"^(500 .*<soap:Fault>|200 .*<APIException>).*</soap:Envelope>$", re.DOTALL)
    login: ClassVar[str] = "/authenticate/v001/authenticate.asmx"
    service: ClassVar[str] = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
    envelope: ClassVar[str] = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{{}}</soap:Body></soap:Envelope>'
    )
    _session = ""
    _count = 0

    async def turn(self) -> None:
        await self.save()

    async def save(self) -> tuple[str, str]:
        """Save an order as invoiced; returns its name and the vendor's id, which is empty when that failed."""
        if not self._session:
            await self._log_in()
            return "", ""
        self._count += 1
        name = f"24so-{self.number}-{self._count}"
        operation = self.begin("issue", name=name)
        sent = time.monotonic()
        status, text = await self.sent(
            operation, "POST", self.service, *self._request("SaveInvoices", self._order(name))
        )
        number = re.search(r"<InvoiceId>(\d+)</InvoiceId>", text)
        if status == 200 and number:
            self.told(operation, sent, number=int(number[1]), replayed=False)
            return name, re.findall(r"<OrderId>(\d+)</OrderId>", text)[0]
        self._session = ""
        await self.failed(status, text)
        return name, ""

    async def look(self, name: str, order: str) -> None:
        """Read an order that was saved."""
        operation = self.book.history.begin(self.number, "show", LINE, name)
        sent = time.monotonic()
        wanted = "<string>OrderId</string><string>InvoiceId</string>"
        content = (
            f"<searchParams><OrderIds><int>{order}</int></OrderIds></searchParams>"
            f"<invoiceReturnProperties>{wanted}</invoiceReturnProperties>"
        )
        status, text = await self.sent(operation, "POST", self.service, *self._request("GetInvoices", content))
        if status == 200 and "<GetInvoicesResult" in text:
            number = re.search(r"<InvoiceId>(\d+)</InvoiceId>", text)
            self.told(operation, sent, number=int(number[1]) if number else None)
        else:
            self._session = ""
            await self.failed(status, text)

    async def _log_in(self) -> None:
        credential = (
            "<ApplicationId>00000000-0000-4000-8000-000000000024</ApplicationId>"
            "<Password>demo-secret</Password><Username>demo@example.com</Username>"
        )
        content = f'<Login xmlns="http://24sevenOffice.com/webservices"><credential>{credential}</credential></Login>'
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": '"http://24sevenOffice.com/webservices/Login"',
        }
        status, text = await self.wire.send("POST", self.login, self.envelope.format(content), headers)
        found = re.search(r"<LoginResult>([^<]+)</LoginResult>", text)
        if status == 200 and found:
            self._session = found[1]
        else:
            await self.failed(status, text)

    @staticmethod
    def _order(name: str) -> str:
        return (
            "<invoices><InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus>"
            f"<InvoiceTitle>({name})</InvoiceTitle><InvoiceRows><InvoiceRow><ProductId>1</ProductId>"
            "<Quantity>1</Quantity></InvoiceRow></InvoiceRows></InvoiceOrder></invoices>"
        )

    def _request(self, operation: str, content: str) -> tuple[str, dict[str, str]]:
        namespace = "http://24sevenOffice.com/webservices"
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{namespace}/{operation}"',
            "Cookie": f"ASP.NET_SessionId={self._session}",
        }
        return self.envelope.format(f'<{operation} xmlns="{namespace}">{content}</{operation}>'), headers


DIALECTS: Final[tuple[type[Client], ...]] = (ResursClient, QqClient, InvoiceXpressClient, OfficeClient)
