"""What the vendor accepts in silence is noted; the strict profile refuses it before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.core.values import TenantId
from gateway.journal.models import Filter
from tests.adapters.invoicexpress.wire import draft
from tests.conftest import MakeGateway, base_url, only

DEMO = TenantId("demo")
XML = "application/xml; charset=utf-8"
FIELDS = "".join(
    f"<current_{kind}_number>3</current_{kind}_number>" for kind in ("invoice", "credit_note", "debit_note")
)
WHOLE = f"<serie>2027</serie>{FIELDS}"


async def send(client: TestClient, method: str, path: str, body: str) -> int:
    url = f"{base_url(client)}{path}?api_key=demo-key"
    async with client.session.request(method, url, data=body, headers={"Content-Type": XML}) as answer:
        await answer.read()
        return answer.status


CASES = [
    ("POST", "/sequences.xml", f"<sequence>{WHOLE}</sequence>", []),
    ("POST", "/sequences.xml", f"<sequence><id>1</id>{WHOLE}</sequence>", ["unknown-element: id"]),
    (
        "POST",
        "/sequences.xml",
        f"<sequence>{WHOLE}<foo/><bar/></sequence>",
        ["unknown-element: foo", "unknown-element: bar"],
    ),
    ("GET", "/sequences.xml", "<anything/>", ["ignored-body"]),
    (
        "POST",
        "/invoices.xml",
        draft().replace("31/12/2013", "31/02/2014"),
        ["converted-value: due_date"],
    ),
    ("POST", "/invoices.xml", draft(), []),
]


@pytest.mark.parametrize(("method", "path", "body", "found"), CASES)
@pytest.mark.parametrize("strict", [False, True])
async def test_what_is_passed_over(
    make_gateway: MakeGateway, strict: bool, method: str, path: str, body: str, found: list[str]
) -> None:
    client = await make_gateway(only("invoicexpress"))
    gateway: Any = client.server.gateway  # type: ignore[attr-defined]
    if strict:
        gateway.watch.strict.add(DEMO)
    before = [entry.hash async for entry in gateway.store.ledger()]
    status = await send(client, method, path, body)
    after = [entry.hash async for entry in gateway.store.ledger()]
    (entry,) = (await gateway.journal.find(Filter(tenant="demo"))).entries
    assert list(entry.findings) == found
    if strict and found:
        assert (status, entry.outcome, entry.commands, after) == (422, "strict", (), before)
    else:
        is_written = method == "POST" and path == "/sequences.xml"  # a draft leaves no line in the ledger
        assert (status, len(after) > len(before)) == (201 if method == "POST" else 200, is_written)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/sequences/1.XML/x", "unknown-path"),
        ("DELETE", "/sequences.xml", "wrong-verb"),
        ("POST", "/sequences.xml", "unreadable-message"),
    ],
)
async def test_what_almost_matched(make_gateway: MakeGateway, method: str, path: str, code: str) -> None:
    client = await make_gateway(only("invoicexpress"))
    gateway: Any = client.server.gateway  # type: ignore[attr-defined]
    await send(client, method, path, "<broken" if method == "POST" else "")
    page = await gateway.journal.near_misses()
    assert [entry.near_miss for entry in page.entries] == [code]
