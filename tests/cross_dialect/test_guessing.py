"""In every dialect and on the admin port: who tries out credentials waits, and nobody with a right one ever does (ADR-60)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.server.wiring import Gateway
from gateway.spi.guessing import Guesses, GuessLimits
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.conftest import MakeGateway
from tests.cross_dialect.faces import CONFIGURATION, SOAP
from tests.until import until

TOKEN = "admin-token"
XML = {"Content-Type": "text/xml; charset=utf-8"}
PEEK = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><c:peekInvoiceSequence xmlns:c="{CONFIGURATION}"/></s:Body></s:Envelope>'
SERVICE = "/ecommerce-test/ws/V4/ConfigurationService"


@dataclass(frozen=True)
class Ask:
    """A request with a credential."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Any = None


def resurs(account: str, secret: str) -> Ask:
    known = base64.b64encode(f"{account}:{secret}".encode()).decode()
    return Ask("POST", SERVICE, {**XML, "Authorization": f"Basic {known}"}, PEEK)


def invoicexpress(account: str, secret: str) -> Ask:
    return Ask("GET", f"/sequences.xml?api_key={secret}", {"Host": f"{account}.app.invoicexpress.com"})


def client(account: str, secret: str) -> Ask:
    form = {"grant_type": "client_credentials", "client_id": account, "client_secret": secret}
    return Ask("POST", "/oauth/token", {}, form)


def client_in_the_header(account: str, secret: str) -> Ask:
    known = base64.b64encode(f"{account}:{secret}".encode()).decode()
    return Ask("POST", "/oauth/token", {"Authorization": f"Basic {known}"}, {"grant_type": "client_credentials"})


def user(account: str, secret: str) -> Ask:
    form = {"grant_type": "password", "client_id": "demo-client", "client_secret": "demo-secret"}
    return Ask("POST", "/oauth/token", {}, {**form, "username": account, "password": secret})


def login_page(account: str, secret: str) -> Ask:
    query = "response_type=code&client_id=demo-client&redirect_uri=http://127.0.0.1:8000/cb"
    return Ask("POST", f"/oauth/authorize?{query}", {}, {"username": account, "password": secret})


def office(account: str, secret: str) -> Ask:
    return Ask("POST", t.PATH, XML, t.envelope("Login", t.credential("", account, secret)))


def office_identities(account: str, secret: str) -> Ask:
    body = t.envelope("GetIdentitiesWithCredential", t.credential("", account, secret))
    return Ask("POST", t.PATH, XML, body)


def office_token(_: str, secret: str) -> Ask:
    whole = secret if len(secret) == 36 else "00000000-0000-4000-8000-00000000dead"
    inner = f"<token><Id>{whole}</Id><ApplicationId>{t.APPLICATION}</ApplicationId></token>"
    return Ask("POST", t.PATH, XML, t.envelope("AuthenticateByToken", inner))


FACES: list[tuple[Callable[[str, str], Ask], str, str]] = [
    (resurs, "demo-se", "demo-secret"),
    (invoicexpress, "demo", "demo-key"),
    (client, "demo-client", "demo-secret"),
    (client_in_the_header, "demo-client", "demo-secret"),
    (user, "demo", "demo-secret"),
    (login_page, "demo", "demo-secret"),
    (office, "demo@example.com", "demo-secret"),
    (office_identities, "demo@example.com", "demo-secret"),
    (office_token, "", "00000000-0000-4000-8000-00000000240f"),
]


class Stop:
    """Written-down waits in place of real ones."""

    def __init__(self, guesses: Guesses, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits: list[float] = []
        monkeypatch.setattr(guesses, "_wait", self.wait)
        monkeypatch.setattr(guesses, "_limits", GuessLimits(failures_per_minute=2))

    async def wait(self, seconds: float, ended: asyncio.Event) -> None:
        self.waits.append(seconds)

    def taken(self) -> list[float]:
        found, self.waits = self.waits, []
        return found


async def asked(web: TestClient[Any, Any], ask: Ask, **headers: str) -> tuple[int, bytes]:
    given = {**ask.headers, **headers}
    async with web.request(ask.method, ask.path, headers=given, data=ask.data, allow_redirects=False) as answer:
        return answer.status, await answer.read()


def gateway_of(web: TestClient[Any, Any]) -> Gateway:
    gateway: Gateway = web.server.gateway  # type: ignore[union-attr]
    return gateway


async def test_every_dialect(make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    web = await make_gateway({"trusted_proxies": ["127.0.0.0/8"]})
    stop = Stop(gateway_of(web).guesses, monkeypatch)
    for number, (face, account, secret) in enumerate(FACES):
        here, elsewhere = f"192.0.2.{number}", f"198.51.100.{number}"
        wrong = [await asked(web, face(account, "wrong"), **{"X-Forwarded-For": here}) for _ in range(5)]
        assert stop.taken() == [0.25, 0.5, 1.0], face
        assert {status for status, _ in wrong[2:]} == {wrong[0][0]}, face  # a wait changes nothing about the answer
        right = [await asked(web, face(account, secret), **{"X-Forwarded-For": place}) for place in (here, elsewhere)]
        assert right[0][0] < 400, face
        assert right[0][1] != wrong[0][1], face
        assert stop.taken() == [], face
        await asked(web, face(account, "wrong"), **{"X-Forwarded-For": elsewhere})
        if account:
            await asked(web, face("other", "wrong"), **{"X-Forwarded-For": here})
        assert stop.taken() == [], face
    text = gateway_of(web).metrics.exposition()[0].decode()
    assert f'invoice_gateway_wrong_credentials_delayed{{port="data"}} {3.0 * len(FACES)}' in text


NO_GUESS = [
    Ask("POST", SERVICE, XML, PEEK),
    Ask("GET", "/sequences.xml"),
    Ask("GET", "/v1/Locations/37/Finance/InvoiceNumbers"),
    Ask("GET", "/v1/Locations/37/Finance/InvoiceNumbers", {"Authorization": "Bearer expired"}),
    Ask("POST", t.PATH, {**XML, "Cookie": "ASP.NET_SessionId=" + "a" * 24}, t.envelope("HasSession", "")),
    Ask("POST", t.PATH, {**XML, "Cookie": "ASP.NET_SessionId=" + "a" * 24}, t.envelope("GetIdentity", "")),
]


async def test_no_credential_and_an_expired_token_are_no_guess(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients often ask without credentials first, and go on with a token until it is refused."""
    web = await make_gateway()
    stop = Stop(gateway_of(web).guesses, monkeypatch)
    for ask in NO_GUESS:
        for _ in range(4):
            await asked(web, ask)
        assert stop.taken() == [], ask


async def test_the_admin_port(make_gateway: MakeGateway, aiohttp_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = gateway_of(await make_gateway({"admin_token": TOKEN, "trusted_proxies": ["127.0.0.0/8"]}))
    web = await aiohttp_client(TestServer(gateway.admin_application()))
    stop = Stop(gateway.admin_guesses, monkeypatch)
    here, elsewhere = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}

    async def status(token: str, **headers: str) -> int:
        known = {"Authorization": f"Bearer {token}"} if token else {}
        return (await asked(web, Ask("GET", "/v1/tenants", known), **headers))[0]

    assert [await status("wrong", **here) for _ in range(4)] == [401] * 4
    assert stop.taken() == [0.25, 0.5]
    assert await status(TOKEN, **here) == 200
    assert await status("wrong", **elsewhere) == 401
    assert [await status("", **here) for _ in range(4)] == [401] * 4
    assert stop.taken() == []


async def test_waiting_holds_no_place_of_honest_calls_and_a_stop_ends_it(make_gateway: MakeGateway) -> None:
    slow = {"failures_per_minute": 1, "first_delay_seconds": 30, "longest_delay_seconds": 30}
    web = await make_gateway({"guessing": slow, "limits": {"max_in_flight": 1, "deadline_seconds": 1}})
    gateway = gateway_of(web)
    await asked(web, resurs("demo-se", "wrong"))
    waiting = [asyncio.create_task(asked(web, resurs("demo-se", "wrong"))) for _ in range(3)]
    await until(lambda: gateway.guesses.figures()["wrong_credentials_waiting"] == 3)
    assert sum(mount.exchange.in_flight for mount in gateway.mounts) == 0
    assert (await asked(web, resurs("demo-se", "demo-secret")))[0] == 200
    gateway.guesses.end()
    assert [status for status, _ in await asyncio.gather(*waiting)] == [401] * 3
