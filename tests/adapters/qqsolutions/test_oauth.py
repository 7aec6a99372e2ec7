"""Tokens: grants one after the other, expiry, withdrawal, the places of a token in a request, codes that work once."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from adapters.qqsolutions.settings import Settings
from tests.adapters.qqsolutions.dialect import DEMO, FORM, INVOICES, Bench, bound, header, make_call

CALLBACK = "http://127.0.0.1:8000/cb"
INVALID_TOKEN = {"error": "invalid_grant", "error_description": "The token is invalid."}
NOBODY_HOME = "/v1/Locations/99/Finance/InvoiceNumbers"
"""A location that does not exist: a good token gets 404, and the service is not asked."""


async def status_with(bench: Bench, token: str, path: str = NOBODY_HOME) -> int:
    reply = await bench.dialect.answer(make_call(path=path, Authorization=f"Bearer {token}"))
    return reply.status


async def authorized(bench: Bench, redirect: str = CALLBACK, **more: str) -> str:
    """A code, fetched by following the redirect of a client whose user is logged in automatically."""
    query = urlencode({"response_type": "code", "client_id": "demo-client", "redirect_uri": redirect, **more})
    reply = await bench.dialect.answer(make_call(path="/oauth/authorize", query=query))
    assert reply.status == 302
    return parse_qs(urlsplit(header(reply, "Location") or "").query)["code"][0]


async def test_password_then_refresh() -> None:
    bench = Bench()
    _, first = await bench.token(grant_type="password", username="demo", password="demo-secret")
    status, second = await bench.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (status, second["token_type"], second["expires_in"]) == (200, "bearer", 3600)
    assert "refresh_token" not in second
    assert second["access_token"] != first["access_token"]
    for token in (first["access_token"], second["access_token"]):
        assert await status_with(bench, token) == 404
    assert await status_with(bench, first["refresh_token"]) == 401


async def test_tokens_expire() -> None:
    bench = Bench(token_lifetime_seconds=100, refresh_lifetime_seconds=1000)
    _, answer = await bench.token(grant_type="password", username="demo", password="demo-secret")
    assert answer["expires_in"] == 100
    bench.clock.forward(99)
    assert await status_with(bench, answer["access_token"]) == 404
    bench.clock.forward(1)
    assert await status_with(bench, answer["access_token"]) == 401
    assert (await bench.token(grant_type="refresh_token", refresh_token=answer["refresh_token"]))[0] == 200
    bench.clock.forward(900)
    refused = await bench.token(grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert refused == (400, INVALID_TOKEN)


async def test_a_code_is_good_once_and_for_its_address() -> None:
    bench = Bench(authorize_as="demo")
    code = await authorized(bench)
    exchange = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    status, answer = await bench.token(**exchange)
    assert status == 200
    assert "refresh_token" in answer
    assert await status_with(bench, answer["access_token"]) == 404
    assert await bench.token(**exchange) == (400, INVALID_TOKEN)
    other = {**exchange, "code": await authorized(bench), "redirect_uri": f"{CALLBACK}/other"}
    assert (await bench.token(**other))[1]["error"] == "invalid_grant"


async def test_a_code_exchanged_twice_at_the_same_time_is_given_once() -> None:
    bench = Bench(authorize_as="demo")
    exchange = {"grant_type": "authorization_code", "code": await authorized(bench), "redirect_uri": CALLBACK}
    slow = bench.vault.drop

    async def drop(kind: str, token: str) -> bool:
        await asyncio.sleep(0)
        return await slow(kind, token)

    bench.vault.drop = drop  # type: ignore[method-assign]
    answers = await asyncio.gather(*(bench.token(**exchange) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400, 400]


async def test_codes_expire() -> None:
    bench = Bench(authorize_as="demo", code_lifetime_seconds=10)
    code = await authorized(bench)
    bench.clock.forward(10)
    refused = await bench.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert refused == (400, INVALID_TOKEN)


async def test_tokens_of_another_client_are_not_accepted() -> None:
    second = {"id": "second", "secret": "s"}
    bench = Bench(bound(clients=[*DEMO["clients"], second]), authorize_as="demo")
    _, answer = await bench.token(grant_type="password", username="demo", password="demo-secret")
    as_second = {"client_id": "second", "client_secret": "s"}
    refused = await bench.token(grant_type="refresh_token", refresh_token=answer["refresh_token"], **as_second)
    assert refused == (400, INVALID_TOKEN)
    code = await authorized(bench)
    refused = await bench.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **as_second)
    assert refused == (400, INVALID_TOKEN)


@pytest.mark.parametrize(
    "binding",
    [
        {"users": [{"name": "somebody", "password": "x"}]},
        {"clients": [{"id": "another", "secret": "x"}]},
    ],
)
async def test_a_token_does_not_outlive_its_user_and_client(binding: dict[str, Any]) -> None:
    before = Bench()
    token = await before.user_token()
    assert await status_with(Bench(vault=before.vault), token) == 404
    assert await status_with(Bench(bound(**binding), vault=before.vault), token) == 401
    elsewhere = Bench(bound("other"), vault=before.vault)
    assert await status_with(elsewhere, token) == 401


async def test_places_of_the_token() -> None:
    bench = Bench()
    token = await bench.user_token()
    calls = {
        "header": make_call(path=NOBODY_HOME, Authorization=f"bearer  {token} "),
        "form": make_call(
            "POST", NOBODY_HOME, body=f"access_token={quote(token)}&NextNumberShouldBe=1", content_type=FORM
        ),
        "query": make_call(path=NOBODY_HOME, query=f"Access_Token={quote(token)}"),
    }
    statuses = {place: (await bench.dialect.answer(call)).status for place, call in calls.items()}
    assert statuses == {"header": 404, "form": 200, "query": 404}
    strict = Bench(vault=bench.vault, token_places=["header"])
    statuses = {place: (await strict.dialect.answer(call)).status for place, call in calls.items()}
    assert statuses == {"header": 404, "form": 401, "query": 401}


async def test_the_header_outranks_the_query() -> None:
    bench = Bench()
    token = await bench.user_token()
    call = make_call(path=NOBODY_HOME, query=f"access_token={token}", Authorization="Bearer wrong")
    assert (await bench.dialect.answer(call)).status == 401
    call = make_call(path=NOBODY_HOME, query=f"access_token={token}", Authorization="Basic wrong")
    assert (await bench.dialect.answer(call)).status == 404


@pytest.mark.parametrize(
    "authorization",
    ["Basic", "Basic ", "Basic !", "Basic ZGVtby1jbGllbnQ=", "Basic //79", "basic OnNlY3JldA=="],
)
async def test_unreadable_client_credentials(authorization: str) -> None:
    call = make_call(
        "POST", "/oauth/token", body="grant_type=client_credentials", content_type=FORM, Authorization=authorization
    )
    reply = await Bench().dialect.answer(call)
    assert json.loads(reply.body)["error"] == "invalid_client"
    assert reply.status == (400 if authorization == "Basic" else 401)


async def test_encoded_client_credentials() -> None:
    bench = Bench(bound(clients=[{"id": "a b", "secret": "p:w%"}]))
    call = make_call(
        "POST",
        "/oauth/token",
        body="grant_type=client_credentials",
        content_type=FORM,
        Authorization="Basic YStiOnAlM0F3JTI1",  # a+b:p%3Aw%25
    )
    assert (await bench.dialect.answer(call)).status == 200


async def test_the_login_page_escapes_what_it_repeats() -> None:
    query = (
        urlencode({"response_type": "code", "client_id": "demo-client", "redirect_uri": CALLBACK, "state": "x"})
        + '&a="><script>'
    )
    reply = await Bench().dialect.answer(make_call(path="/oauth/authorize", query=query))
    assert reply.status == 200
    assert b"<script>" not in reply.body


async def test_what_clients_send_into_a_redirect_stays_in_it() -> None:
    bench = Bench(authorize_as="demo")
    query = urlencode(
        {"response_type": "code", "client_id": "demo-client", "redirect_uri": CALLBACK, "state": "a\r\nb: c"}
    )
    reply = await bench.dialect.answer(make_call(path="/oauth/authorize", query=query))
    location = header(reply, "Location") or ""
    assert location.isprintable()
    assert parse_qs(urlsplit(location).query)["state"] == ["a\r\nb: c"]


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "http://127.0.0.1.evil.example/", "//127.0.0.1/", "http://[", "http://localhost/#x"]
)
async def test_addresses_that_are_not_redirected_to(uri: str) -> None:
    query = urlencode({"response_type": "code", "client_id": "demo-client", "redirect_uri": uri})
    reply = await Bench(authorize_as="demo").dialect.answer(make_call(path="/oauth/authorize", query=query))
    assert reply.status == 400
    assert header(reply, "Location") is None


async def test_the_vault_holds_no_passwords() -> None:
    bench = Bench()
    await bench.user_token()
    assert "demo-secret" not in repr(bench.vault.kept)
    assert "demo-secret" not in repr(bound().binding)


@pytest.mark.parametrize(
    ("tenants", "problem"),
    [
        ((bound("a"), bound("b")), "client 'demo-client' is given twice"),
        ((bound(users=[*DEMO["users"], *DEMO["users"]]),), "user 'demo' is given twice"),
        ((bound(locations=[*DEMO["locations"], *DEMO["locations"]]),), "location '37' is given twice"),
        ((bound(locations=[{"id": "1", "series": "x"}]),), "has no series 'x'"),
    ],
)
def test_contradicting_bindings(tenants: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Bench(*tenants)


@pytest.mark.parametrize(
    "settings",
    [
        {"extra_headers": {"A B": "c"}},
        {"extra_headers": {"A": "b\r\nc: d"}},
        {"www_authenticate": "a\nb"},
        {"body_parameter": "a b"},
        {"unknown": 1},
        {"token_lifetime_seconds": 0},
    ],
)
def test_refused_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Settings.model_validate(settings)


@pytest.mark.parametrize("uri", ["ftp://x/", "https:///x", "/x", "https://x/#y"])
def test_refused_redirect_addresses(uri: str) -> None:
    with pytest.raises(ValueError):
        bound(clients=[{"id": "a", "secret": "b", "redirect_uris": [uri]}])


@pytest.mark.parametrize(
    ("location", "shown", "in_path"),
    [
        ({"id": "37"}, 37, 37),
        ({"id": "007"}, 7, "007"),
        ({"id": "x"}, 0, "x"),
        ({"id": "99999999999"}, 0, "99999999999"),
        ({"id": "2147483648"}, 0, "2147483648"),
        ({"id": "x", "number": 5}, 5, "x"),
    ],
)
def test_location_numbers(location: dict[str, Any], shown: int, in_path: int | str) -> None:
    (found,) = bound(locations=[{**location, "series": "main"}]).binding.locations
    assert (found.shown_number, found.shown_id) == (shown, in_path)


@pytest.mark.parametrize(
    ("path", "claimed"),
    [
        (INVOICES, True),
        ("/V1/anything", True),
        ("/v1", False),
        ("/v10/x", False),
        ("/oauth/token", True),
        ("/OAuth/Authorize/", True),
        ("/oauth/other", False),
        ("/Lookups.svc/LoginStatus", True),
        ("/contacts.SVC", True),
        ("/x/Lookups.svc", False),
        ("/x.svcs/y", False),
        ("/", False),
    ],
)
def test_claims(path: str, claimed: bool) -> None:
    assert Bench().dialect.claims(path) is claimed


def test_endpoints_name_what_a_client_needs() -> None:
    found = Bench().dialect.endpoints("http://h:1", bound().tenant)
    assert [endpoint.url for endpoint in found] == [
        "http://h:1/oauth/token",
        "http://h:1/v1/Locations/37/Finance/InvoiceNumbers",
        "http://h:1/v1/Locations/37/Finance/ReceiptNumbers",
    ]
    assert found[0].credentials["client_id"] == "demo-client"
    assert Bench().dialect.endpoints("http://h:1", bound("other").tenant) == []


def test_operations_are_all_listed() -> None:
    operations = Bench().dialect.operations
    assert sum(operation.served for operation in operations) == 9
    assert all(operation.note for operation in operations if not operation.served)
