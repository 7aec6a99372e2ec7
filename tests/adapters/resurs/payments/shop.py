"""A representative's shop: it sends messages as clients do, to the dialect on any sequence service, without HTTP.

Every answer is held against the schemas that clients fetch.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lxml import etree
from multidict import CIMultiDict, CIMultiDictProxy

from adapters.resurs import adapter
from adapters.resurs.auth import Accounts
from adapters.resurs.codec import FOLDER
from adapters.resurs.operation import Actor
from adapters.resurs.payments.commit import Change, commit
from adapters.resurs.payments.model import Address, Customer, Diff, DiffType, Method, Payment, Spec, SpecLine
from adapters.resurs.services import SERVICES, TEST
from adapters.resurs.settings import Binding, Settings
from adapters.resurs.shop import DEMO_METHODS
from gateway.core.commands import CreateSeries
from gateway.core.ports import SequenceService
from gateway.core.values import Origin, SeriesId, TenantId
from gateway.spi.adapter import Bound, Call, Context
from gateway.spi.exchange import Exchange
from gateway.spi.watch import Watch
from gateway.testing.memory_store import HandClock
from gateway.wire.soap.wsdl import Schemas

DEMO: Final = TenantId("demo")
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
BY: Final = Origin("resurs", "demo-se", "by hand")
BINDING: Final = Binding.model_validate(
    {
        "accounts": [
            {"username": name, "password": "demo-secret", "country": country, "series": "main"}
            for name, country in (("demo-se", "SE"), ("demo-no", "NO"))
        ]
    }
)
_SERVICE_OF: Final = {row.name: service for service in SERVICES for row in service.operations}
_SCHEMAS: Final = {service.name: Schemas(FOLDER, service.schemas) for service in SERVICES}
METHODS: Final[Mapping[str, Method]] = {
    **{own.id: Method(own.id, own.description, own.type, own.specific_type) for own in DEMO_METHODS},
    "VISA": Method("VISA", "Visa", "PAYMENT_PROVIDER", "CREDIT_CARD"),
    "TRUSTLY": Method("TRUSTLY", "Trustly", "PAYMENT_PROVIDER", "INTERNET"),
    "LOAN": Method("LOAN", "Konto", "INVOICE", "REVOLVING_CREDIT"),
}
PROV: Final = Customer(
    Address("Provgatan 1", "Provstad", "12345", "SE", "Prov Testsson", "Prov", "Testsson"),
    "8305147715",
    "+46701122333",
    "prov@example.com",
    "NATURAL",
)


@dataclass(frozen=True)
class Answer:
    """What the shop got.

    error: the id of an ECommerceError; 0 for a good answer.
    text, message: of a fault, for logs and for people.
    payload: the first child of Body.
    """

    status: int
    payload: etree._Element
    error: int = 0
    text: str = ""
    message: str = ""

    def texts(self, path: str) -> list[str]:
        """The texts at a path below the payload."""
        return [found.text or "" for found in self.payload.iterfind(path)]


class Shop:
    """One shop; `opened` makes it. moment: what the clock says, until a test moves it."""

    def __init__(
        self, service: SequenceService, series: SeriesId, clock: HandClock, settings: Mapping[str, Any]
    ) -> None:
        self.service, self.clock, self.series = service, clock, series
        bound: Bound[Any] = Bound(DEMO, BINDING, {"main": series})
        nothing: Any = None
        chosen = Settings.model_validate(dict(settings))
        watch = Watch()
        self.context: Context[Any, Any] = Context(chosen, [bound], watch.watched_service(service), nothing, clock)
        self._exchange = Exchange("resurs", adapter.build(self.context), 30, 100, watch=watch)
        self._accounts = Accounts([bound])
        self._ids = itertools.count(1)
        self.calls: list[Call] = []

    def with_settings(self, **settings: Any) -> Shop:
        """The same shop under other choices of the dialect."""
        return Shop(self.service, self.series, self.clock, settings)

    def actor(self, name: str = "demo-se") -> Actor:
        """Who acts for the representative."""
        who = self._accounts.named(name)
        assert who is not None
        return Actor(self.context, who, Origin("resurs", name, f"hand-{id(self)}-{next(self._ids)}"))

    async def ask(self, operation: str, content: str = "", name: str = "demo-se") -> Answer:
        """Send a message with these children."""
        service = _SERVICE_OF[operation]
        body = (
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:xsi="{XSI}"><s:Body>'
            f'<m:{operation} xmlns:m="{service.namespace}">{content}</m:{operation}></s:Body></s:Envelope>'
        )
        login = base64.b64encode(f"{name}:demo-secret".encode()).decode()
        headers = CIMultiDictProxy(CIMultiDict({"Authorization": f"Basic {login}", "Content-Type": "text/xml"}))
        path = TEST + service.name
        call = Call("POST", path, "", headers, body.encode(), "http://127.0.0.1", f"r-{id(self)}-{next(self._ids)}")
        reply = await self._exchange.run(call)
        self.calls.append(call)
        (payload,) = etree.fromstring(reply.body).findall(f"{{{SOAP}}}Body/*")
        return self._judged(service.name, reply.status, payload)

    @staticmethod
    def _judged(service: str, status: int, payload: etree._Element) -> Answer:
        if status == 200:
            assert _SCHEMAS[service].findings(payload) == []
            return Answer(status, payload)
        error = payload.find("detail/*")
        assert error is not None, etree.tostring(payload)
        assert _SCHEMAS[service].findings(error) == []
        return Answer(
            status,
            payload,
            int(error.findtext("errorTypeId") or 0),
            payload.findtext("faultstring") or "",
            error.findtext("userErrorMessage") or "",
        )

    async def good(self, operation: str, content: str = "", name: str = "demo-se") -> Answer:
        """Send a message that must be answered well."""
        answer = await self.ask(operation, content, name)
        assert answer.status == 200, (operation, content, answer.error, answer.text)
        return answer

    async def book(
        self,
        payment: str,
        amount: str | Decimal,
        method: str = "INVOICE",
        lines: Sequence[SpecLine] = (),
        limit: str | None = None,
        name: str = "demo-se",
        **fields: Any,
    ) -> Payment:
        """Have a payment of one row of this gross amount at 25 %, or of these rows."""
        actor, total = self.actor(name), Decimal(amount)
        rows = tuple(lines) or (row(total),)
        vat = sum((own.total_vat_amount for own in rows), Decimal(0))
        diff = Diff(DiffType.AUTHORIZE, actor.now(), Spec(total, vat, rows), created_by="SHOP_FLOW")
        granted = Decimal(limit) if limit is not None else total + 3000
        made = Payment(payment, name, METHODS[method], PROV, granted, actor.now(), (diff,), **fields)
        return await commit(actor, Change(made))

    async def payment(self, payment: str, name: str = "demo-se") -> etree._Element:
        """What getPayment says."""
        answer = await self.good("getPayment", f"<paymentId>{payment}</paymentId>", name)
        found = answer.payload.find("return")
        assert found is not None
        return found

    async def diffs(self, payment: str) -> list[tuple[str, str, str]]:
        """Type, amount and number of each diff; "" without a number."""
        found = (await self.payment(payment)).iterfind("paymentDiffs")
        return [
            (
                diff.findtext("type") or "",
                f"{Decimal(diff.findtext('paymentSpec/totalAmount') or 0).normalize():f}",
                diff.findtext("invoiceId") or "",
            )
            for diff in found
        ]

    async def peek(self) -> int | None:
        """Where the sequence stands."""
        (found, *_) = (*(await self.good("peekInvoiceSequence")).texts("nextInvoiceNumber"), None)
        return None if found is None else int(found)

    async def set(self, number: int | None) -> None:
        """Move the sequence, or clear it."""
        await self.good(
            "setInvoiceSequence", "" if number is None else f"<nextInvoiceNumber>{number}</nextInvoiceNumber>"
        )


def row(amount: str | Decimal, art_no: str = "CUP-1", quantity: int = 1, pct: int = 25) -> SpecLine:
    """A row of this gross amount."""
    gross = Decimal(amount)
    net = gross * 100 / (100 + pct)
    return SpecLine("1", art_no, "Cup", Decimal(quantity), "st", net / quantity, Decimal(pct), gross - net, gross)


def row_xml(line: SpecLine) -> str:
    """A row on the wire."""
    return (
        f"<specLines><id>{line.id}</id><artNo>{line.art_no}</artNo><description>{line.description}</description>"
        f"<quantity>{line.quantity}</quantity><unitMeasure>{line.unit_measure}</unitMeasure>"
        f"<unitAmountWithoutVat>{line.unit_amount_without_vat}</unitAmountWithoutVat><vatPct>{line.vat_pct}</vatPct>"
        f"<totalVatAmount>{line.total_vat_amount}</totalVatAmount><totalAmount>{line.total_amount}</totalAmount></specLines>"
    )


def part(amount: str | None = None, lines: Sequence[SpecLine] = (), vat: str | None = None, name: str = "") -> str:
    """A specification on the wire; nothing at all without amount.

    name: of the element; "" for partPaymentSpec.
    """
    if amount is None:
        return ""
    own = name or "partPaymentSpec"
    named_vat = "" if vat is None else f"<totalVatAmount>{vat}</totalVatAmount>"
    return f"<{own}>{''.join(map(row_xml, lines))}<totalAmount>{amount}</totalAmount>{named_vat}</{own}>"


def finalize(payment: str, amount: str | None = None, number: str = "", **fields: str) -> str:
    """The children of finalizePayment. fields: other ones, in the contract's order behind the specification."""
    named = {**fields, **({"invoiceId": number} if number else {})}
    order = ("createdBy", "orderId", "orderDate", "invoiceId", "invoiceDate", "invoiceDeliveryType")
    return f"<paymentId>{payment}</paymentId>{part(amount)}{_in_order(named, order)}"


def credit(payment: str, amount: str | None = None, number: str = "", **fields: str) -> str:
    """The children of creditPayment."""
    named = {**fields, **({"creditNoteId": number} if number else {})}
    return (
        f"<paymentId>{payment}</paymentId>{part(amount)}"
        f"{_in_order(named, ('createdBy', 'creditNoteId', 'creditNoteDate', 'invoiceDeliveryType'))}"
    )


def annul(payment: str, amount: str | None = None) -> str:
    """The children of annulPayment."""
    return f"<paymentId>{payment}</paymentId>{part(amount)}"


def more(payment: str, amount: str) -> str:
    """The children of additionalDebitOfPayment."""
    return f"<paymentId>{payment}</paymentId>{part(amount, (row(amount),), str(row(amount).total_vat_amount), 'paymentSpec')}"


def _in_order(fields: Mapping[str, str], order: Sequence[str]) -> str:
    assert set(fields) <= set(order)
    return "".join(f"<{name}>{fields[name]}</{name}>" for name in order if name in fields)


async def opened(
    service: SequenceService, clock: HandClock, stands: int | None = 445, settings: Mapping[str, Any] | None = None
) -> Shop:
    """A shop on a service that is empty so far."""
    created = await service.execute(CreateSeries(DEMO, "main", BY, key="main", make_default=True))
    shop = Shop(service, created.view.series.id, clock, settings or {})
    if stands is not None:
        await shop.set(stands)
    return shop
