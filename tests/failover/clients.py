"""Clients of the four vendors, which write down what they ask and what they get. Each knows its vendor's wire only.

A request that got neither yes nor no stays unknown in the history; a request that was never sent counts as refused.
Resurs and QQSolutions move the line by setting, InvoiceXpress and 24SevenOffice by issuing. All share one line.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import random
import re
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Final
from urllib.parse import urlencode

from tests.failover.wire import PAUSE_SECONDS, UnansweredError, UnsentError, Wire
from tests.stores.crash.history import History, Operation

LINE: Final = "invoice"
LEAP: Final = 3000
"""A set asks for a number so far above all that was seen that no issue in flight can reach it by itself."""
SET_SHARE: Final = 0.3
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XML: Final = {"Content-Type": "application/xml; charset=utf-8"}


@dataclass
class Notebook:
    """What all clients write into.

    acknowledged: for each acknowledged write its dialect, when it was sent, and when it was answered (time.monotonic).
    """

    history: History = field(default_factory=History)
    acknowledged: list[tuple[str, float, float]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)
    highest: int = 1
    ended: bool = False

    def see(self, number: int) -> None:
        """Note a number that a client has got."""
        self.highest = max(self.highest, number)

    def leap(self) -> int:
        """A number to set that nobody has asked for yet."""
        self.highest += LEAP
        return self.highest


class Client(ABC):
    """One client, which sends one request after the other until the notebook is closed."""

    dialect: ClassVar[str]
    trouble: ClassVar[re.Pattern[str]]
    """The vendor's own answer when its service is in trouble: status and body."""

    def __init__(self, number: int, wire: Wire, book: Notebook) -> None:
        self.number = number
        self.wire = wire
        self.book = book
        self.chance = random.Random(f"{self.dialect}-{number}")

    async def run(self) -> None:
        """Go on until the notebook is closed."""
        while not self.book.ended:
            try:
                await self.turn()
            except (UnsentError, UnansweredError):
                await asyncio.sleep(PAUSE_SECONDS)

    @abstractmethod
    async def turn(self) -> None:
        """Send a few requests. Raises UnsentError, UnansweredError."""

    def begin(self, kind: str, asked: int | None = None, name: str = "") -> Operation:
        """Write down an operation before it is sent.

        name: the text by which its row in the store can be recognised.
        """
        operation = self.book.history.begin(self.number, kind, LINE, name, asked)
        operation.request = name or operation.request
        return operation

    def told(self, operation: Operation, sent: float, **answer: int | bool | None) -> None:
        """Write down an acknowledgement."""
        self.book.history.end(operation, answer)
        for name in ("next", "number", "after"):
            self.book.see(answer.get(name) or 0)
        if operation.kind != "peek":
            self.book.acknowledged.append((self.dialect, sent, time.monotonic()))

    def refused(self, operation: Operation, why: str) -> None:
        """Write down that nothing was done."""
        self.book.history.end(operation, {"refused": why})

    async def failed(self, status: int, text: str) -> None:
        """Write down an answer that is neither yes nor no."""
        if not self.trouble.search(f"{status} {text}"):
            self.book.strange.add(f"{self.dialect} answered {status} {text[:300]!r}, in no words of the vendor's")
        await self.wire.failed(self.dialect, status, text)

    async def sent(self, operation: Operation, *request: object, **more: object) -> tuple[int, str]:
        """Send a request; one that never left is written down as refused."""
        try:
            return await self.wire.send(*request, **more)  # type: ignore[arg-type]
        except UnsentError:
            self.refused(operation, "never sent")
            raise


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
    headers: ClassVar[dict[str, str]] = {
        "Authorization": "Basic " + base64.b64encode(b"demo-se:demo-secret").decode(),
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '""',
    }

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
    _count = 0

    async def turn(self) -> None:
        self._count += 1
        name = f"ix-{self.number}-{self._count}"
        own = await self.draft(name)
        if own:
            await self._finalize(name, own)

    async def shows(self, own: str) -> bool | None:
        """True when the gateway knows the document; None when its answer does not say."""
        status, text = await self.wire.send("GET", f"/invoices/{own}.xml{self.key}", None, XML)
        if status in {200, 404}:
            return status == 200
        await self.failed(status, text)
        return None

    async def draft(self, name: str) -> str:
        """Create a draft; returns its id, empty when that failed."""
        status, text = await self.wire.send("POST", f"/invoices.xml{self.key}", self._form(name), XML)
        if status != 201:
            await self.failed(status, text)
            return ""
        found = re.search(r"<id>(\d+)</id>", text)
        assert found, text
        return found[1]

    @staticmethod
    def _form(name: str) -> str:
        today = dt.datetime.now(dt.UTC).strftime("%d/%m/%Y")
        item = "<item><name>Work</name><unit_price>30</unit_price><quantity>1</quantity></item>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><invoice><date>{today}</date><due_date>{today}</due_date>'
            f"<observations>({name})</observations><client><name>Maria Lopes</name></client>"
            f'<items type="array">{item}</items></invoice>'
        )

    async def _finalize(self, name: str, own: str) -> None:
        operation = self.begin("issue", name=name)
        sent = time.monotonic()
        body = '<?xml version="1.0" encoding="UTF-8"?><invoice><state>finalized</state></invoice>'
        while True:
            try:
                status, text = await self.wire.send("PUT", f"/invoices/{own}/change-state.xml{self.key}", body, XML)
                if 400 <= status < 500 and status != 429:  # it may be final already
                    status, text = await self.wire.send("GET", f"/invoices/{own}.xml{self.key}", None, XML)
            except (UnsentError, UnansweredError):
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                number = re.search(r"<sequence_number>(\d+)/", text)
                if status == 200 and number:
                    return self.told(operation, sent, number=int(number[1]), replayed=False)
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
        if not self._session:
            await self._log_in()
            return
        self._count += 1
        name = f"24so-{self.number}-{self._count}"
        operation = self.begin("issue", name=name)
        sent = time.monotonic()
        body, headers = self._order(name)
        status, text = await self.sent(operation, "POST", self.service, body, headers)
        number = re.search(r"<InvoiceId>(\d+)</InvoiceId>", text)
        if status == 200 and number:
            self.told(operation, sent, number=int(number[1]), replayed=False)
            return
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

    def _order(self, name: str) -> tuple[str, dict[str, str]]:
        order = (
            "<InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus>"
            f"<InvoiceTitle>({name})</InvoiceTitle><InvoiceRows><InvoiceRow><ProductId>1</ProductId>"
            "<Quantity>1</Quantity></InvoiceRow></InvoiceRows></InvoiceOrder>"
        )
        namespace = "http://24sevenOffice.com/webservices"
        content = f'<SaveInvoices xmlns="{namespace}"><invoices>{order}</invoices></SaveInvoices>'
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{namespace}/SaveInvoices"',
            "Cookie": f"ASP.NET_SessionId={self._session}",
        }
        return self.envelope.format(content), headers


DIALECTS: Final[tuple[type[Client], ...]] = (ResursClient, QqClient, InvoiceXpressClient, OfficeClient)
