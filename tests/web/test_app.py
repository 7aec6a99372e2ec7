"""The data port with a toy dialect: limits, encodings, mounts, failures, and no text of aiohttp's own in any answer."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestClient

from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.refusals import CounterUnset, Refusal, Refused
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.spi.adapter import Call, Endpoint, Failure, Operation, Reply
from gateway.spi.exchange import Exchange
from gateway.web.app import DataHandler
from gateway.web.body import WebLimits
from gateway.web.metrics import Metrics
from gateway.web.mounts import Mount
from gateway.web.server import DataServer


@dataclass
class Toy:
    """Echoes requests; some paths fail on purpose."""

    operations: Sequence[Operation] = ()
    started: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def claims(self, path: str) -> bool:
        return path.startswith("/toy")

    async def answer(self, call: Call) -> Reply:
        wrong: dict[str, Exception] = {
            "/toy/refused": Refused(CounterUnset(CounterKey(SeriesId(1), INVOICE))),
            "/toy/store": StoreUnavailableError("gone"),
            "/toy/full": StoreOverloadedError("full"),
            "/toy/bug": RuntimeError("bug"),
        }
        if call.path in wrong:
            raise wrong[call.path]
        if call.path == "/toy/slow":
            self.started.set()
            await self.release.wait()
        if call.path == "/toy/base":
            return Reply(200, (("X-Base", call.base_url),))
        return Reply(200, (("X-Path", call.path), ("X-Query", call.query)), call.body)

    def refuse(self, call: Call, refusal: Refusal) -> Reply:
        return Reply(409, (("Content-Type", "toy/refusal"),), type(refusal).__name__.encode())

    def fail(self, call: Call, failure: Failure) -> Reply:
        if call.path == "/toy/bug" and call.query == "twice":
            raise RuntimeError("cannot even say so")
        return Reply(599, (("Content-Type", "toy/failure"),), failure.name.encode())

    def endpoints(self, base_url: str, tenant: TenantId) -> Sequence[Endpoint]:
        return ()


class ToyServer(BaseTestServer):
    def __init__(self, handler: DataHandler) -> None:
        super().__init__()
        self.data_handler = handler

    async def _make_runner(self, **_: Any) -> web.BaseRunner:
        return web.ServerRunner(DataServer(self.data_handler, 5.0))


def handler_for(toy: Toy, patience: float = 60.0, **mount: Any) -> DataHandler:
    """A handler for the toy dialect.

    patience: how many seconds an answer may take, and how many a body may take to arrive.
    """
    exchange = Exchange("toy", toy, patience, 2)
    return DataHandler([Mount(exchange, **mount)], WebLimits(1000, patience), (), Metrics())


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
async def client(toy: Toy, aiohttp_client: Any) -> TestClient:
    return await aiohttp_client(ToyServer(handler_for(toy)))


@pytest.fixture
async def impatient(toy: Toy, aiohttp_client: Any) -> TestClient:
    return await aiohttp_client(ToyServer(handler_for(toy, patience=0.2)))


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/toy/refused", 409, b"CounterUnset"),
        ("/toy/store", 599, b"STORE_UNAVAILABLE"),
        ("/toy/full", 599, b"OVERLOADED"),
        ("/toy/bug", 599, b"INTERNAL"),
        ("/toy/bug?twice", 500, b""),
    ],
)
async def test_everything_that_goes_wrong_is_worded_by_the_dialect(
    client: TestClient, path: str, status: int, body: bytes
) -> None:
    async with client.get(path) as answer:
        assert (answer.status, await answer.read()) == (status, body)


async def test_only_the_dialects_headers_are_sent(client: TestClient) -> None:
    async with client.post("/toy/a%2Fb?x=%20", data=b"hello") as answer:
        assert set(answer.headers) == {"X-Path", "X-Query", "Content-Length", "Date"}
        assert (answer.headers["X-Path"], answer.headers["X-Query"]) == ("/toy/a%2Fb", "x=%20")
        assert await answer.read() == b"hello"


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("gzip", gzip.compress(b"hi", mtime=0), b"hi"),
        ("deflate", zlib.compress(b"hi"), b"hi"),
        ("gzip", b"not gzip", b"BODY_UNREADABLE"),
        ("rot13", b"uv", b"uv"),
        ("gzip", gzip.compress(b"0" * 100_000, mtime=0), b"BODY_TOO_LARGE"),
        ("identity", b"0" * 1001, b"BODY_TOO_LARGE"),
    ],
)
async def test_bodies(client: TestClient, encoding: str, body: bytes, expected: bytes) -> None:
    headers = {"Content-Encoding": encoding}
    async with client.post("/toy", data=body, headers=headers, skip_auto_headers=["Content-Encoding"]) as answer:
        assert await answer.read() == expected


async def test_too_many_at_once_get_the_overload_answer(client: TestClient, toy: Toy) -> None:
    slow = [asyncio.create_task(client.get("/toy/slow")) for _ in range(2)]
    await toy.started.wait()
    while True:  # both must be inside; the third then is one too many
        async with client.get("/toy/quick") as answer:
            if await answer.read() == b"OVERLOADED":
                break
    toy.release.set()
    assert [(await task).status for task in slow] == [200, 200]


async def raw(client: TestClient, message: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    try:
        writer.write(message)
        return await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"POST /toy HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", b"HTTP/1.0 200 OK"),
        (
            b"POST /toy HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK",
        ),
        (
            b"POST /toy HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
        ),
    ],
)
async def test_wire_forms(client: TestClient, message: bytes, expected: bytes) -> None:
    answer = await raw(client, message)
    assert answer.startswith(expected)
    assert answer.endswith(b"\r\n\r\nhi")


async def test_what_is_not_http_gets_a_bare_status(client: TestClient) -> None:
    answer = await raw(client, b"\x16\x03\x01 hello\r\n\r\n")
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b""
    assert b"aiohttp" not in head.lower()
    assert b"content-type" not in head.lower()


async def test_an_answer_that_takes_too_long_is_worded_by_the_dialect(impatient: TestClient) -> None:
    async with impatient.get("/toy/slow") as answer:
        assert (answer.status, await answer.read()) == (599, b"DEADLINE")


async def test_a_body_that_does_not_arrive_times_out_in_dialect(impatient: TestClient) -> None:
    answer = await raw(impatient, b"POST /toy HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhi")
    assert answer.endswith(b"BODY_TIMEOUT")


async def test_a_path_of_nobody_names_the_product(client: TestClient) -> None:
    async with client.get("/elsewhere") as answer:
        assert answer.status == 404
        assert (await answer.text()).startswith("invoice-gateway: ")


@pytest.mark.parametrize(
    ("mount", "path", "host", "expected"),
    [
        ({"prefix": "/legacy"}, "/legacy/toy/base", "h", "http://h/legacy"),
        ({"prefix": "/legacy"}, "/toy/base", "h", None),
        ({"prefix": "/legacy"}, "/legacyx/toy/base", "h", None),
        ({"hosts": lambda: ["toy.example"]}, "/toy/base", "TOY.example:1", "http://TOY.example:1"),
        ({"hosts": lambda: ["toy.example"]}, "/toy/base", "other", "http://other"),
        ({"public_url": "https://p.example/x"}, "/toy/base", "h", "https://p.example/x"),
    ],
)
async def test_mounts(
    toy: Toy, aiohttp_client: Any, mount: dict[str, Any], path: str, host: str, expected: str | None
) -> None:
    client = await aiohttp_client(ToyServer(handler_for(toy, **mount)))
    async with client.get(path, headers={"Host": host}) as answer:
        assert answer.headers.get("X-Base") == expected
        assert answer.status == (200 if expected else 404)


async def test_a_whole_prefix_belongs_to_its_dialect(toy: Toy, aiohttp_client: Any) -> None:
    client = await aiohttp_client(ToyServer(handler_for(toy, prefix="/legacy")))
    async with client.get("/legacy/unknown") as answer:
        assert (answer.status, answer.headers["X-Path"]) == (200, "/unknown")


@dataclass
class Service(Toy):
    """A dialect with one address of its own, which notes its requests.

    greedy: it claims every path.
    """

    addresses: Sequence[str] = ("/service",)
    greedy: bool = False
    asked: list[str] = field(default_factory=list)

    def claims(self, path: str) -> bool:
        self.asked.append(path)
        return self.greedy or path.startswith("/service")

    async def answer(self, call: Call) -> Reply:
        return Reply(200, (("X-Path", call.path),))


async def found_at(handler: DataHandler, client: Any, path: str, host: str = "h") -> str | None:
    """The path within the mount that answers; None when no mount does."""
    server = await client(ToyServer(handler))
    async with server.get(path, headers={"Host": host}) as answer:
        return answer.headers.get("X-Path")


def several(*mounts: Mount) -> DataHandler:
    return DataHandler(mounts, WebLimits(1000, 0.2), (), Metrics())


async def test_an_address_is_found_without_asking_every_dialect(aiohttp_client: Any) -> None:
    other, own = Service(addresses=()), Service()
    handler = several(Mount(Exchange("other", other, 1, 2)), Mount(Exchange("own", own, 1, 2), prefix="/own"))
    other.asked.clear()
    own.asked.clear()
    assert await found_at(handler, aiohttp_client, "/own/service") == "/service"
    assert other.asked == own.asked == []
    assert await found_at(handler, aiohttp_client, "/own/else") == "/else"
    assert other.asked == ["/own/else"]
