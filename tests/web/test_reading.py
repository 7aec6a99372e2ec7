"""Bodies: whose head is good, how many at a time, and what becomes of those that never are whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from gateway.web.server import DataRunner, DataServer
from tests.until import until
from tests.web.noted import KEY, scene
from tests.web.raw_socket import answered, connected, exchanged, head, statuses

CHUNKED = "Transfer-Encoding: chunked"
EXPECT = "Expect: 100-continue"
RIGHT = f"{KEY}: right"
LARGE = 65_537


def chunk(size: int) -> bytes:
    return b"%x\r\n%b\r\n" % (size, b"x" * size)


EARLY = {
    "announced": [head("POST", "/toy", f"Content-Length: {LARGE}")],
    "announced and begun": [head("POST", "/toy", f"Content-Length: {LARGE}") + b"x" * 100],
    "announced, waiting": [head("POST", "/toy", f"Content-Length: {LARGE}", EXPECT)],
    "in chunks, waiting": [head("POST", "/toy", CHUNKED, EXPECT)],
    "in chunks": [head("POST", "/toy", CHUNKED), chunk(40_000), chunk(40_000)],
}


@pytest.mark.parametrize("pieces", EARLY.values(), ids=EARLY.keys())
async def test_a_large_body_is_not_read_for_a_stranger(aiohttp_client: Any, pieces: list[bytes]) -> None:
    own = await scene(aiohttp_client)
    answer = await answered(own.address, *pieces)
    assert statuses(answer) == [401]
    assert answer.endswith(b"who are you")
    assert own.toy.bodies == []
    assert own.handler.bodies.held == 0


@pytest.mark.parametrize("fields", [("Content-Length: 65536",), (CHUNKED, RIGHT), (f"Content-Length: {LARGE}", RIGHT)])
async def test_other_bodies_are_read(aiohttp_client: Any, fields: tuple[str, ...]) -> None:
    own = await scene(aiohttp_client)
    size = 65_536 if RIGHT not in fields else LARGE
    body = chunk(size) + b"0\r\n\r\n" if CHUNKED in fields else b"x" * size
    answer = await exchanged(own.address, head("POST", "/toy", *fields), body, shut=True)
    assert statuses(answer) == [200]
    assert own.toy.bodies == [size]
    assert own.handler.bodies.held == 0


async def test_a_client_that_is_refused_before_it_goes_on_is_not_asked_to(aiohttp_client: Any) -> None:
    """The connection ends: what follows on it could be the body or the next request."""
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, EARLY["announced, waiting"][0])
    assert statuses(answer) == [401]
    assert b"\r\nConnection: close\r\n" in answer


async def test_a_dialect_takes_less_than_the_gateway(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client)
    sent = head("POST", "/toy", f"Content-Length: {own.toy.body_limit + 1}", EXPECT, RIGHT)
    answer = await answered(own.address, sent)
    assert answer.endswith(b"BODY_TOO_LARGE")


async def test_all_bodies_share_a_budget(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client, budget=250_000)
    begun = head("POST", "/toy", "Content-Length: 150000", RIGHT) + b"x" * 100_000
    async with connected(own.address) as (reader, writer):
        async with connected(own.address) as (_, leaving):
            writer.write(begun)
            leaving.write(begun)
            await until(lambda: own.handler.bodies.held == 200_000)
            further = head("POST", "/toy", "Content-Length: 90000", RIGHT)
            assert (await answered(own.address, further, b"x" * 90_000)).endswith(b"OVERLOADED")
            assert own.handler.bodies.held == 200_000
        await until(lambda: own.handler.bodies.held == 100_000)
        writer.write(b"x" * 50_000)
        writer.write_eof()
        assert statuses(await reader.read()) == [200]
    assert own.handler.bodies.held == 0
    assert own.toy.bodies == [150_000]


@pytest.mark.parametrize("how", ["close", "reset", "shut"])
async def test_a_client_that_leaves_in_mid_body_is_aborted(
    aiohttp_client: Any, how: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    own = await scene(aiohttp_client)
    async with connected(own.address) as (_, writer):
        writer.write(head("POST", "/toy", "Content-Length: 150000", RIGHT) + b"x" * 100_000)
        await until(lambda: own.handler.bodies.held == 100_000)
        {"close": writer.close, "reset": writer.transport.abort, "shut": writer.write_eof}[how]()
        await until(lambda: [ended[2] for ended in own.notes.ended] == ["aborted"])
        await until(lambda: own.handler.bodies.held == 0)
    assert own.toy.bodies == []
    assert not caplog.records
    assert "unhandled" not in capsys.readouterr().out.lower()


async def test_stopping_does_not_wait_for_a_body_that_is_not_whole(aiohttp_client: Any) -> None:
    """It gets the overload answer. A request that is whole is waited for."""
    own = await scene(aiohttp_client)
    runner = DataRunner(DataServer(own.handler, 600), 1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = runner.addresses[0][:2]
    async with connected(address) as (reader, writer), connected(address) as (whole_reader, whole_writer):
        writer.write(head("POST", "/toy", "Content-Length: 150000", RIGHT) + b"x" * 100_000)
        whole_writer.write(head("GET", "/toy/slow"))
        await own.toy.started.wait()
        await until(lambda: own.handler.bodies.held == 100_000)
        stopped = asyncio.create_task(runner.cleanup())
        assert (await reader.read()).endswith(b"OVERLOADED")
        assert not stopped.done()
        own.toy.release.set()
        assert statuses(await whole_reader.read()) == [200]
        await stopped
    assert own.toy.bodies == [0]


@pytest.mark.parametrize("coding", ["UTF-8", "utf-8", "binary", "none", "identity", "br", "zstd", "compress", ""])
async def test_a_content_coding_that_no_stack_undoes_is_ignored(aiohttp_client: Any, coding: str) -> None:
    own = await scene(aiohttp_client)
    sent = head("POST", "/toy", f"Content-Encoding: {coding}", "Content-Length: 2") + b"hi"
    assert (await exchanged(own.address, sent, shut=True)).endswith(b"\r\n\r\nhi")


async def test_an_empty_body_is_no_compressed_one(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client)
    sent = head("POST", "/toy", "Content-Encoding: gzip", "Content-Length: 0")
    assert (await exchanged(own.address, sent, shut=True)).endswith(b"BODY_UNREADABLE")
    sent = head("GET", "/toy", "Content-Encoding: gzip")
    assert statuses(await exchanged(own.address, sent, shut=True)) == [200]
