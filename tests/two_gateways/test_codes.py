"""An authorization code is good once, whichever gateway it is brought to (R-19)."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.long_form import short_or_long
from tests.two_gateways.conftest import Asked

BACK = "http://127.0.0.1/cb"
CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret"}
pytestmark = pytest.mark.long_form

ROUNDS = short_or_long(3, 10)


async def code_from(gateway: Asked) -> str:
    query = urlencode({"client_id": "demo-client", "redirect_uri": BACK, "response_type": "code"})
    login = urlencode({"username": "demo", "password": "demo-secret"})
    _, _, headers = await gateway.data(f"/oauth/authorize?{query}", login)
    return parse_qs(urlsplit(headers["Location"]).query)["code"][0]


async def spend(gateway: Asked, code: str) -> int:
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **CLIENT}
    status, text, _ = await gateway.data("/oauth/token", urlencode(grant))
    assert status == 200 or "The token is invalid." in text
    return status


async def test_at_the_same_time(pair: tuple[Asked, Asked]) -> None:
    one, other = pair
    for _ in range(ROUNDS):
        code = await code_from(one)
        assert sorted(await asyncio.gather(spend(one, code), spend(other, code))) == [200, 400]


async def test_one_after_the_other(pair: tuple[Asked, Asked]) -> None:
    """The gateway that made the code still has it in memory when the other one has used it up."""
    one, other = pair
    for _ in range(ROUNDS):
        code = await code_from(one)
        assert [await spend(other, code), await spend(one, code)] == [200, 400]
