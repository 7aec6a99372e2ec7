"""How each dialect reads HTTP: half-closed clients, compressed bodies, odd methods, broken heads, strangers' bodies.

One gateway answers a whole table for a dialect. A number that was used, or not used, shows at the dialect itself.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import re
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.spi.adapter import Call, Reply
from tests.conftest import MakeGateway, base_url
from tests.cross_dialect.faces import CONFIGURATION, SOAP, InvoiceXpress, Qq, Resurs
from tests.web.raw_socket import Address, address_of, answered, exchanged, head, statuses

_XML = "Content-Type: text/xml; charset=utf-8"
LARGE = 65_537


@dataclass
class Written:
    """A recorder.

    ended: dialect, outcome and status of each request.
    guessed: whose credential was wrong, of each request; tokens are no guess.
    """

    ended: list[tuple[str, str, int]] = field(default_factory=list)
    guessed: list[str | None] = field(default_factory=list)

    def record(self, call: Call, reply: Reply, dialect: str, outcome: str, seconds: float) -> None:
        self.ended.append((dialect, outcome, reply.status))
        self.guessed.append(call.guessed)


@dataclass
class Face:
    """One dialect at one gateway, as raw requests.

    path: where a number is set.
    fields: of the head of a request that sets it, credentials included.
    body: of the request that sets the number 4711.
    stranger: the fields of somebody without good credentials.
    number: the number that the dialect shows now.
    inflates: the codings that its vendor's stack undoes.
    denied: the status for a stranger; 0 when credentials stand in the body.
    page: a part of the web server's page for a broken head.
    """

    method: str
    path: str
    fields: tuple[str, ...]
    body: bytes
    stranger: tuple[str, ...]
    number: Callable[[], Awaitable[int | None]]
    denied: int
    page: bytes
    inflates: tuple[str, ...] = ()

    def request(self, *fields: str, body: bytes | None = None) -> bytes:
        body = self.body if body is None else body
        return head(self.method, self.path, *self.fields, *fields, f"Content-Length: {len(body)}") + body


async def resurs(client: TestClient) -> Face:
    face = Resurs(client.session, base_url(client))
    body = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:c="{CONFIGURATION}"><s:Body><c:setInvoiceSequence>'
        "<nextInvoiceNumber>4711</nextInvoiceNumber></c:setInvoiceSequence></s:Body></s:Envelope>"
    )
    return Face(
        "POST",
        face.path,
        (_XML, f"Authorization: Basic {face.credentials}"),
        body.encode(),
        (_XML, f"Authorization: Basic {base64.b64encode(b'demo-se:wrong').decode()}"),
        face.next,
        401,
        b"Content-Length: 0\r\n\r\n",
        ("gzip", "x-gzip", "GZIP"),
    )


async def qq(client: TestClient) -> Face:
    face = Qq(client.session, base_url(client))
    token = (await face._headers())["Authorization"]
    return Face(
        "POST",
        face.path,
        ("Content-Type: application/json", f"Authorization: {token}"),
        b'{"NextNumberShouldBe": 4711, "Suffix": null, "Prefix": null}',
        ("Content-Type: application/json", "Authorization: Bearer wrong"),
        face.next,
        401,
        b"<h2>Bad Request - Invalid URL</h2>",
    )


async def invoicexpress(client: TestClient) -> Face:
    face = InvoiceXpress(client.session, base_url(client))
    fields = await face._fields()
    kept = "".join(f"<{name}>0</{name}>" for name in ("current_credit_note_number", "current_debit_note_number"))

    async def number() -> int:
        return await face.current() + 1

    return Face(
        "PUT",
        f"/sequences/{face.sequence}.xml?api_key=demo-key",
        ("Content-Type: application/xml; charset=utf-8",),
        f"<sequence><serie>{fields['serie']}</serie><current_invoice_number>4710</current_invoice_number>{kept}</sequence>".encode(),
        ("Content-Type: application/xml",),
        number,
        401,
        b"<center><h1>400 Bad Request</h1></center>",
    )


FACES = {"resurs": resurs, "qqsolutions": qq, "invoicexpress": invoicexpress}


@dataclass
class Scene:
    """A gateway and one of its faces."""

    face: Face
    address: Address
    written: Written


@pytest.fixture(params=FACES)
async def own(request: Any, make_gateway: MakeGateway) -> Scene:
    """A gateway for each dialect whose number can be set."""
    settings = {"qqsolutions": {"settings": {"max_message_bytes": 1 << 20}}}
    client = await make_gateway({"dialects": settings})
    written = Written()
    client.server.gateway.server._handler._recorder = written
    face = await FACES[request.param](client)
    written.ended.clear()
    return Scene(face, address_of(client), written)


async def test_a_half_closed_client_gets_its_answer(own: Scene) -> None:
    face = own.face
    before = await face.number()
    assert await exchanged(own.address, face.request()[:-1], shut=True) == b""
    assert await face.number() == before
    assert own.written.ended[-2][1:] == ("aborted", 0)
    twice = face.request() + face.request()
    assert statuses(await exchanged(own.address, twice, shut=True)) == [200, 200]
    assert await face.number() == 4711


async def test_a_compressed_body_is_read_as_the_vendors_stack_does(own: Scene) -> None:
    face = own.face
    before = await face.number()
    whole = gzip.compress(face.body, mtime=0)
    broken = {
        "gzip": [whole[:-8], whole[:-1], whole[:20], whole[:-8] + bytes(8), whole + b"x", b""],
        "x-gzip": [whole[:-8]],
        "deflate": [zlib.compress(face.body)[:-1], zlib.compress(face.body, wbits=-15)[:-1]],
    }
    for coding, bodies in broken.items():
        for body in bodies:
            answer = await exchanged(own.address, face.request(f"Content-Encoding: {coding}", body=body), shut=True)
            assert statuses(answer)[0] >= 400 or b'"IsSuccess":false' in answer, (coding, body, answer)
    assert await face.number() == before
    for coding in ("gzip", "x-gzip", "GZIP"):
        answer = await exchanged(own.address, face.request(f"Content-Encoding: {coding}", body=whole), shut=True)
        good = statuses(answer) == [200] and b'"IsSuccess":false' not in answer
        assert good == (coding in face.inflates), (coding, answer)
    assert (await face.number() == 4711) == bool(face.inflates)
    for coding in ("UTF-8", "binary", "none", "br"):
        assert statuses(await exchanged(own.address, face.request(f"Content-Encoding: {coding}"), shut=True)) == [200]
    assert await face.number() == 4711


async def test_a_bomb_is_too_large_in_dialect(own: Scene) -> None:
    bomb = gzip.compress(bytes(20_000_000), mtime=0)
    answer = await exchanged(own.address, own.face.request("Content-Encoding: gzip", body=bomb), shut=True)
    if own.face.inflates:
        assert statuses(answer) == [413]
        assert b"<faultcode>soap:Client</faultcode>" in answer
    else:
        assert statuses(answer)[0] >= 400 or b'"IsSuccess":false' in answer


async def test_odd_methods_and_broken_heads_are_answered_in_dialect(own: Scene) -> None:
    face = own.face
    before = await face.number()
    own.written.ended.clear()
    name = own.written.ended
    for method in ("FOO", "M-SEARCH", "PURGE"):
        answer = await exchanged(own.address, head(method, face.path, *face.fields), shut=True)
        assert statuses(answer)[0] in {404, 405, 500}, answer
        assert b"aiohttp" not in answer.lower()
    assert {outcome for _, outcome, _ in name} <= {"method_not_allowed", "not_found", "refused"}
    name.clear()
    for sent in (head("GET", f"{face.path}\x01"), head("GET", f"{face.path} x")):
        answer = await exchanged(own.address, sent, shut=True)
        assert statuses(answer) == [400]
        assert face.page in answer
        assert b"aiohttp" not in answer.lower()
    assert [outcome for _, outcome, _ in name] == ["broken_head_target"] * 2
    assert all(dialect for dialect, _, _ in name)
    assert await face.number() == before


async def test_a_strangers_large_body_is_not_waited_for(own: Scene) -> None:
    face = own.face
    path = re.sub(r"demo-key", "wrong", face.path)
    for waiting in ((), ("Expect: 100-continue",)):
        sent = head(face.method, path, *face.stranger, f"Content-Length: {LARGE}", *waiting)
        answer = await answered(own.address, sent + (b"" if waiting else b"x" * 10))
        assert statuses(answer) == [face.denied]
        assert (own.written.guessed[-1] is None) == any("Bearer" in line for line in face.stranger)
    sent = head(face.method, face.path, *face.fields, "Content-Length: 17000000", "Expect: 100-continue")
    assert statuses(await answered(own.address, sent)) == [413]


async def test_two_authorizations_let_nobody_in_that_one_would_not(own: Scene) -> None:
    """Resurs takes the first of two headers, ASP.NET joins them, and InvoiceXpress looks at the key alone."""
    face = own.face
    wrong = [line for line in face.stranger if line.startswith("Authorization")]
    if not wrong:
        return
    plain = [line for line in face.fields if not line.startswith("Authorization")]
    sent = (
        head(face.method, face.path, *plain, *wrong, *face.fields[1:], f"Content-Length: {len(face.body)}") + face.body
    )
    assert statuses(await exchanged(own.address, sent, shut=True)) == [401]


ASMX = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"


async def test_24sevenoffice(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = address_of(client)
    body = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><GetPaymentMethods xmlns="http://24sevenOffice.com/webservices"/></s:Body></s:Envelope>'
    fields = (_XML, 'SOAPAction: "http://24sevenOffice.com/webservices/GetPaymentMethods"')

    def request(*more: str, content: bytes = body.encode()) -> bytes:
        return head("POST", ASMX, *fields, *more, f"Content-Length: {len(content)}") + content

    plain = await exchanged(address, request(), shut=True)
    assert b"<faultstring>" in plain
    assert b"session" in plain.lower()
    for coding in ("UTF-8", "none", "br"):
        assert (await exchanged(address, request(f"Content-Encoding: {coding}"), shut=True)).endswith(
            plain.partition(b"\r\n\r\n")[2]
        )
    zipped = await exchanged(
        address, request("Content-Encoding: gzip", content=gzip.compress(body.encode())), shut=True
    )
    assert statuses(zipped)[0] >= 400
    assert b"session" not in zipped.lower()
    early = await answered(address, head("POST", ASMX, *fields, f"Content-Length: {LARGE}") + b"x")
    assert early.partition(b"\r\n\r\n")[2] == plain.partition(b"\r\n\r\n")[2]
    assert statuses(await exchanged(address, head("FOO", ASMX), shut=True))[0] >= 400
    broken = await exchanged(address, head("GET", f"{ASMX}\x01"), shut=True)
    assert b"Server: Microsoft-HTTPAPI/2.0" in broken
    assert await exchanged(address, request()[:-1], shut=True) == b""
    await asyncio.sleep(0)
