"""Sessions: their ids, how long they live, which identities they may switch to, and that no write undoes another one."""

from __future__ import annotations

import asyncio
import copy
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient
from multidict import CIMultiDict

from adapters.twentyfoursevenoffice.auth import Login, Member
from adapters.twentyfoursevenoffice.sessions import cookie_of, session_cookie, session_id
from gateway.server.wiring import Gateway
from gateway.spi.adapter import Call
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.adapters.twentyfoursevenoffice.dialect import Bench, make_bench, make_call
from tests.conftest import GatewayServer, MakeGateway, example_config, only

APPLICATION = UUID(t.APPLICATION)


def login(bench: Bench, user: str = "demo@example.com", password: str = "demo-secret") -> Login:
    found = bench.directory.by_password(APPLICATION, user, password)
    assert found is not None
    return found


def member(found: Login, identity: str = t.DEMO) -> Member:
    chosen = found.member(UUID(identity))
    assert chosen is not None
    return chosen


async def begun(bench: Bench) -> str:
    found = login(bench)
    return await bench.sessions.begin(found, member(found))


def test_ids_are_24_characters_of_aspnets_alphabet() -> None:
    ids = {session_id() for _ in range(2000)}
    assert len(ids) == 2000
    assert all(re.fullmatch("[a-z0-5]{24}", each) for each in ids)
    assert set("".join(ids)) == set("abcdefghijklmnopqrstuvwxyz012345")


def test_the_cookie() -> None:
    assert session_cookie("abc") == ("Set-Cookie", "ASP.NET_SessionId=abc; path=/; HttpOnly")


ID = "abcdefghijklmnopqrstuv05"
COOKIES = [
    ([f"ASP.NET_SessionId={ID}"], ID),
    ([f"asp.net_sessionid={ID}"], ID),
    ([f"a=b; ASP.NET_SessionId={ID}; c=d"], ID),
    ([f"a=b;ASP.NET_SessionId={ID};c=d"], ID),
    (["a=b", f"ASP.NET_SessionId={ID}"], ID),
    ([f'ASP.NET_SessionId="{ID}"'], ID),
    ([f"ASP.NET_SessionId=x; ASP.NET_SessionId={ID}"], ID),
    ([f"ASP.NET_SessionId={ID}; path=/; HttpOnly"], ID),
    ([f"ASP.NET_SessionId={ID.upper()}"], None),
    ([f"ASP.NET_SessionId={ID}6"], None),
    ([f"ASP.NET_SessionId={ID[:-1]}6"], None),
    ([f"XASP.NET_SessionId={ID}"], None),
    ([f"ASPxNET_SessionId={ID}"], None),
    ([f"ASP.NET_SessionId={ID}\x00"], None),
    (["ASP.NET_SessionId="], None),
    ([""], None),
    ([], None),
]


@pytest.mark.parametrize(("headers", "found"), COOKIES)
def test_cookies(headers: list[str], found: str | None) -> None:
    named = CIMultiDict([("Cookie", header) for header in headers])
    assert cookie_of(Call("POST", t.PATH, "", named, b"", "http://x", "r")) == found


async def test_a_session_lives_from_its_last_use() -> None:
    bench = make_bench(session_lifetime_seconds=1000)
    session = await begun(bench)
    for _ in range(5):
        bench.clock.later(900)
        assert await bench.sessions.find(make_call(cookie=session))
    bench.clock.later(1000)
    assert await bench.sessions.find(make_call(cookie=session)) is None


async def test_a_use_writes_only_after_a_tenth_of_the_life() -> None:
    bench = make_bench(session_lifetime_seconds=1000)
    session = await begun(bench)
    writes = bench.vault.writes
    for _ in range(50):
        bench.clock.later(1)
        assert await bench.sessions.find(make_call(cookie=session))
    assert bench.vault.writes == writes
    bench.clock.later(50)
    for _ in range(50):
        assert await bench.sessions.find(make_call(cookie=session))
    assert bench.vault.writes == writes + 1


async def test_a_switch_and_a_prolongation_at_once() -> None:
    """The switch stays, whichever begins first."""
    for prolong_first in (True, False):
        bench = make_bench(session_lifetime_seconds=1000)
        session = await begun(bench)
        found = await bench.sessions.find(make_call(cookie=session))
        assert found is not None
        bench.clock.later(500)
        prolong = bench.sessions.find(make_call(cookie=session))
        switch = bench.sessions.switch(found, member(found.login, t.OTHER))
        await asyncio.gather(*((prolong, switch) if prolong_first else (switch, prolong)))
        after = await bench.sessions.find(make_call(cookie=session))
        assert after is not None
        assert after.member is not None
        assert (str(after.member.id), after.member.tenant) == (t.OTHER, "other")


async def test_a_session_that_ended_is_not_brought_back_by_a_switch() -> None:
    bench = make_bench(session_lifetime_seconds=1000)
    session = await begun(bench)
    found = await bench.sessions.find(make_call(cookie=session))
    assert found is not None
    bench.clock.later(1000)
    assert not await bench.sessions.switch(found, member(found.login, t.OTHER))
    assert await bench.sessions.find(make_call(cookie=session)) is None


async def test_what_the_configuration_takes_away_sessions_lose() -> None:
    bench = make_bench()
    session = await begun(bench)
    without_identity, without_user, without_application = (copy.deepcopy(t.TENANTS) for _ in range(3))
    without_identity[0]["twentyfoursevenoffice"]["users"][0]["identities"].pop(0)
    for tenant in without_user:
        tenant["twentyfoursevenoffice"]["users"][0]["username"] = "new@example.com"
    for tenant in without_application:
        tenant["twentyfoursevenoffice"]["applications"] = [t.DEMO]
    lost = await make_bench(without_identity, bench.vault).sessions.find(make_call(cookie=session))
    assert lost is not None
    assert lost.member is None
    for tenants in (without_user, without_application):
        assert await make_bench(tenants, bench.vault).sessions.find(make_call(cookie=session)) is None


async def test_sessions_survive_a_restart(tmp_path: Path, aiohttp_client: Any) -> None:
    """The store is the same, the process is not."""
    session = ""
    for expected in ("", "other"):
        config, document = example_config(tmp_path, {**only("twentyfoursevenoffice"), "tenants": t.TENANTS})
        async with Gateway(config, document) as gateway:
            client = await aiohttp_client(GatewayServer(gateway))
            session = session or await t.log_in(client)
            if expected:
                _status, text = await t.post(client, t.PATH, "GetIdentity", "", session)
                assert t.OTHER in text
            else:
                inner = f"<identityId>{t.OTHER}</identityId>"
                _status, text = await t.post(client, t.PATH, "SetIdentityById", inner, session)
                assert ">true<" in text
            await client.close()
        assert session.encode() not in (tmp_path / "gateway.db").read_bytes()  # only its hash is kept


async def test_a_sessions_life_over_http(make_gateway: MakeGateway) -> None:
    """A session lives by the clock of the tenant that it works in."""
    client: TestClient = await make_gateway({**only("twentyfoursevenoffice"), "tenants": t.TENANTS})
    session = await t.log_in(client)
    clock = client.server.gateway.clock

    async def alive() -> bool:
        return ">true<" in (await t.post(client, t.PATH, "HasSession", "", session))[1]

    await clock.travel("other", by_seconds=3600)
    assert await alive()
    await clock.travel("demo", by_seconds=1190)
    assert await alive()
    await clock.travel("demo", by_seconds=1190)
    assert await alive()
    await clock.travel("demo", by_seconds=1201)
    assert not await alive()
    status, text = await t.post(client, t.INVOICES, "GetPaymentMethods", "", session)
    assert (status, "Session is not authenticated" in text) == (500, True)
