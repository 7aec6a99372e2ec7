"""Heads that aiohttp's parser refuses: the dialect answers where it can be meant, and nobody uses aiohttp's words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.noted import scene
from tests.web.raw_socket import exchanged, head, statuses

LONG = "x" * 20_000
BROKEN = {
    "lower case": (head("get", "/toy"), 400, "METHOD"),
    "endless method": (head("A" * 300, "/toy"), 400, "METHOD"),
    "odd method": (head("G@T", "/toy"), 400, "METHOD"),
    "tunnel": (head("CONNECT", "h:443", host="toy.example"), 400, "METHOD"),
    "no host": (head("GET", "/toy", host=""), 400, "HOST"),
    "two hosts": (head("GET", "/toy", "Host: h"), 400, "HEADER"),
    "two lengths": (head("POST", "/toy", "Content-Length: 0", "Content-Length: 0"), 400, "HEADER"),
    "negative length": (head("POST", "/toy", "Content-Length: -1"), 400, "HEADER"),
    "a word for a length": (head("POST", "/toy", "Content-Length: 1x"), 400, "HEADER"),
    "an unknown transfer encoding": (head("POST", "/toy", "Transfer-Encoding: gzip"), 400, "HEADER"),
    "no colon": (head("GET", "/toy", "bad header"), 400, "HEADER"),
    "a zero byte": (head("GET", "/toy", "X: a\0b"), 400, "HEADER"),
    "a folded line": (head("GET", "/toy", "X: a", " b"), 400, "HEADER"),
    "long target": (head("GET", f"/toy/{LONG}"), 414, "TARGET_TOO_LONG"),
    "long header": (head("GET", "/toy", f"X: {LONG}"), 431, "HEADERS_TOO_LARGE"),
    "many headers": (head("GET", "/toy", *["X: y"] * 200), 431, "HEADERS_TOO_LARGE"),
    "a control character": (head("GET", "/toy\x01"), 400, "TARGET"),
    "a space": (head("GET", "/toy x"), 400, "TARGET"),
    "a letter that is not ASCII": (head("GET", "/toy/å"), 400, "TARGET"),
    "another version": (b"GET /toy HTTP/3.1\r\nHost: h\r\n\r\n", 505, "VERSION"),
    "broken chunks": (head("POST", "/toy", "Transfer-Encoding: chunked") + b"ZZ\r\n\r\n", 400, "HEADER"),
}


@pytest.mark.parametrize(("sent", "status", "problem"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_head_gets_the_page_of_the_vendors_web_server(
    aiohttp_client: Any, sent: bytes, status: int, problem: str
) -> None:
    own = await scene(aiohttp_client, host="" if b"toy.example" not in sent else "toy.example")
    answer = await exchanged(own.address, sent, shut=True)
    assert statuses(answer) == [status]
    assert b"\r\nServer: toy\r\n" in answer
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.endswith(f"\r\n\r\n{problem}".encode())
    assert [ended[2] for ended in own.notes.ended] == [f"broken_head_{problem.lower()}"]
    assert own.toy.bodies == []


NOBODYS = {
    "another protocol": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "broken_head_version"),
    "encrypted": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "broken_head_not_http"),
    "a word": (b"hello\r\n\r\n", 400, "broken_head_not_http"),
    "a path of nobody": (head("GET", "/elsewhere\x01"), 400, "broken_head_target"),
    "a target without a path": (head("GET", "toy"), 400, "broken_head_target"),
}


@pytest.mark.parametrize(("sent", "status", "outcome"), NOBODYS.values(), ids=NOBODYS.keys())
async def test_where_no_dialect_is_meant_the_status_is_bare(
    aiohttp_client: Any, sent: bytes, status: int, outcome: str
) -> None:
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, sent)
    assert statuses(answer) == [status]
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer.endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert {line.partition(b":")[0] for line in answer.splitlines()[1:] if line} == {
        b"Connection",
        b"Date",
        b"Content-Length",
    }
    assert [ended[2] for ended in own.notes.ended] == [outcome]


@pytest.mark.parametrize("method", ["FOO", "BREW", "M-SEARCH", "PROPFIND", "TRACE", "PATCH", "A_B2"])
async def test_every_method_in_upper_case_goes_to_the_dialect(aiohttp_client: Any, method: str) -> None:
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, head(method, "/toy/x?y=1"), shut=True)
    assert statuses(answer) == [200]
    assert b"X-Path: /toy/x\r\nX-Query: y=1\r\n" in answer
    assert own.notes.ended == [(method, "/toy/x", "ok")]


async def test_a_head_in_pieces_and_its_body_are_waited_for(aiohttp_client: Any) -> None:
    """A connection that is closed while the client still sends would be reset, and the answer lost."""
    own = await scene(aiohttp_client)
    sent = head("FOO", "/toy", "Content-Length: 10")
    answer = await exchanged(own.address, sent[:2], sent[2:9], sent[9:] + b"01", b"2345", b"6789")
    assert statuses(answer) == [200]
    assert own.toy.bodies == [0]


async def test_a_request_before_a_broken_one_is_answered(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, head("GET", "/toy/1"), head("FOO", "/toy/2"), shut=True)
    assert statuses(answer) == [200, 200]


async def test_a_whole_request_is_not_run_without_its_body_because_the_next_one_is_broken(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, head("POST", "/toy", "Content-Length: 2") + b"hi" + head("FOO", "/toy"))
    assert statuses(answer) == [400]
    assert own.toy.bodies == []


async def test_chunks_that_break_later_are_unreadable_in_dialect(aiohttp_client: Any) -> None:
    own = await scene(aiohttp_client)
    answer = await exchanged(own.address, head("POST", "/toy", "Transfer-Encoding: chunked"), b"2\r\nhi\r\nZZ\r\n")
    assert answer.endswith(b"BODY_UNREADABLE")
    assert own.toy.bodies == []


FORMS = {
    "absolute": (head("GET", "http://toy.example/toy/1", host="other.example"), "/toy/1"),
    "absolute without path": (head("GET", "http://toy.example", host="other.example"), "/"),
    "everything": (head("OPTIONS", "*", host="toy.example"), "*"),
    "bad escape": (head("GET", "/toy/%zz", host="toy.example"), "/toy/%zz"),
}


@pytest.mark.parametrize(("sent", "path"), FORMS.values(), ids=FORMS.keys())
async def test_other_forms_of_a_target(aiohttp_client: Any, sent: bytes, path: str) -> None:
    """The host of a whole address counts, not the Host header beside it (RFC 9112)."""
    own = await scene(aiohttp_client, host="toy.example")
    answer = await exchanged(own.address, sent, shut=True)
    assert statuses(answer) == [200]
    assert own.notes.ended[0][1] == path
