"""A gateway with Resurs, asked over its wire and its admin port, and payments that are made without the wire."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from aiohttp.test_utils import TestClient

from adapters.resurs.operation import Actor
from adapters.resurs.payments.commit import Change, Draw, change_payment, commit
from adapters.resurs.payments.model import Address, Customer, Diff, DiffType, Method, Payment, Spec
from gateway.core.values import Origin, TenantId
from gateway.core.work import WorkItem
from tests.until import until

DEMO: Final = TenantId("demo")
NOON: Final = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
DIGEST: Final = "<digestConfiguration>{}</digestConfiguration>".format(
    "<digestAlgorithm>SHA1</digestAlgorithm><digestParameters>paymentId</digestParameters><digestSalt>s3cret</digestSalt>"
)
LOGIN: Final = "<basicAuthUserName>shop</basicAuthUserName><basicAuthPassword>geheim-å</basicAuthPassword>"
P_1001: Final = "14B8B0E22203E8D2A4F1DB120F29F5298B3C8CB4"
"""The digest of the payment P-1001, as DIGEST configures it."""
_PATH: Final = "/ecommerce-test/ws/V4/"
_NAMESPACE: Final = "http://ecommerce.resurs.com/v4/msg/"
_SERVICES: Final = {
    "triggerEvent": ("DeveloperWebService", "developer"),
}


def paid(amount: int, kind: DiffType = DiffType.AUTHORIZE, at: dt.datetime = NOON) -> Diff:
    """A diff without rows, of an amount with a fifth of VAT."""
    return Diff(kind, at, Spec(Decimal(amount), Decimal(amount) / 5))


def payment(own: str, *diffs: Diff, **changes: Any) -> Payment:
    """A payment of demo-se by invoice; 100 by default."""
    made = Payment(
        id=own,
        account="demo-se",
        method=Method("INVOICE", "Faktura", "INVOICE", "INVOICE"),
        customer=Customer(Address("Gatan 1", "Orten", "123 45", "SE")),
        limit=Decimal(5000),
        booked=NOON,
        diffs=diffs or (paid(100),),
    )
    return replace(made, **changes)


@dataclass
class Bank:
    """The gateway's clock stands at NOON for the tenant. admin: asks the admin port."""

    client: TestClient
    admin: TestClient
    _requests: Iterator[int] = field(default_factory=itertools.count)

    @property
    def gateway(self) -> Any:
        return self.client.server.gateway

    async def ask(self, operation: str, children: str, account: str = "demo-se") -> tuple[int, str]:
        """Call an operation; returns the status and the text of the answer."""
        service, name = _SERVICES.get(operation, ("ConfigurationService", "configuration"))
        body = (
            f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:{operation} '
            f'xmlns:m="{_NAMESPACE}{name}">{children}</m:{operation}></s:Body></s:Envelope>'
        )
        login = base64.b64encode(f"{account}:demo-secret".encode()).decode()
        headers = {"Content-Type": "text/xml;charset=UTF-8", "Authorization": f"Basic {login}"}
        async with self.client.post(_PATH + service, data=body.encode(), headers=headers) as answer:
            return answer.status, await answer.text()

    async def register(self, event: str, template: str, more: str = "", account: str = "demo-se") -> None:
        template = template.replace("&", "&amp;")
        children = f"<eventType>{event}</eventType><uriTemplate>{template}</uriTemplate>{more}"
        assert (await self.ask("registerEventCallback", children, account))[0] == 200

    async def trigger(self, event: str, *params: str, account: str = "demo-se") -> None:
        children = "".join(f"<param>{value}</param>" for value in params)
        assert (await self.ask("triggerEvent", f"<eventType>{event}</eventType>{children}", account))[0] == 200

    async def next_number(self) -> int | None:
        found = re.search(r"<nextInvoiceNumber>(\d+)<", (await self.ask("peekInvoiceSequence", ""))[1])
        return int(found[1]) if found else None

    def actor(self, account: str = "demo-se") -> Actor:
        dialect = self.gateway.dialects.current["resurs"]
        by = Origin("resurs", account, f"request-{next(self._requests)}")
        return Actor(dialect._context, dialect._accounts.named(account), by)

    async def book(self, made: Payment, **changes: Any) -> Payment:
        return await commit(self.actor(), Change(made, **changes))

    async def add(self, own: str, diff: Diff, *, draw: bool = False, **changes: Any) -> Payment:
        """One diff more. draw: it takes the next number."""

        def decide(before: Payment) -> Change:
            return Change(before.with_diff(diff), before, Draw() if draw else None, **changes)

        return await change_payment(self.actor(), own, decide)

    async def items(self) -> list[WorkItem]:
        found: list[WorkItem] = await self.gateway.store.of(DEMO).work.page(DEMO)
        return found

    async def ended(self, count: int) -> list[WorkItem]:
        """All items, once so many have ended."""

        async def enough() -> bool:
            return sum(item.ended is not None for item in await self.items()) == count

        await until(enough)
        return await self.items()

    async def attempted(self, attempts: int) -> WorkItem:
        """The latest item, once so many attempts at it have ended."""

        async def enough() -> bool:
            item = (await self.items())[-1]
            return item.attempts == attempts and not item.taken_by

        await until(enough)
        return (await self.items())[-1]

    async def travel(self, seconds: float) -> None:
        await self.gateway.clock.travel(DEMO, by_seconds=seconds)

    async def admin_text(self, path: str) -> str:
        async with self.admin.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def fault(self, action: str, seconds: float | None = None, **where: Any) -> None:
        """Strike what goes out. seconds: how long a latency is."""
        more = {} if seconds is None else {"seconds": seconds}
        rule = {"action": {"kind": action, **more}, "tenant": DEMO, **where}
        async with self.admin.post("/v1/faults", json=rule) as answer:
            assert answer.status < 300, await answer.text()
