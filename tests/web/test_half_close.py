"""A client that shuts down its sending side: what has arrived whole is answered, and nothing else is done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.until import until
from tests.web.noted import scene
from tests.web.raw_socket import exchanged, head, statuses

SIZED = head("POST", "/toy/1", "Content-Length: 2")
CHUNKED = head("POST", "/toy/2", "Transfer-Encoding: chunked")

WHOLE = {
    "sized": ([SIZED + b"hi"], 1),
    "chunked": ([CHUNKED + b"2\r\nhi\r\n0\r\n\r\n"], 1),
    "no body": ([head("GET", "/toy")], 1),
    "two at once": ([SIZED + b"hi" + head("GET", "/toy")], 2),
    "in pieces": ([SIZED[:30], SIZED[30:], b"h", b"i"], 1),
    "whole, then a part": ([head("GET", "/toy/0") + SIZED + b"h"], 1),
    "unknown method": ([head("FOO", "/toy")], 1),
}
PARTS = {
    "nothing": ([b""], 0),
    "a part of a head": ([SIZED[:30]], 0),
    "a part of an unknown method's head": ([head("FOO", "/toy")[:-2]], 0),
    "a part of a sized body": ([SIZED + b"h"], 1),
    "a part of a chunked body": ([CHUNKED + b"5\r\nhi"], 1),
    "chunks without the last one": ([CHUNKED, b"2\r\nhi\r\n"], 1),
}


@pytest.mark.parametrize(("pieces", "answers"), WHOLE.values(), ids=WHOLE.keys())
async def test_what_has_arrived_whole_is_answered(aiohttp_client: Any, pieces: list[bytes], answers: int) -> None:
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, *pieces, shut=True)
    assert statuses(answer) == [200] * answers
    assert [ended[2] for ended in own.notes.ended if ended[2] != "aborted"] == ["ok"] * answers


@pytest.mark.parametrize(("pieces", "aborted"), PARTS.values(), ids=PARTS.keys())
async def test_what_has_not_is_let_go_at_once(
    aiohttp_client: Any, pieces: list[bytes], aborted: int, caplog: pytest.LogCaptureFixture
) -> None:
    own = await scene(aiohttp_client)
    assert await exchanged(own.address, *pieces, shut=True) == b""
    await until(lambda: [ended[2] for ended in own.notes.ended] == ["aborted"] * aborted)
    assert own.toy.bodies == []
    assert own.handler.bodies.held == 0
    assert not caplog.records


async def test_a_slow_answer_still_arrives(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client)
    asking = asyncio.create_task(exchanged(own.address, head("GET", "/toy/slow"), shut=True))
    await own.toy.started.wait()
    for _ in range(50):  # turns of the event loop, in which the server sees the end
        await asyncio.sleep(0)
    own.toy.release.set()
    assert statuses(await asking) == [200]
