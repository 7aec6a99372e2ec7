"""A session or token ends when a credential that it was made with changes, and survives a restart while none does (ADR-60)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp.test_utils import TestClient

from adapters.qqsolutions.auth import ACCESS
from gateway.config.model import TenantSection
from gateway.core.values import TenantId
from gateway.server.wiring import Gateway
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.conftest import GatewayServer, example_config, example_values

CALLBACK = "http://127.0.0.1:8000/cb"
NUMBERS = "/v1/Locations/37/Finance/InvoiceNumbers"
PASSWORD_LOGIN = t.envelope("Login", t.credential())
TOKEN_LOGIN = t.envelope(
    "AuthenticateByToken",
    "<token><Id>00000000-0000-4000-8000-00000000240f</Id>" + f"<ApplicationId>{t.APPLICATION}</ApplicationId></token>",
)
Changed = Callable[[dict[str, Any]], None]


@asynccontextmanager
async def serving(folder: Path, change: Changed | None = None) -> AsyncIterator[TestClient[Any, Any]]:
    """A gateway on the store of a folder, with the example's tenant, changed."""
    tenant = {**example_values()["tenants"][0]}
    for name in ("qqsolutions", "twentyfoursevenoffice"):
        tenant[name] = {**tenant[name]}
    if change is not None:
        change(tenant)
    settings = {"invoicexpress": {"enabled": False}, "resurs": {"enabled": False}}
    config, document = example_config(folder, {"tenants": [tenant], "dialects": settings})
    async with Gateway(config, document) as gateway, TestClient(GatewayServer(gateway)) as client:
        yield client


def gateway_of(client: TestClient[Any, Any]) -> Gateway:
    return cast("GatewayServer", client.server).gateway


@dataclass(frozen=True)
class Issued:
    """What one set of logins gave: two sessions of 24SevenOffice, three tokens and a code of QQ Solutions."""

    by_password: str
    by_token: str
    access: str
    application: str
    refresh: str
    code: str

    async def still_good(self, client: TestClient[Any, Any]) -> set[str]:
        """The names of those that are good. Trying a code uses it up."""
        found = {name for name in ("by_password", "by_token") if await has_session(client, getattr(self, name))}
        for name in ("access", "application"):
            header = {"Authorization": f"Bearer {getattr(self, name)}"}
            async with client.get(NUMBERS, headers=header) as answer:
                found |= {name} if answer.status != 401 else set()
        grants = {
            "refresh": {"grant_type": "refresh_token", "refresh_token": self.refresh},
            "code": {"grant_type": "authorization_code", "code": self.code, "redirect_uri": CALLBACK},
        }
        for name, form in grants.items():
            for secret in ("demo-secret", "new-secret"):
                status, _ = await grant(client, secret, **form)
                found |= {name} if status == 200 else set()
        return found


async def has_session(client: TestClient[Any, Any], session: str) -> bool:
    headers = {"Cookie": f"ASP.NET_SessionId={session}", "Content-Type": "text/xml; charset=utf-8"}
    async with client.post(t.PATH, data=t.envelope("HasSession", ""), headers=headers) as answer:
        return "<HasSessionResult>true" in await answer.text()


async def logged_in(client: TestClient[Any, Any], content: str) -> str:
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    async with client.post(t.PATH, data=content, headers=headers) as answer:
        text = await answer.text()
    found = re.search(r"<(?:LoginResult|SessionId)>([a-z0-5]{24})<", text)
    assert found, text
    return found[1]


async def grant(
    client: TestClient[Any, Any], secret: str = "demo-secret", **form: str
) -> tuple[int, Mapping[str, Any]]:
    whole = {"client_id": "demo-client", "client_secret": secret, **form}
    async with client.post("/oauth/token", data=whole) as answer:
        return answer.status, await answer.json()


async def issued(client: TestClient[Any, Any]) -> Issued:
    person = {"username": "demo", "password": "demo-secret"}
    _, user = await grant(client, grant_type="password", **person)
    _, application = await grant(client, grant_type="client_credentials")
    query = urlencode({"response_type": "code", "client_id": "demo-client", "redirect_uri": CALLBACK})
    async with client.post(f"/oauth/authorize?{query}", data=person, allow_redirects=False) as answer:
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    sessions = [await logged_in(client, content) for content in (PASSWORD_LOGIN, TOKEN_LOGIN)]
    return Issued(*sessions, user["access_token"], application["access_token"], user["refresh_token"], code)


def in_list(dialect: str, lists: str, /, **values: Any) -> Changed:
    def change(tenant: dict[str, Any]) -> None:
        first, *others = tenant[dialect][lists]
        tenant[dialect][lists] = [{**first, **values}, *others]

    return change


def without(dialect: str) -> Changed:
    return lambda tenant: tenant.pop(dialect)


OFFICE, QQ = {"by_password", "by_token"}, {"access", "application", "refresh", "code"}
ALL = OFFICE | QQ
CHANGES: list[tuple[Changed | None, set[str]]] = [
    (None, ALL),
    (in_list("qqsolutions", "clients", secret="new-secret"), OFFICE),
    (in_list("qqsolutions", "users", password="new-secret"), OFFICE | {"application"}),
    (in_list("qqsolutions", "users", name="other"), OFFICE | {"application"}),
    (without("qqsolutions"), OFFICE),
    (in_list("twentyfoursevenoffice", "users", password="new-secret"), QQ | {"by_token"}),
    (in_list("twentyfoursevenoffice", "users", tokens=[]), QQ | {"by_password"}),
    (in_list("twentyfoursevenoffice", "users", tokens=[{"id": t.OTHER}]), QQ | {"by_password"}),
    (in_list("twentyfoursevenoffice", "users", name="Somebody Else"), ALL),
    (without("twentyfoursevenoffice"), QQ),
]


async def test_what_a_change_of_the_configuration_ends(tmp_path: Path) -> None:
    """Codes are good once, so each change begins with new logins."""
    for change, good in CHANGES:
        async with serving(tmp_path) as client:
            made = await issued(client)
        async with serving(tmp_path, change) as client:
            assert await made.still_good(client) == good


async def test_a_token_without_a_proof_is_not_good(tmp_path: Path) -> None:
    """Earlier versions kept none, so nobody can say which credentials such a token was made with."""
    async with serving(tmp_path) as client:
        gateway = gateway_of(client)
        store = gateway.store
        made = await issued(client)
        tenant, facts = await store.get(ACCESS, made.access) or (TenantId(""), {})
        expires = gateway.clock.now(tenant).replace(year=2099)
        await store.put(ACCESS, made.access, tenant, facts, expires)
        assert "access" in await made.still_good(client)
        old = {name: value for name, value in facts.items() if name != "proof"}
        await store.put(ACCESS, made.access, tenant, old, expires)
        assert "access" not in await made.still_good(client)


async def test_a_tenant_that_is_made_again_with_another_secret(tmp_path: Path) -> None:
    async with serving(tmp_path, lambda tenant: tenant.update(id="fixed", qqsolutions=other_binding())) as client:
        directory = gateway_of(client).directory
        section = TenantSection.model_validate({"id": "moving", "series": [{"key": "main"}]})
        kept = example_values()["tenants"][0]["qqsolutions"]
        await directory.create(section, {"qqsolutions": kept})
        _, user = await grant(client, grant_type="password", username="demo", password="demo-secret")
        header = {"Authorization": f"Bearer {user['access_token']}"}
        for secret, status in (("demo-secret", 200), ("new-secret", 401)):
            await directory.delete(TenantId("moving"))
            async with client.get(NUMBERS, headers=header) as answer:
                assert answer.status == 401
            changed = {**kept, "clients": [{**kept["clients"][0], "secret": secret}]}
            await directory.create(section, {"qqsolutions": changed})
            async with client.get(NUMBERS, headers=header) as answer:
                assert answer.status == status


def other_binding() -> dict[str, Any]:
    return {"clients": [{"id": "other-client", "secret": "other"}]}
