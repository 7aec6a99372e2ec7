"""Exactly this catalogue from now on: also without what another gateway has put in a moment ago."""

from __future__ import annotations

import pytest

from tests.long_form import short_or_long
from tests.two_gateways.conftest import Asked
from tests.two_gateways.test_tenants import made

pytestmark = pytest.mark.long_form

ROUNDS = short_or_long(2, 8)


async def test_what_another_gateway_has_just_put_is_gone(pair: tuple[Asked, Asked]) -> None:
    one, other = pair
    await made(one, "shop")
    for number in range(ROUNDS):
        first = {"customers": [{"id": 100 + number, "name": "A"}], "projects": [{"id": number + 1}]}
        second = {"customers": [{"id": 200 + number, "name": "B"}]}
        assert (await one.admin("PUT", "/shop/catalogue", first))[0] == 200
        status, answer = await other.admin("PUT", "/shop/catalogue", second)
        assert status == 200
        assert [item["id"] for item in answer["customers"]] == [200 + number]
        assert answer["projects"] == []
        assert (await other.admin("GET", "/shop/catalogue"))[1] == answer
