"""The golden cases of QQSolutions, over HTTP against a gateway on a real store; tokens are fetched over HTTP as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.testing.golden import BrokenCase, GoldenCase, read_cases, titles
from tests.conftest import MakeGateway
from tests.golden import run_case

CASES = read_cases(Path(__file__).parent / "cases")
TENANTS = [
    {
        "id": "demo",
        "series": [{"key": "main", "name": "main", "default": True}],
        "qqsolutions": {
            "clients": [{"id": "demo-client", "secret": "demo-secret"}],
            "users": [{"name": "demo", "password": "demo-secret"}],
            "locations": [
                {"id": "37", "series": "main"},
                {"id": "head office", "series": "main", "number": 4, "name": "Head Office"},
            ],
        },
    },
    {
        "id": "other",
        "series": [{"key": "main", "name": "main", "default": True}],
        "qqsolutions": {
            "clients": [{"id": "other-client", "secret": "other-secret"}],
            "users": [{"name": "other", "password": "other-secret"}],
            "locations": [{"id": "38", "series": "main"}],
        },
    },
]
GRANTS = {
    "user": {"grant_type": "password", "username": "demo", "password": "demo-secret"},
    "client": {"grant_type": "client_credentials"},
}


async def bearer(client: TestClient, name: str) -> str:
    """A token of the demo user, or of the application alone."""
    form = {"client_id": "demo-client", "client_secret": "demo-secret", **GRANTS[name]}
    async with client.post("/oauth/token", data=form) as answer:
        token: str = (await answer.json())["access_token"]
        return token


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
async def test_case(make_gateway: MakeGateway, case: GoldenCase | BrokenCase) -> None:
    async def make(changes: Mapping[str, Any] | None = None) -> TestClient:
        return await make_gateway({**(changes or {}), "tenants": TENANTS})

    await run_case(make, "qqsolutions", case, bearer)
