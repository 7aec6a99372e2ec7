"""Request lines as text and JSON: written together and soon; no client can forge a line."""

from __future__ import annotations

import asyncio
import io
import json
import re

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.core.values import TenantId
from gateway.spi.adapter import Call
from gateway.web.request_log import RequestLog


def call(operation: str = "peek") -> Call:
    headers = CIMultiDictProxy(CIMultiDict[str]())
    return Call(
        method="POST",
        path="/x",
        query="api_key=secret",
        headers=headers,
        body=b"secret",
        base_url="http://h",
        request_id="r-1",
        operation=operation,
        tenant=TenantId("demo"),
        number=7,
    )


async def test_text() -> None:
    stream = io.StringIO()
    log = RequestLog("text", stream)
    log.write(call(), "toy", "ok", 200, 0.00123)
    log.flush()
    stamp, rest = stream.getvalue().split(" ", 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", stamp)
    assert rest.split() == [
        "[info",
        "]",
        "request",
        "request_id=r-1",
        "dialect=toy",
        "operation=peek",
        "tenant=demo",
        "outcome=ok",
        "status=200",
        "number=7",
        "duration_ms=1.23",
    ]


async def test_json() -> None:
    stream = io.StringIO()
    log = RequestLog("json", stream)
    log.write(call(), "toy", "ok", 200, 0.00123)
    log.flush()
    facts = json.loads(stream.getvalue())
    assert (facts["event"], facts["dialect"], facts["number"], facts["duration_ms"]) == ("request", "toy", 7, 1.23)
    assert "secret" not in stream.getvalue()


@pytest.mark.parametrize("style", ["text", "json"])
async def test_an_operation_cannot_forge_a_line(style: str) -> None:
    stream = io.StringIO()
    log = RequestLog(style, stream)
    log.write(call("x\n2026 [info ] forged"), "toy", "ok", 200, 0.1)
    log.flush()
    assert stream.getvalue().count("\n") == 1


async def test_lines_are_written_soon_without_being_asked() -> None:
    class Told(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.told = asyncio.Event()

        def flush(self) -> None:
            self.told.set()

    stream = Told()
    log = RequestLog("text", stream)
    log.write(call(), "toy", "ok", 200, 0.1)
    log.write(call(), "toy", "ok", 200, 0.1)
    await asyncio.wait_for(stream.told.wait(), 60)
    assert stream.getvalue().count("\n") == 2
