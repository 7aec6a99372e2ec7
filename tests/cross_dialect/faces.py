"""One client per dialect, for tests that see one number through all of them. Each client speaks its vendor's wire only."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, ClassVar

import aiohttp

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
RESURS = "http://ecommerce.resurs.com/v4/msg/"
CONFIGURATION = f"{RESURS}configuration"
SERVICES = {
    "configuration": "ConfigurationService",
    "aftershopflow": "AfterShopFlowService",
    "simplifiedshopflow": "SimplifiedShopFlowService",
}


@dataclass
class Resurs:
    """The sequence of invoices, and payments that draw from it."""

    session: aiohttp.ClientSession
    base: str
    folder: ClassVar[str] = "/ecommerce-test/ws/V4/"
    path: ClassVar[str] = folder + SERVICES["configuration"]
    credentials: ClassVar[str] = base64.b64encode(b"demo-se:demo-secret").decode()

    async def _call(self, content: str, service: str = "configuration") -> tuple[int, str]:
        body = f'<s:Envelope xmlns:s="{SOAP}" xmlns:c="{RESURS}{service}"><s:Header/><s:Body>{content}</s:Body></s:Envelope>'
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": '""',
            "Authorization": f"Basic {self.credentials}",
        }
        url = self.base + self.folder + SERVICES[service]
        async with self.session.post(url, data=body.encode(), headers=headers) as answer:
            return answer.status, await answer.text()

    async def _change(self, content: str) -> int:
        """Call AfterShopFlowService; returns the errorTypeId, 0 when it went well."""
        status, text = await self._call(content, "aftershopflow")
        found = re.search(r"<errorTypeId>(\d+)</errorTypeId>", text)
        assert found or status == 200, text
        return int(found[1]) if found else 0

    async def book(self, payment: str, amount: int = 100) -> str:
        """Book an invoice payment; returns bookPaymentStatus."""
        spec = f"<totalAmount>{amount}</totalAmount>"
        line = (
            "<specLines><id>1</id><artNo>CUP</artNo><description>Kopp</description><quantity>1</quantity>"
            f"<unitMeasure>st</unitMeasure><unitAmountWithoutVat>{amount * 0.8}</unitAmountWithoutVat><vatPct>25</vatPct>"
            f"<totalVatAmount>{amount * 0.2}</totalVatAmount>{spec}</specLines>"
        )
        customer = (
            "<governmentId>198305147715</governmentId><address><fullName>Prov Testsson</fullName>"
            "<addressRow1>Provgatan 1</addressRow1><postalArea>Provstad</postalArea><postalCode>12345</postalCode>"
            "<country>SE</country></address><phone>0701122333</phone><email>prov@example.com</email><type>NATURAL</type>"
        )
        content = (
            f"<c:bookPayment><paymentData><preferredId>{payment}</preferredId><paymentMethodId>INVOICE</paymentMethodId>"
            f"<customerIpAddress>127.0.0.1</customerIpAddress></paymentData><orderData>{line}{spec}"
            f"<totalVatAmount>{amount * 0.2}</totalVatAmount></orderData><customer>{customer}</customer></c:bookPayment>"
        )
        status, text = await self._call(content, "simplifiedshopflow")
        assert status == 200, text
        return re.search(r"<bookPaymentStatus>(\w+)<", text)[1]  # type: ignore[index]

    async def finalize(self, payment: str, number: str = "") -> int:
        """Finalize a payment as a whole; returns the errorTypeId, 0 when it went well. number: of its own."""
        own = f"<invoiceId>{number}</invoiceId>" if number else ""
        content = f"<paymentId>{payment}</paymentId>{own}<invoiceDate>2013-06-18</invoiceDate>"
        return await self._change(f"<c:finalizePayment>{content}</c:finalizePayment>")

    async def credit(self, payment: str) -> int:
        """Credit a payment as a whole; returns the errorTypeId, 0 when it went well."""
        content = f"<paymentId>{payment}</paymentId><creditNoteDate>2013-06-18</creditNoteDate>"
        return await self._change(f"<c:creditPayment>{content}</c:creditPayment>")

    async def numbers(self, payment: str) -> list[str]:
        """The invoice and credit note numbers of a payment."""
        content = f"<c:getPayment><paymentId>{payment}</paymentId></c:getPayment>"
        status, text = await self._call(content, "aftershopflow")
        assert status == 200, text
        return re.findall(r"<invoiceId>([^<]+)<", text)

    async def next(self) -> int | None:
        """The next number, None while unset."""
        status, text = await self._call("<c:peekInvoiceSequence/>")
        assert status == 200, text
        match = re.search(r"<nextInvoiceNumber>(\d+)</nextInvoiceNumber>", text)
        return int(match[1]) if match else None

    async def set(self, number: int | None) -> bool:
        """Set the next number, None to clear. False when refused as too low."""
        child = "" if number is None else f"<nextInvoiceNumber>{number}</nextInvoiceNumber>"
        status, text = await self._call(f"<c:setInvoiceSequence>{child}</c:setInvoiceSequence>")
        assert status == 200 or "<errorTypeId>1</errorTypeId>" in text, text
        return status == 200


@dataclass
class Qq:
    """Invoice number settings of location 37."""

    session: aiohttp.ClientSession
    base: str
    token: str = ""
    path: ClassVar[str] = "/v1/Locations/37/Finance/InvoiceNumbers"

    async def _headers(self) -> dict[str, str]:
        if not self.token:
            form = {
                "grant_type": "password",
                "client_id": "demo-client",
                "client_secret": "demo-secret",
                "username": "demo",
                "password": "demo-secret",
            }
            async with self.session.post(self.base + "/oauth/token", data=form) as answer:
                assert answer.status == 200, await answer.text()
                self.token = (await answer.json())["access_token"]
        return {"Authorization": f"Bearer {self.token}"}

    async def next(self) -> int:
        """The value of NextNumberShouldBe."""
        async with self.session.get(self.base + self.path, headers=await self._headers()) as answer:
            assert answer.status == 200, await answer.text()
            value: int = (await answer.json())["SequenceValue"]["NextNumberShouldBe"]
            return value

    async def set(self, number: int) -> bool:
        """Set the next number. False when the result reports a failure."""
        body = {"NextNumberShouldBe": number, "Suffix": None, "Prefix": None}
        async with self.session.post(self.base + self.path, json=body, headers=await self._headers()) as answer:
            assert answer.status == 200, await answer.text()
            result: dict[str, Any] = await answer.json()
            return bool(result["IsSuccess"])


@dataclass
class InvoiceXpress:
    """The sequence of the demo account, and documents that take its numbers."""

    session: aiohttp.ClientSession
    base: str
    sequence: str = ""

    async def _fields(self) -> dict[str, str]:
        async with self.session.get(f"{self.base}/sequences.xml?api_key=demo-key") as answer:
            text = await answer.text()
            assert answer.status == 200, text
        self.sequence = re.search(r"<id>(\d+)</id>", text)[1]  # type: ignore[index]
        return dict(re.findall(r"<(\w+)>([^<]*)</\1>", text))

    async def current(self) -> int:
        """The last number used; 0 = none yet."""
        return int((await self._fields())["current_invoice_number"])

    async def update(self, current: int) -> bool:
        """Write the whole sequence back with another last number. False when it is refused."""
        fields = await self._fields()
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<sequence>'
            f"<serie>{fields['serie']}</serie><current_invoice_number>{current}</current_invoice_number>"
            f"<current_credit_note_number>{fields['current_credit_note_number']}</current_credit_note_number>"
            f"<current_debit_note_number>{fields['current_debit_note_number']}</current_debit_note_number></sequence>"
        )
        url = f"{self.base}/sequences/{self.sequence}.xml?api_key=demo-key"
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        async with self.session.put(url, data=body.encode(), headers=headers) as answer:
            return answer.status == 200

    async def draft(self, date: str = "18/06/2013", root: str = "invoice") -> str:
        """Create a draft; returns its id."""
        body = (
            f"<{root}><date>{date}</date><due_date>31/12/2013</due_date><client><name>Maria Lopes</name></client>"
            '<items type="array"><item><name>Barco</name><unit_price>30</unit_price><quantity>1</quantity></item></items>'
            f"</{root}>"
        )
        status, text = await self._send("POST", f"/{root}s.xml", body)
        assert status == 201, text
        return re.search(r"<id>(\d+)</id>", text)[1]  # type: ignore[index]

    async def change(self, document: str, state: str, message: str = "", root: str = "invoice") -> str | None:
        """Change a document's state; returns `sequence_number` afterwards, None when the change is refused."""
        body = f"<invoice><state>{state}</state><message>{message}</message></invoice>"
        status, text = await self._send("PUT", f"/{root}/{document}/change-state.xml", body)
        assert status == 200 or (status == 422 and "<errors>" in text), text
        found = re.search(r"<sequence_number>([^<]*)</sequence_number>", text)
        return found[1] if found else None

    async def listed(self, root: str = "invoice") -> list[str]:
        """The sequence numbers in the list of documents of a type."""
        status, text = await self._send("GET", f"/{root}s.xml", "")
        assert status == 200, text
        return re.findall(r"<sequence_number>([^<]*)</sequence_number>", text)

    async def _send(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        url = f"{self.base}{path}?api_key=demo-key"
        async with self.session.request(method, url, data=body.encode(), headers=headers) as answer:
            return answer.status, await answer.text()
