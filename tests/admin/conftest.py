"""A gateway with open admin and data ports on a real store, and a client that checks every answer against the description."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from jsonschema_rs import Draft202012Validator

from gateway.admin.api import TABLE
from gateway.admin.openapi import description
from gateway.server.wiring import Gateway
from tests.conftest import MakeGateway

TOKEN = "full-token"
READ_TOKEN = "read-token"


@dataclass
class Answered:
    """An answer of the admin port, read to its end."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: Any = field(default=None)

    @property
    def problem(self) -> str:
        """The last part of the problem's type, "" when the answer is no problem."""
        return str(self.body["type"]).rpartition(":")[2] if self.status >= 400 else ""


class Admin:
    """Asks the admin port. Every answer must be one that the description documents, with a body of the documented form."""

    def __init__(self, client: TestClient, data: TestClient, gateway: Gateway) -> None:
        self.client = client
        self.data = data
        self.gateway = gateway
        self.token: str | None = None

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Answered:
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **options.pop("headers", {})}
        if body is not None:
            options.setdefault("data", json.dumps(body))
            headers.setdefault("Content-Type", "application/json")
        async with self.client.request(method, path, headers=headers, **options) as response:
            text = await response.text()
            media = response.headers.get("Content-Type", "").partition(";")[0]
            parsed = json.loads(text) if text and media.endswith(("/json", "+json")) else None
            answered = Answered(response.status, response.headers.copy(), text, parsed)
        check(method, str(response.url.raw_path), answered)
        return answered

    async def get(self, path: str, **options: Any) -> Answered:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answered:
        return await self.ask("POST", path, body, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> Answered:
        return await self.ask("PUT", path, body, **options)

    async def patch(self, path: str, body: Any = None, **options: Any) -> Answered:
        return await self.ask("PATCH", path, body, **options)

    async def delete(self, path: str, **options: Any) -> Answered:
        return await self.ask("DELETE", path, **options)


def check(method: str, raw_path: str, answered: Answered) -> None:
    """Check that the answer is documented: its status, its media type, the form of its body."""
    route, _, _ = TABLE.find(method, raw_path)
    if route is None:
        return
    described = description()
    operation = described["paths"][route.path][route.method.lower()]
    assert str(answered.status) in operation["responses"], f"{route.name} answered {answered.status}: {answered.text}"
    content = operation["responses"][str(answered.status)].get("content")
    if content is None or method == "HEAD":
        assert answered.text == ""
        return
    media = answered.headers["Content-Type"].partition(";")[0]
    assert media in content
    if answered.body is not None:
        schema = {**content[media]["schema"], "components": described["components"]}
        problems = [error.message for error in Draft202012Validator(schema).iter_errors(answered.body)]
        assert not problems, f"{route.name} {answered.status}: {problems[:3]} in {answered.text[:500]}"


MakeAdmin = Callable[..., Awaitable[Admin]]


@pytest.fixture
def make_admin(make_gateway: MakeGateway, aiohttp_client: Any) -> MakeAdmin:
    """Makes gateways with an open admin port: `admin = await make_admin({…})`."""

    async def make(changes: Mapping[str, Any] | None = None) -> Admin:
        data = await make_gateway(changes)
        gateway = data.server.gateway
        gateway.data_url = str(data.make_url("/")).rstrip("/")
        client = await aiohttp_client(TestServer(gateway.admin_application()))
        return Admin(client, data, gateway)

    return make


@pytest.fixture
async def admin(make_admin: MakeAdmin) -> Admin:
    """A gateway with the example configuration, without tokens."""
    return await make_admin()
