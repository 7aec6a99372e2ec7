"""A shop of the dialect on the sequence service in memory: it sends envelopes, and changes payments as operations do."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any, cast

from multidict import CIMultiDict, CIMultiDictProxy

from adapters.resurs.operation import Actor
from adapters.resurs.payments.commit import Change, Draw, commit, read_payment
from adapters.resurs.payments.model import Address, Customer, Diff, DiffType, Method, Payment, Spec, SpecLine
from adapters.resurs.routes import Resurs, adapter
from adapters.resurs.settings import Binding, Settings
from gateway.core.values import Origin
from gateway.spi.adapter import Bound, Call, Reply
from gateway.spi.exchange import Exchange
from gateway.spi.secrets import Secret
from gateway.testing.harness import Bench, Kit

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACES = {
    "ConfigurationService": "http://ecommerce.resurs.com/v4/msg/configuration",
    "AfterShopFlowService": "http://ecommerce.resurs.com/v4/msg/aftershopflow",
    "SimplifiedShopFlowService": "http://ecommerce.resurs.com/v4/msg/simplifiedshopflow",
}
INVOICES = Method("INVOICE", "Faktura", "INVOICE", "INVOICE")
PART_PAYMENT = Method("PARTPAYMENT", "Delbetalning", "REVOLVING_CREDIT", "PART_PAYMENT")
SOMEBODY = Customer(Address("Provgatan 1", "Provstad", "12345", "SE", "Prov Testsson"), "8305147715")


def basic(username: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def row(art_no: str, net: str, quantity: str = "1", vat: str = "25", description: str = "") -> SpecLine:
    """A line whose VAT and totals follow from its net price."""
    price, count, rate = Decimal(net), Decimal(quantity), Decimal(vat)
    own_vat = price * count * rate / 100
    total = price * count + own_vat
    return SpecLine("1", art_no, description or art_no, count, "st", price, rate, own_vat, total)


def spec(*lines: SpecLine) -> Spec:
    """A spec whose totals are the sums of its lines."""
    total = sum((line.total_amount for line in lines), Decimal(0))
    return Spec(total, sum((line.total_vat_amount for line in lines), Decimal(0)), lines)


def _with_password(bound: Bound[Binding], password: str) -> Bound[Binding]:
    update = {"password": Secret(password)}
    accounts = [account.model_copy(update=update) for account in bound.binding.accounts]
    return replace(bound, binding=bound.binding.model_copy(update={"accounts": accounts}))


class Shop:
    """One gateway's dialect and the four accounts of the golden cases, without server or database."""

    def __init__(self, **settings: Any) -> None:
        self.bench = Bench(Kit("resurs"), settings)
        self.dialect = cast("Resurs", self.bench.dialect)
        self._gateway = 1
        self._requests = 0

    def again(self, password: str = "", **settings: Any) -> Shop:
        """Another gateway's dialect on the same store.

        password: of all accounts; "" for the one that they have.
        """
        other, context = copy.copy(self), self.dialect._context
        bindings = [_with_password(bound, password) if password else bound for bound in context.bindings]
        own = replace(context, settings=Settings.model_validate(settings), bindings=bindings)
        other.bench, other.dialect = copy.copy(self.bench), cast("Resurs", adapter.build(own))
        other.bench.exchange = Exchange("resurs", other.dialect, 30, 100, watch=self.bench.watch)
        other._gateway = self._gateway + 1
        return other

    async def send(
        self, operation: str, inside: str = "", service: str = "ConfigurationService", login: str = ""
    ) -> tuple[Reply, Call]:
        """Send a request with the children `inside`, and give the answer and what became of the call."""
        self._requests += 1
        wrapper = f'<c:{operation} xmlns:c="{NAMESPACES[service]}">{inside}</c:{operation}>'
        body = f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>{wrapper}</e:Body></e:Envelope>'.encode()
        headers = {"Authorization": login or basic("demo-se", "demo-secret"), "Content-Type": "text/xml"}
        path = f"/ecommerce-test/ws/V4/{service}"
        named = CIMultiDictProxy(CIMultiDict(headers))
        call = Call(
            "POST", path, "", named, body, "http://127.0.0.1:7070", f"s-{self._gateway}-{self._requests}", has_body=True
        )
        return await self.bench.run(call), call

    async def ask(
        self, operation: str, inside: str = "", service: str = "ConfigurationService", login: str = ""
    ) -> str:
        """The text of a good answer."""
        reply, _ = await self.send(operation, inside, service, login)
        assert reply.status == 200, reply.body
        return cast("bytes", reply.body).decode()

    async def error(
        self, operation: str, inside: str = "", service: str = "ConfigurationService", login: str = ""
    ) -> int | None:
        """The error id of the answer; None for a good answer, and the status for one that has no error id."""
        reply, _ = await self.send(operation, inside, service, login)
        found = re.search(r"<errorTypeId>(\d+)<", cast("bytes", reply.body).decode())
        return int(found[1]) if found else None if reply.status == 200 else reply.status

    def actor(self, username: str = "demo-se") -> Actor:
        """Acts for an account, as a call does."""
        who = self.dialect._accounts.named(username)
        assert who is not None
        self._requests += 1
        return Actor(self.dialect._context, who, Origin("resurs", username, f"a-{self._gateway}-{self._requests}"))

    async def book(self, payment: str, of: Spec, username: str = "demo-se", **more: Any) -> Payment:
        """A new payment."""
        actor = self.actor(username)
        booked = Diff(DiffType.AUTHORIZE, actor.now(), of, "SHOP_FLOW")
        values = {"method": INVOICES, "customer": SOMEBODY, "limit": of.total_amount, **more}
        return await commit(actor, Change(Payment(payment, username, booked=actor.now(), diffs=(booked,), **values)))

    async def add(self, payment: str, kind: DiffType, of: Spec, username: str = "demo-se", **more: Any) -> Payment:
        """One more diff, which draws a number if the method invoices."""
        actor = self.actor(username)
        before = await read_payment(actor, payment)
        number = more.pop("number", None)
        draw = Draw(number) if before.method.invoices else None
        after = before.with_diff(Diff(kind, actor.now(), of, **more))
        return await commit(actor, Change(after, before, draw))

    async def payment(self, payment: str, username: str = "demo-se") -> Payment:
        """A payment as it stands."""
        return await read_payment(self.actor(username), payment)

    async def note(self, payment: str, *meta_data: tuple[str, str | None], username: str = "demo-se") -> None:
        """Replace the metadata."""
        actor = self.actor(username)
        before = await read_payment(actor, payment)
        await commit(actor, Change(replace(before, meta_data=meta_data), before))

    def forward(self, **span: int) -> None:
        """Move the clock."""
        self.bench.clock.forward(dt.timedelta(**span).total_seconds())


def child(text: str, name: str) -> str:
    """The text of the only element with this name."""
    (found,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return unescape(found)
