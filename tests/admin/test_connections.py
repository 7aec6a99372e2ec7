"""Connections of the admin port: half-closed clients, broken requests, timeouts, their number, and stopping."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.server.wiring import Gateway
from tests.admin.conftest import READ_TOKEN, TOKEN
from tests.conftest import MakeGateway
from tests.until import until
from tests.web.raw_socket import Address, answered, connected, exchanged, head, statuses

TENANT = json.dumps({"id": "t"}).encode()
JSON = "Content-Type: application/json"
SIZE = f"Content-Length: {len(TENANT)}"


class Opened:
    """A gateway with an open admin port."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        url = urlsplit(gateway.admin_url)
        assert url.hostname is not None
        assert url.port is not None
        self.address: Address = (url.hostname, url.port)

    async def tenants(self) -> int:
        """How many tenants there are."""
        answer = await exchanged(self.address, head("GET", "/v1/tenants", host="localhost"), shut=True)
        return len(json.loads(answer.partition(b"\r\n\r\n")[2])["items"])


def problem(answer: bytes) -> str:
    """The last part of a problem's type."""
    before, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in before, answer
    return str(json.loads(body)["type"]).rpartition(":")[2]


async def opened(make_gateway: MakeGateway, changes: dict[str, Any] | None = None) -> Opened:
    client = await make_gateway({"admin_port": 0, **(changes or {})})
    gateway: Gateway = client.server.gateway
    await gateway.listen_admin()
    return Opened(gateway)


def posting(*fields: str, body: bytes = TENANT) -> bytes:
    return head("POST", "/v1/tenants", JSON, *fields, f"Content-Length: {len(body)}", host="localhost") + body


async def test_what_arrives_is_answered_once_it_is_whole(
    make_gateway: MakeGateway, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    own = await opened(make_gateway)
    first = await own.tenants()
    assert await exchanged(own.address, posting()[:-1], shut=True) == b""
    assert await exchanged(own.address, posting()[:30], shut=True) == b""
    async with connected(own.address) as (_, writer):
        writer.write(posting()[:-1])
        await writer.drain()
        writer.transport.abort()
    assert await own.tenants() == first
    await until(lambda: capsys.readouterr().out.count("aborted") >= 1)
    assert not caplog.records
    both = posting() + head("GET", "/v1/tenants", host="localhost")
    assert statuses(await exchanged(own.address, both, shut=True)) == [201, 200]
    assert await own.tenants() == first + 1


BROKEN = {
    "unknown method": (head("FOO", "/v1/tenants", host="localhost"), 405, "method-not-allowed"),
    "lower case": (head("get", "/v1/tenants", host="localhost"), 400, "broken-request"),
    "no host": (head("GET", "/v1/tenants", host=""), 400, "broken-request"),
    "a control character": (head("GET", "/v1/\x01", host="localhost"), 400, "broken-request"),
    "long target": (head("GET", "/" + "x" * 70_000, host="localhost"), 400, "broken-request"),
    "encrypted": (b"\x16\x03\x01\x02\x00", 400, "broken-request"),
    "odd expectation": (posting("Expect: 200-ok"), 400, "broken-request"),
    "tunnel": (head("CONNECT", "localhost:1", host="localhost"), 400, "broken-request"),
    "gzip cut short": (posting("Content-Encoding: gzip", body=gzip.compress(TENANT)[:-8]), 400, "malformed-body"),
    "bomb": (posting("Content-Encoding: gzip", body=gzip.compress(bytes(17_000_000))), 413, "body-too-large"),
}


async def test_what_is_broken_is_a_problem(make_gateway: MakeGateway) -> None:
    own = await opened(make_gateway)
    first = await own.tenants()
    for name, (sent, status, kind) in BROKEN.items():
        answer = await exchanged(own.address, sent, shut=True)
        assert (statuses(answer), problem(answer)) == ([status], kind), name
    chunks = head("POST", "/v1/tenants", JSON, "Transfer-Encoding: chunked", host="localhost")
    answer = await exchanged(own.address, chunks, b"ZZ\r\n")
    assert problem(answer) == "broken-request"
    assert await own.tenants() == first
    for coding in ("gzip", "X-GZIP"):
        body = gzip.compress(json.dumps({"id": coding.lower()}).encode())
        answer = await exchanged(own.address, posting(f"Content-Encoding: {coding}", body=body), shut=True)
        assert statuses(answer) == [201]


async def test_timeouts_are_those_of_the_data_port(make_gateway: MakeGateway) -> None:
    own = await opened(make_gateway, {"limits": {"body_timeout_seconds": 0.1, "keepalive_seconds": 0.3}})
    assert problem(await answered(own.address, posting()[:-1])) == "body-timeout"
    assert await exchanged(own.address, b"") == b""
    assert await exchanged(own.address, posting()[:30]) == b""
    assert statuses(await exchanged(own.address, head("GET", "/livez"))) == [200]


async def test_connections_have_a_cap(make_gateway: MakeGateway) -> None:
    own = await opened(make_gateway, {"limits": {"max_admin_connections": 2}})
    async with connected(own.address) as (reader, writer), connected(own.address):
        writer.write(head("GET", "/livez"))
        await reader.readuntil(b"\r\n\r\n")
        answer = await exchanged(own.address)
        assert (statuses(answer), problem(answer)) == ([503], "too-many-connections")

    async def is_free() -> bool:
        return statuses(await exchanged(own.address, head("GET", "/livez"), shut=True)) == [200]

    await until(is_free)


async def test_stopping_does_not_wait_for_a_body(make_gateway: MakeGateway) -> None:
    own = await opened(make_gateway)
    async with connected(own.address) as (reader, writer):
        writer.write(posting("Expect: 100-continue")[: -len(TENANT)])
        await reader.readuntil(b"100 Continue\r\n\r\n")
        stopped = asyncio.create_task(own.gateway.__aexit__(None, None, None))
        assert problem(await reader.read()) == "stopping"
        await stopped


AUTHORIZATION = {
    "any case": ([f"Authorization: bEARER {TOKEN}"], 200),
    "several spaces": ([f"Authorization: Bearer  {TOKEN}"], 200),
    "read token": ([f"AUTHORIZATION: bearer {READ_TOKEN}"], 200),
    "another scheme": ([f"Authorization: Basic {TOKEN}"], 401),
    "another case of the token": ([f"Authorization: bearer {TOKEN.upper()}"], 401),
    "two": ([f"Authorization: Bearer {TOKEN}", f"Authorization: Bearer {TOKEN}"], 401),
    "a good and a bad one": ([f"Authorization: Bearer {TOKEN}", "Authorization: Bearer wrong"], 401),
    "an empty one and a good one": (["Authorization:", f"Authorization: Bearer {TOKEN}"], 401),
    "none": ([], 401),
    "no token": (["Authorization: Bearer"], 401),
}


async def test_authorization(make_gateway: MakeGateway) -> None:
    own = await opened(make_gateway, {"admin_token": TOKEN, "admin_read_token": READ_TOKEN})
    for name, (fields, status) in AUTHORIZATION.items():
        answer = await exchanged(own.address, head("GET", "/v1/tenants", *fields), shut=True)
        assert statuses(answer) == [status], name
    own_token_only = await opened(make_gateway, {"admin_token": TOKEN})
    answer = await exchanged(own_token_only.address, head("GET", "/v1/tenants", "Authorization: Bearer"), shut=True)
    assert statuses(answer) == [401]
