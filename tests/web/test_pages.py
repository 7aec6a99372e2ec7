"""Pages below `/_gateway/`: how a dialect has them, what goes wrong in plain words, and that they live as all requests do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.journal.models import Filter
from gateway.spi import registry
from gateway.spi.adapter import Call, Context, Failed, Failure
from gateway.spi.exchange import Exchange
from gateway.spi.page_tokens import PageTokens, check_signed, signed_token
from gateway.spi.pages import Page, Pages, has_reserved_segment, is_reserved, page_url
from gateway.spi.reading import HeadProblem
from gateway.testing.harness import Kit
from gateway.testing.memory_store import HandClock, MemoryVault
from gateway.web.app import DataHandler
from gateway.web.body import WebLimits
from gateway.web.metrics import Metrics
from gateway.web.mounts import Mount
from tests.conftest import MakeGateway
from tests.printing.pdf_text import texts
from tests.simulation.test_fault_points import rule
from tests.web.test_app import ToyServer, raw
from tests.web.toy_with_pages import KEY, TENANT, Toy

SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@pytest.fixture
def toy_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a package with the toy were installed."""
    point = EntryPoint("toy", "tests.web.toy_with_pages:adapter", registry.GROUP)
    known = EntryPoints([*registry._points(), point])
    monkeypatch.setattr(registry, "_points", lambda: known)


@pytest.fixture
async def client(toy_installed: None, make_gateway: MakeGateway) -> TestClient:
    """A gateway with the toy, which would claim all paths, on its host and below its prefix."""
    return await make_gateway({"dialects": {"toy": {"prefix": "/own"}}})


async def address(client: TestClient, path: str, **options: Any) -> str:
    """The address of a page, as the toy gives it out."""
    async with client.get(path, **options) as answer:
        assert answer.status == 200
        return await answer.text()


def inner(url: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


async def seen(client: TestClient, path: str, method: str = "GET", **options: Any) -> tuple[int, str]:
    """Status and text of an answer in our words, whose headers are checked."""
    async with client.request(method, path, allow_redirects=False, **options) as answer:
        assert {name: answer.headers.get(name) for name in SAFE} == SAFE
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        return answer.status, await answer.text()


async def test_a_page_shows_what_its_token_is_for(client: TestClient) -> None:
    url = await address(client, "/own/toy/sign")
    assert re.fullmatch(rf"http://{client.host}:{client.port}/own/_gateway/toy/sign\?token=[\w-]{{43}}", url)
    async with client.get(inner(url)) as answer:
        text = await answer.text()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["Content-Security-Policy"].endswith("form-action 'self'; frame-ancestors 'none'")
        assert "<title>Sign &lt;it&gt;</title>" in text
        assert f"<p>P-1 at http://{client.host}:{client.port}/own</p>" in text
    async with client.head(inner(url)) as answer:
        assert (answer.status, await answer.read(), int(answer.headers["Content-Length"])) == (
            200,
            b"",
            len(text.encode()),
        )
    async with client.post(inner(url), data={"a": "b"}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "http://shop.example/ok")
    for method in ("POST", "GET"):  # the token was good once
        assert await seen(client, inner(url), method) == (
            403,
            "invoice-gateway: This address is not valid, or not valid any more.\n",
        )


async def test_a_page_is_below_the_prefix_and_at_the_root(client: TestClient) -> None:
    """Whichever of the two a proxy in front of the gateway lets through."""
    path = inner(await address(client, "/own/toy/sign"))
    for other in (path, path.removeprefix("/own"), path.replace("_gateway", "%5Fgateway")):
        async with client.get(other) as answer:
            assert (answer.status, "/own</p>" in await answer.text()) == (200, True), other


async def test_a_page_is_on_its_dialects_host_and_no_other_dialects(client: TestClient) -> None:
    own = {"Host": "toy.example"}
    url = await address(client, "/toy/sign", headers=own)
    assert url.startswith("http://toy.example/_gateway/toy/sign?token=")
    async with client.get(inner(url), headers=own) as answer:
        assert answer.status == 200
    for host in ("api.qqcatalyst.com", "demo.app.invoicexpress.com"):
        status, text = await seen(client, inner(url), headers={"Host": host})
        assert (status, text) == (404, "invoice-gateway: There is no page at this address.\n")


async def test_a_pdf_to_open(client: TestClient) -> None:
    url = await address(client, "/own/toy/print/7")
    assert url == await address(client, "/own/toy/print/7")  # signed, so nothing is kept
    async with client.get(inner(url)) as answer:
        found = await answer.read()
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == 'inline; filename="Fatura_7_.pdf"'
        assert "object-src 'self'" in answer.headers["Content-Security-Policy"]
        assert {"Fatura 7", "Coffee", "2,46", "Pago"} <= set(texts(found)[0].split("|"))
    async with client.get(inner(url)) as answer:
        assert await answer.read() == found
    for other in (url.replace("/7?", "/8?"), url[:-1] + ("A" if url[-1] != "A" else "B"), url.partition("?")[0]):
        assert (await seen(client, inner(other)))[0] == 403


NO_PAGE = "There is no page at this address."
NO_METHOD = "This page does not answer this method."
NOT_VALID = "This address is not valid, or not valid any more."
WRONG = [
    ("GET", "", 404, NO_PAGE),
    ("GET", "/", 404, NO_PAGE),
    ("GET", "/nobody/sign", 404, NO_PAGE),
    ("GET", "/resurs/sign", 404, NO_PAGE),
    ("GET", "/toy", 404, NO_PAGE),
    ("GET", "/toy/sign/more", 404, NO_PAGE),
    ("DELETE", "/toy/sign", 405, NO_METHOD),
    ("OPTIONS", "/toy/pdf/7", 405, NO_METHOD),
    ("GET", "/toy/sign", 403, NOT_VALID),
    ("GET", "/toy/sign?token=" + "a" * 43, 403, NOT_VALID),
    ("GET", "/toy/sign?token=a'", 403, NOT_VALID),
    ("POST", "/toy/sign?token=" + "a" * 43, 403, NOT_VALID),
    ("GET", "/toy/bad?bug", 500, "Something went wrong in the gateway. Its log has the details."),
    ("GET", "/toy/bad?store", 503, "The store cannot answer now. Please try again."),
    ("GET", "/toy/bad?refused", 409, "This was refused (CounterUnset), and nothing was changed."),
]


async def test_what_goes_wrong_is_in_plain_words(client: TestClient) -> None:
    for method, path, status, text in WRONG:
        assert await seen(client, f"/_gateway{path}", method) == (status, f"invoice-gateway: {text}\n"), path
    async with client.delete("/_gateway/toy/sign") as answer:
        assert answer.headers["Allow"] == "GET, HEAD, POST"
    async with client.head("/_gateway/toy/else") as answer:
        assert (answer.status, await answer.read()) == (404, b"")
    assert (await seen(client, "/_gateway/toy/bad", "POST", data=b"x" * 65536)) == (200, "x" * 65536)
    status, text = await seen(client, "/_gateway/toy/bad", "POST", data=b"x" * 65537)
    assert (status, text) == (413, "invoice-gateway: The request is too large for this page.\n")
    status, text = await seen(client, "/_gateway/toy/bad", "POST", data=b"x", headers={"Content-Encoding": "gzip"})
    assert (status, text) == (400, "invoice-gateway: The request could not be read.\n")


async def test_a_broken_head_is_refused_in_plain_words(client: TestClient) -> None:
    answer = await raw(client, b"GET /_gateway/toy/sign HTTP/1.1\r\nHost: h\r\nBroken\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(
        b"invoice-gateway: The request could not be read: a header line is broken, or one stands twice "
        b"that may stand once.\n"
    )


async def test_a_page_that_takes_too_long(aiohttp_client: Any) -> None:
    toy = Toy(Context(None, (), cast("Any", None), cast("Any", None), cast("Any", None)))
    handler = DataHandler([Mount(Exchange("toy", toy, 0.2, 2))], WebLimits(1000, 60), (), Metrics())
    server = await aiohttp_client(ToyServer(handler))
    status, text = await seen(server, "/_gateway/toy/bad?slow")
    assert (status, text) == (503, "invoice-gateway: There was no answer within the time limit. Please try again.\n")


async def test_a_page_is_in_journal_and_metrics_without_its_token(client: TestClient) -> None:
    gateway = client.server.gateway
    url = await address(client, "/own/toy/sign")
    async with client.get(inner(url), headers={"Referer": url}) as answer:
        assert answer.status == 200
    await seen(client, "/_gateway/toy/else")
    page = await gateway.journal.find(Filter(dialect="toy"))
    missing, shown, asked = sorted(page.entries, key=lambda entry: entry.id, reverse=True)
    assert (shown.operation, shown.outcome, shown.tenant, shown.request.path) == (
        *("page", "ok", "demo", "/_gateway/toy/sign"),
    )
    assert (missing.operation, missing.outcome, missing.reply.status) == ("page", "not_found", 404)
    token = url.partition("token=")[2]
    assert token not in "".join(entry.model_dump_json() for entry in (missing, shown, asked))
    metrics = gateway.metrics.exposition()[0].decode()
    assert 'invoice_gateway_requests_total{dialect="toy",operation="page",outcome="ok"} 1.0' in metrics


async def test_fault_rules_strike_pages_as_they_do_calls(client: TestClient) -> None:
    faults = client.server.gateway.faults
    rules = [
        faults.add(rule("failure", failure="store_unavailable", dialect="toy", operation="page", nth=1)),
        faults.add(rule("failure", failure="overloaded", at="arrival", dialect="toy", nth=3)),
    ]
    url = await address(client, "/toy/sign", headers={"Host": "toy.example"})
    for text in ("The store cannot answer now.", "Too many requests are waiting."):
        assert (await seen(client, inner(url)))[1] == f"invoice-gateway: {text} Please try again.\n"
    async with client.get(inner(url)) as answer:
        assert answer.status == 200
    assert [faults.get(planted.id).hits for planted in rules] == [1, 1]


async def test_cases_of_a_dialect_reach_its_pages() -> None:
    bench = Kit("resurs").bench()
    reply = await bench.run(a_call("/_gateway/resurs/x"))
    assert (reply.status, reply.body) == (404, b"invoice-gateway: There is no page at this address.\n")
    reply = await bench.run(replace(a_call("/_gateway/resurs/x"), body=b"x" * 65537))
    assert reply.status == 413


def test_what_is_reserved() -> None:
    for path in ("/_gateway", "/_gateway/", "/_gateway/toy/x", "/%5Fgateway/x", "/_%67ateway"):
        assert is_reserved(path), path
    for path in (
        "/",
        "",
        "*",
        "/_gatewayx",
        "/_Gateway/x",
        "//_gateway/x",
        "/x/_gateway/y",
        "/_gateway%2Fx",
        "/_gatewa",
    ):
        assert not is_reserved(path), path
    assert has_reserved_segment("https://h/a/%5fgateway/b")
    assert not has_reserved_segment("/a/_gateways")


def test_the_address_of_a_page() -> None:
    assert page_url("http://h/own", "toy") == "http://h/own/_gateway/toy"
    assert page_url("http://h", "toy", "a/b", "ø?", token="t&") == "http://h/_gateway/toy/a%2Fb/%C3%B8%3F?token=t%26"


async def test_segments_come_as_they_were_given() -> None:
    asked: list[Sequence[str]] = []
    pages = Pages(lambda: cast("Any", SimpleNamespace(find_page=asked.append)))
    for segments in (("a/b", "ø?"), (), ("",), ("a", "")):
        call = a_call(urlsplit(page_url("http://h", "toy", *segments)).path)
        assert (await pages.answer(call)).status == 404
    assert [tuple(each) for each in asked] == [("a/b", "ø?"), (), ("",), ("a", "")]


def test_every_failure_has_words() -> None:
    for failure in Failure:
        reply = Pages().fail(a_call(), failure)
        assert reply.status >= 400
        assert SAFE.items() <= dict(reply.headers).items()
    for problem in HeadProblem:
        assert Pages().refuse_head(problem).status == problem.status


@pytest.mark.parametrize(
    "make",
    [
        lambda: Page.redirect("javascript:alert(1)"),
        lambda: Page.redirect("http://h/\r\nX: y"),
        lambda: Page(headers=(("Content-security-policy", "default-src *"),)),
        lambda: Page(headers=(("cache-control", "public"),)),
        lambda: Page(allow={"form-action": "'self'; script-src *"}),
        lambda: Page(allow={"form-action": ""}),
        lambda: signed_token(b"password", "x"),
    ],
)
def test_what_a_page_must_not_be(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"not|key|only"):
        make()


def test_a_signature_is_for_its_parts_alone() -> None:
    token = signed_token(KEY, "a", "bc")
    assert re.fullmatch(r"[\w-]{43}", token)
    assert (
        len({token, signed_token(KEY, "ab", "c"), signed_token(KEY[::-1], "a", "bc"), signed_token(KEY, "a", "bc", "")})
        == 4
    )
    check_signed(a_call(query=f"x=1&token={token}"), KEY, "a", "bc")
    for query in (f"token={token}", f"token={token}=", "token=", "", "token=%C3%B8"):
        with pytest.raises(Failed):
            check_signed(a_call(query=query), KEY, "a", "bd")


async def test_a_token_ends_by_the_tenants_clock() -> None:
    clock = HandClock()
    tokens = PageTokens(MemoryVault(clock), clock, "kind")
    call = a_call(query=f"token={await tokens.new(TENANT, {'n': 1}, timedelta(minutes=5))}")
    assert (await tokens.facts(call), call.tenant) == ((TENANT, {"n": 1}), TENANT)
    other = PageTokens(MemoryVault(clock), clock, "other")
    clock.moment += timedelta(minutes=5)
    for each in (tokens, other):
        with pytest.raises(Failed):
            await each.facts(call)


def a_call(path: str = "/_gateway/toy/sign", query: str = "") -> Call:
    return Call("GET", path, query, CIMultiDictProxy(CIMultiDict()), b"", "http://h", "r-1")
