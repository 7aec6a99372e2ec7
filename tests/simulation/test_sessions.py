"""Tokens and sessions on the wire: they can be made to expire between two calls, and they end by the tenant's own clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.core.values import TenantId
from gateway.journal.models import Filter
from gateway.server.wiring import Gateway
from gateway.simulation.fault_models import FaultRule
from tests.conftest import MakeGateway, base_url, only
from tests.cross_dialect.faces import Qq

DEMO = TenantId("demo")
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
OFFICE = "http://24sevenOffice.com/webservices"
LOGIN = (
    f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><Login xmlns="{OFFICE}"><credential>'
    "<ApplicationId>00000000-0000-4000-8000-000000000024</ApplicationId><Password>demo-secret</Password>"
    "<Username>demo@example.com</Username></credential></Login></e:Body></e:Envelope>"
)
METHODS = (
    f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><GetDeliveryMethods xmlns="{OFFICE}"/>'
    "</e:Body></e:Envelope>"
)


class Office:
    """24SevenOffice: login, and a call of InvoiceService with the session's cookie."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.session = ""

    async def _call(self, path: str, operation: str, body: str) -> tuple[int, str]:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{OFFICE}/{operation}"'}
        if self.session:
            headers["Cookie"] = f"ASP.NET_SessionId={self.session}"
        async with self.client.session.post(base_url(self.client) + path, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def login(self) -> None:
        status, text = await self._call("/authenticate/v001/authenticate.asmx", "Login", LOGIN)
        match = re.search(r"<LoginResult>([^<]+)<", text)
        assert match, (status, text)
        self.session = match[1]

    async def works(self) -> bool:
        path = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
        status, text = await self._call(path, "GetDeliveryMethods", METHODS)
        assert status == 200 or "Session is not authenticated" in text, text
        return status == 200


def gateway_of(client: TestClient) -> Gateway:
    return client.server.gateway  # type: ignore[attr-defined, no-any-return]


def expire(**changes: Any) -> FaultRule:
    return FaultRule.model_validate({"action": {"kind": "expire_session"}, "tenant": "demo", **changes})


@pytest.fixture
async def office(make_gateway: MakeGateway) -> Office:
    return Office(await make_gateway(only("twentyfoursevenoffice")))


@pytest.fixture
async def qq(make_gateway: MakeGateway) -> Qq:
    client = await make_gateway(only("qqsolutions"))
    face = Qq(client.session, base_url(client))
    face.gateway = gateway_of(client)  # type: ignore[attr-defined]
    return face


async def status_of(qq: Qq) -> int:
    async with qq.session.get(qq.base + qq.path, headers=await qq._headers()) as answer:
        return answer.status


async def test_a_token_expires_between_two_calls(qq: Qq) -> None:
    gateway: Gateway = qq.gateway  # type: ignore[attr-defined]
    gateway.faults.add(expire(nth=2))
    assert [await status_of(qq) for _ in range(3)] == [200, 401, 401]
    qq.token = ""
    assert await status_of(qq) == 200
    assert gateway.journal is not None
    misses = (await gateway.journal.near_misses(Filter(dialect="qqsolutions"))).entries
    assert [entry.near_miss for entry in misses] == ["wrong-credential", "wrong-credential"]
    assert [bool(entry.faults) for entry in misses] == [False, True]


async def test_a_token_ends_by_the_tenants_time(qq: Qq) -> None:
    gateway: Gateway = qq.gateway  # type: ignore[attr-defined]
    await gateway.clock.freeze(DEMO, NEW_YEAR)
    assert await status_of(qq) == 200
    await gateway.clock.travel(DEMO, by_seconds=3599)
    assert await status_of(qq) == 200
    await gateway.clock.travel(DEMO, by_seconds=1)
    assert await status_of(qq) == 401


async def test_a_session_expires_between_two_calls(office: Office) -> None:
    await office.login()
    assert await office.works()
    gateway_of(office.client).faults.add(expire(first=1))
    assert not await office.works()
    assert not await office.works()
    await office.login()
    assert await office.works()


async def test_a_session_ends_by_the_tenants_time(office: Office) -> None:
    clock = gateway_of(office.client).clock
    await clock.freeze(DEMO, NEW_YEAR)
    await office.login()
    assert await office.works()
    await clock.travel(DEMO, by_seconds=400 * 86400)
    assert not await office.works()


async def test_a_sessions_secrets_stay_out_of_the_journal(office: Office) -> None:
    await office.login()
    await office.works()
    journal = gateway_of(office.client).journal
    assert journal is not None
    login, call = (await journal.find()).entries
    assert "<Password>[redacted]</Password>" in login.request.body.text
    assert "<LoginResult>[redacted]</LoginResult>" in login.reply.body.text
    assert dict(call.request.headers)["Cookie"] == "ASP.NET_SessionId=[redacted]"
    stored = b"".join(file.read_bytes() for file in journal.path.parent.glob("*.journal.db*"))
    assert b"GetDeliveryMethods" in stored
    for secret in ("demo-secret", office.session):
        assert secret.encode() not in stored
