"""A shop that books payments: it writes requests as shops do, and reads answers without any code of the dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import encode_basic_auth
from aiohttp.test_utils import TestClient
from lxml import etree

BASE = "/ecommerce-test/ws/V4/"
NAMESPACES = {
    "SimplifiedShopFlowService": "http://ecommerce.resurs.com/v4/msg/simplifiedshopflow",
    "AfterShopFlowService": "http://ecommerce.resurs.com/v4/msg/aftershopflow",
    "ConfigurationService": "http://ecommerce.resurs.com/v4/msg/configuration",
    "DeveloperWebService": "http://ecommerce.resurs.com/v4/msg/developer",
}
GOOD = "198305147715"


@dataclass
class Answer:
    """What came back. error: the id of an ECommerceError; 0 for none. texts: of all elements, by path below the wrapper."""

    status: int
    wrapper: str = ""
    error: int = 0
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """The first text of the elements of a path; "-" when there is none."""
        return next(iter(self.texts.get(name, [])), "-")


def xml(value: Any) -> str:
    """Children from a mapping: None leaves one out, "nil" makes it nil, a list repeats it."""
    if isinstance(value, Mapping):
        return "".join(_element(name, each) for name, each in value.items())
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if value == "nil":
        return f'<{name} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    return f"<{name}>{xml(value)}</{name}>"


def _read(root: Any) -> Answer:
    (payload,) = root.find("{*}Body")
    answer = Answer(200, etree.QName(payload).localname)
    for element in payload.iter():
        if element is payload or len(element):
            continue
        steps = [etree.QName(each).localname for each in element.iterancestors()]
        path = [*reversed(steps[: steps.index(answer.wrapper)]), etree.QName(element).localname]
        answer.texts.setdefault("/".join(path).removeprefix("return/"), []).append(element.text or "")
    answer.error = int(answer["detail/ECommerceError/errorTypeId"].replace("-", "0"))
    return answer


@dataclass
class Shop:
    """One account at a gateway."""

    client: TestClient
    username: str = "demo-se"

    async def call(self, service: str, operation: str, fields: Mapping[str, Any] | None = None) -> Answer:
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<m:{operation} xmlns:m="{NAMESPACES[service]}">{xml(fields or {})}</m:{operation}></e:Body></e:Envelope>'
        )
        login = encode_basic_auth(self.username, "demo-secret")
        headers = {"Content-Type": "text/xml;charset=UTF-8", "Authorization": login}
        async with self.client.post(BASE + service, data=body.encode(), headers=headers) as reply:
            answer = _read(etree.fromstring(await reply.read()))
            answer.status = reply.status
            return answer

    async def ask(self, operation: str, fields: Mapping[str, Any] | None = None) -> Answer:
        return await self.call("SimplifiedShopFlowService", operation, fields)

    async def after(self, operation: str, **fields: Any) -> Answer:
        return await self.call("AfterShopFlowService", operation, fields)

    async def book(self, **changes: Any) -> Answer:
        return await self.ask("bookPayment", booking(**changes))

    async def next_number(self) -> str:
        return (await self.call("ConfigurationService", "peekInvoiceSequence"))["nextInvoiceNumber"]

    async def set_next(self, number: int) -> None:
        await self.call("ConfigurationService", "setInvoiceSequence", {"nextInvoiceNumber": number})


ADDRESS = {"fullName": "Ny Kund", "addressRow1": "Gatan 9", "postalArea": "Ort", "postalCode": "54321", "country": "SE"}


def booking(
    payment: str | None = None,
    amount: str = "500.00",
    vat: str = "100.00",
    method: str = "INVOICE",
    person: str | None = GOOD,
    kind: str | None = "NATURAL",
    data: Mapping[str, Any] | None = None,
    customer: Mapping[str, Any] | None = None,
    signing: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """A request of bookPayment, with one row at 25 %. more: further children, as metaData, card, invoiceData."""
    row = {"id": 1, "artNo": "A", "description": "Sak", "quantity": 1, "unitMeasure": "st"}
    sums = {"totalVatAmount": vat, "totalAmount": amount}
    net = f"{float(amount) - float(vat):.2f}"
    buyer = {
        "governmentId": person,
        "address": ADDRESS,
        "phone": "070112233",
        "email": "kund@shop.example",
        "type": kind,
    }
    control = dict(data or {})
    return {
        "paymentData": {
            "preferredId": payment,
            "preferredTransactionId": control.pop("preferredTransactionId", None),
            "paymentMethodId": method,
            **control,
        },
        "orderData": {
            "specLines": {**row, "unitAmountWithoutVat": net, "vatPct": 25, **sums},
            "totalAmount": amount,
            "totalVatAmount": vat,
        },
        "metaData": more.get("metaData"),
        "customer": {**buyer, **(customer or {})},
        "card": more.get("card"),
        "signing": signing,
        "invoiceData": more.get("invoiceData"),
        "bookedCallbackUrl": more.get("bookedCallbackUrl"),
    }


SIGNING = {"successUrl": "http://shop.example/ok?o=1&p=å", "failUrl": "http://shop.example/no"}
