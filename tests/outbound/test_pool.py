"""The pool: what arrives is what was given, nothing goes where it must not, and every bound holds."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from gateway.core.values import TenantId
from gateway.journal.capture import Captured, Rendering
from gateway.outbound.pool import Pool, PoolLimits
from gateway.simulation.fault_engine import FaultEngine
from gateway.simulation.fault_models import FaultRule
from gateway.spi.destinations import AllowList, allow_list
from gateway.spi.outbound import OutboundError, OutboundRequest
from gateway.spi.watch import Watch
from gateway.testing.memory_store import MOMENT, HandClock
from tests.outbound.conftest import Noted
from tests.outbound.receiver import Receiver

HOME = allow_list(["localhost"])
NOWHERE = allow_list([])
TENANT = TenantId("demo")


async def send(pool: Pool, request: OutboundRequest, allowed: AllowList = HOME) -> Any:
    return await pool.sender(TENANT, "vendor", allowed, "callback", "work-1-1").send(request)


async def failure(pool: Pool, request: OutboundRequest, allowed: AllowList = HOME) -> OutboundError:
    with pytest.raises(OutboundError) as raised:
        await send(pool, request, allowed)
    return raised.value


async def test_what_arrives_is_what_was_given(pool: Pool, receiver: Receiver, noted: Noted) -> None:
    headers = (("X-Vendor", "Åse".encode().decode("latin-1")), ("X-Again", "1"), ("X-Again", "2"))
    reply = await send(pool, OutboundRequest(f"{receiver.url}/a%20b/%2F?q=%C3%A5&x=a+b", "POST", headers, b"body"))
    assert (reply.status, reply.body) == (200, b"ok")
    (got,) = receiver.got
    assert (got.path, got.body) == ("/a%20b/%2F?q=%C3%A5&x=a+b", "body")
    names = [name for name, _ in got.headers]
    assert sorted(names) == ["Content-Length", "Host", "X-Again", "X-Again", "X-Vendor"]
    ((call, _, outcome),) = noted.calls
    assert (call.operation, call.tenant, call.principal, outcome) == ("callback", TENANT, "automatic", "answered")
    assert (call.findings, call.request_id) == (["outbound"], "work-1-1")


async def test_a_redirect_is_an_answer_and_no_cookie_comes_back(pool: Pool, receiver: Receiver) -> None:
    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/elsewhere", "Set-Cookie": "a=b"})

    receiver.answers["/here"] = redirect
    reply = await send(pool, OutboundRequest(f"{receiver.url}/here"))
    assert (reply.status, dict(reply.headers)["Location"]) == (302, "/elsewhere")
    await send(pool, OutboundRequest(f"{receiver.url}/again"))
    assert receiver.paths == ["/here", "/again"]
    assert "Cookie" not in dict(receiver.got[1].headers)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http://",
        "",
        "http://127.0.0.1:0/",
        "http://[::1",
    ],
)
async def test_what_is_no_address_is_refused(pool: Pool, url: str, noted: Noted) -> None:
    assert (await failure(pool, OutboundRequest(url))).is_refused
    assert noted.calls[0][2] == "refused"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
async def test_no_form_of_an_address_gets_past_the_list(pool: Pool, receiver: Receiver, host: str) -> None:
    error = await failure(pool, OutboundRequest(f"http://{host}:{receiver.port}/"), NOWHERE)
    assert error.is_refused
    assert not error.may_have_arrived
    assert receiver.got == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "[::]", "100.100.100.200"])
async def test_addresses_that_no_list_allows(pool: Pool, receiver: Receiver, host: str) -> None:
    error = await failure(pool, OutboundRequest(f"http://{host}:{receiver.port}/"), allow_list(["0.0.0.0/0", "::/0"]))
    assert error.is_refused
    assert receiver.got == []


async def test_the_admin_port_is_refused(receiver: Receiver) -> None:
    pool = Pool(own_ports=lambda: [receiver.port])
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        assert "administered" in str(await failure(pool, OutboundRequest(f"http://{host}:{receiver.port}/")))
    assert receiver.got == []
    await pool.close()


async def test_a_name_whose_address_changes_is_checked_at_every_connection(receiver: Receiver) -> None:
    """The name server answers with an allowed address first, and then with others."""
    answers = ["127.0.0.1", "127.0.0.1", "169.254.169.254", "10.0.0.1"]

    def look_up(host: str, port: int) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    pool = Pool(look_up=look_up)
    request = OutboundRequest(f"http://shop.example.com:{receiver.port}/", headers=(("Connection", "close"),))
    assert (await send(pool, request)).status == 200
    assert (await send(pool, request)).status == 200
    for word in ("link-local", "not on the list"):
        error = await failure(pool, request)
        assert error.is_refused
        assert word in str(error)
    assert (len(receiver.got), answers) == (2, [])
    await pool.close()


async def test_of_several_addresses_only_those_that_are_allowed_are_tried(receiver: Receiver) -> None:
    def look_up(host: str, port: int) -> list[tuple[Any, ...]]:
        found = ("169.254.169.254", "10.0.0.1", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    pool = Pool(look_up=look_up)
    assert (await send(pool, OutboundRequest(f"http://shop.example.com:{receiver.port}/"))).status == 200
    await pool.close()


async def test_a_kept_connection_is_not_lent_to_another_list(pool: Pool, receiver: Receiver) -> None:
    await send(pool, OutboundRequest(f"{receiver.url}/mine"))
    assert (await failure(pool, OutboundRequest(f"{receiver.url}/yours"), NOWHERE)).is_refused
    assert receiver.paths == ["/mine"]


async def test_the_socket_itself_is_checked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the look-up has let an address pass."""
    monkeypatch.setattr("gateway.outbound.connections.Names.resolve", _blind_look_up)
    pool = Pool()
    assert "not on the list" in str(await failure(pool, OutboundRequest("http://shop.example.com:9/")))
    await pool.close()


async def _blind_look_up(self: Any, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
    return [{"hostname": host, "host": "10.0.0.1", "port": port, "family": socket.AF_INET, "proto": 6, "flags": 0}]


async def test_sizes_are_bounded(pool: Pool, receiver: Receiver) -> None:
    async def large(_: web.Request) -> web.Response:
        return web.Response(text="x" * 1001)

    receiver.answers["/large"] = large
    error = await failure(pool, OutboundRequest(f"{receiver.url}/large"))
    assert "larger than 1000 bytes" in str(error)
    assert error.may_have_arrived
    error = await failure(pool, OutboundRequest(receiver.url, "POST", body=b"x" * 1001))
    assert error.is_refused
    assert receiver.paths == ["/large"]


async def test_time_is_bounded(receiver: Receiver) -> None:
    receiver.answers["/"] = receiver.hang
    pool = Pool(PoolLimits(total_seconds=0.05))
    error = await failure(pool, OutboundRequest(receiver.url))
    assert str(error) == "no answer in time"
    assert not error.is_refused
    await pool.close()


@contextlib.asynccontextmanager
async def closed_port() -> AsyncIterator[int]:
    """A port at which nobody listens, and which nobody else gets."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_server_that_is_not_there_is_tried_again(pool: Pool, noted: Noted) -> None:
    async with closed_port() as port:
        error = await failure(pool, OutboundRequest(f"http://127.0.0.1:{port}/"))
    assert (error.is_refused, error.may_have_arrived) == (False, False)
    ((call, reply, outcome),) = noted.calls
    assert (reply.status, outcome) == (0, "failed")
    assert call.findings[0].startswith("outbound: ")
    assert pool.figures() == {
        "outbound_answered": 0.0,
        "outbound_failed": 1.0,
        "outbound_refused": 0.0,
        "outbound_under_way": 0.0,
    }


@pytest.mark.parametrize("header", [("X-A", "a\r\nX-B: b"), ("X\r\nA", "b")])
async def test_a_header_cannot_bring_another_one(pool: Pool, receiver: Receiver, header: tuple[str, str]) -> None:
    assert (await failure(pool, OutboundRequest(receiver.url, headers=(header,)))).is_refused
    assert receiver.got == []


async def test_no_secret_gets_into_the_journal(pool: Pool, receiver: Receiver, noted: Noted) -> None:
    url = receiver.url.replace("http://", "http://user:geheim1@") + "/p?token=geheim2&order=7"
    headers = (("X-Api-Key", "geheim3"), ("Content-Type", "application/json"))
    await send(pool, OutboundRequest(url, "POST", headers, b'{"password": "geheim4"}'))
    assert dict(receiver.got[0].headers)["Authorization"].startswith("Basic ")
    ((call, reply, outcome),) = noted.calls
    entry = Rendering({}, 1000).entry(Captured(1, MOMENT, call, reply, "vendor", outcome, 0.1, ""))
    text = entry.model_dump_json()
    assert "geheim" not in text
    assert "order=7" in text
    assert (entry.request.base_url, entry.tenant) == (receiver.url, "demo")


FAULTS = [
    ("outbound_lost", {}, 0, "lost on the way"),
    ("outbound_answer_lost", {}, 1, "answer was lost"),
    ("outbound_doubled", {}, 2, ""),
    ("latency", {"seconds": 0.01}, 1, ""),
]


@pytest.mark.parametrize(("kind", "values", "arrived", "error"), FAULTS, ids=[row[0] for row in FAULTS])
async def test_faults(receiver: Receiver, noted: Noted, kind: str, values: Any, arrived: int, error: str) -> None:
    watch = Watch()
    faults = FaultEngine(watch, HandClock())
    pool = Pool(watch=watch, recorder=noted)
    rule = {"action": {"kind": kind, **values}, "at": "outbound", "operation": "callback", "first": 1}
    faults.add(FaultRule.model_validate(rule))
    faults.add(FaultRule.model_validate({**rule, "operation": "another"}))
    request = OutboundRequest(receiver.url)
    if error:
        assert error in str(await failure(pool, request))
    else:
        assert (await send(pool, request)).status == 200
    assert len(receiver.got) == arrived
    assert noted.calls[0][0].trace is not None
    assert noted.calls[0][0].trace.faults == ["f1"]
    assert (await send(pool, request)).status == 200
    await pool.close()


async def test_a_look_up_that_hangs_delays_nobody_else(receiver: Receiver) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look_up(host: str, port: int) -> list[tuple[Any, ...]]:
        if host == "hangs.example.com":
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    pool = Pool(look_up=look_up)
    hanging = asyncio.create_task(send(pool, OutboundRequest(f"http://hangs.example.com:{receiver.port}/hung")))
    assert (await send(pool, OutboundRequest(f"http://ok.example.com:{receiver.port}/ok"))).status == 200
    release.set()
    assert (await hanging).status == 200
    await pool.close()
