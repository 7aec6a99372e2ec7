"""Paths, the coverage table, limits, what is noted of requests, and which secrets are removed from them."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.services import UNSERVED
from gateway.core.values import TenantId
from gateway.spi.adapter import Failure
from gateway.spi.redaction import redact
from gateway.spi.trace import Trace
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.adapters.twentyfoursevenoffice.dialect import make_bench, make_call
from tests.conftest import MakeGateway, only

CLAIMED = [
    (t.PATH, True),
    (t.INVOICES, True),
    (t.PATH.upper(), True),
    (t.INVOICES.lower(), True),
    ("/Authenticate/V001/Authenticate%2Easmx", True),
    (f"{t.PATH}/js", True),
    *((path, True) for path in UNSERVED.values()),
    ("/Economy/InvoiceOrder/V001/Other.asmx", True),
    ("/economy/", True),
    ("/", False),
    ("/authenticated/", False),
    ("/invoices.xml", False),
    ("/ws/V4/ConfigurationService", False),
    ("/API/V1/DoctorInvoiceNumbering", False),
]


@pytest.mark.parametrize(("path", "claimed"), CLAIMED)
def test_paths(path: str, claimed: bool) -> None:
    assert make_bench().dialect.claims(path) == claimed


def test_the_coverage_table() -> None:
    table = {each.name: each.served for each in make_bench().dialect.operations}
    assert set(table) == {each.name for each in (*AUTHENTICATE.operations, *INVOICE_SERVICE.operations)} | set(UNSERVED)
    assert {name for name, served in table.items() if not served} == set(UNSERVED)
    assert set(OPERATIONS) == {each.name for each in INVOICE_SERVICE.operations}


async def test_an_operation_without_handler_is_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.twentyfoursevenoffice.routes.OPERATIONS", {})
    bench = make_bench()
    assert not any(each.served for each in bench.dialect.operations if each.name in OPERATIONS)
    found = bench.directory.by_password(t.UUID_APPLICATION, "demo@example.com", "demo-secret")
    assert found is not None
    session = await bench.sessions.begin(found, found.members[0])
    call = make_call(
        path=t.INVOICES, body=t.envelope("GetInvoices", "").encode(), cookie=session, Content_Type="text/xml"
    )
    reply = await bench.dialect.answer(call)
    assert (reply.status, b"GetInvoices is not supported." in reply.body) == (500, True)


def test_endpoints() -> None:
    dialect = make_bench().dialect
    (login, invoices) = dialect.endpoints("http://here", TenantId("demo"))
    assert (login.url, login.wsdl_url) == (f"http://here{t.PATH}", f"http://here{t.PATH}?WSDL")
    assert invoices.url == f"http://here{t.INVOICES}"
    assert login.credentials == {
        "application_id": t.APPLICATION,
        "username": "demo@example.com",
        "password": "demo-secret",
    }
    assert "curl" in login.example
    assert len(dialect.endpoints("http://here", TenantId("other"))) == 4
    assert not dialect.endpoints("http://here", TenantId("nobody"))


# --- limits -----------------------------------------------------------------------------------------------------------


async def get(client: TestClient, session: str) -> tuple[int, dict[str, str], str]:
    headers = {"Content-Type": "text/xml", "Cookie": f"ASP.NET_SessionId={session}"}
    client.session.cookie_jar.clear()
    body = t.envelope("GetPaymentMethods", "").encode()
    async with client.post(t.INVOICES, data=body, headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.text()


async def limited(make_gateway: MakeGateway, **settings: Any) -> TestClient:
    changes = only("twentyfoursevenoffice")
    changes["dialects"]["twentyfoursevenoffice"] = {"settings": settings}
    client = await make_gateway({**changes, "tenants": t.TENANTS})
    for tenant in ("demo", "other"):
        await client.server.gateway.clock.freeze(tenant, client.server.gateway.clock.now())
    return client


async def test_the_hourly_limit(make_gateway: MakeGateway) -> None:
    client = await limited(make_gateway, hourly_limit=2)
    clock = client.server.gateway.clock
    first, second, other = [await t.log_in(client) for _ in range(2)] + [await t.log_in(client, "shop")]
    resets = f"{clock.now('demo'):%Y-%m-%dT}"
    for session, left in ((first, "1"), (second, "0")):
        status, headers, _ = await get(client, session)
        assert (status, headers["APILimitRemaining"]) == (200, left)
        assert headers["APILimitReset"].endswith("Z")
        assert len(headers["APILimitReset"]) == len(resets) + 9
    for excess in (1, 2):
        status, headers, text = await get(client, first)
        assert (status, headers["APILimitRemaining"]) == (500, "0")
        quarantine = f"Limit exceeded by {excess}. Request is blocked. Quarantine ends at {headers['APILimitReset']}"
        assert quarantine in text
    assert (await get(client, other))[0] == 200  # another company
    for _ in range(3):
        await clock.travel("demo", by_seconds=1100)
        await t.post(client, t.PATH, "HasSession", "", first)  # not counted, but it keeps the session alive
    assert (await get(client, first))[0] == 500
    await clock.travel("demo", by_seconds=300)
    assert (await get(client, first))[0] == 200


async def test_the_hourly_limit_as_a_status(make_gateway: MakeGateway) -> None:
    client = await limited(make_gateway, hourly_limit=1, hourly_limit_answer="status")
    session = await t.log_in(client)
    assert (await get(client, session))[0] == 200
    status, headers, text = await get(client, session)
    assert (status, headers["APILimitRemaining"], text) == (429, "0", "")


async def test_the_throttle(make_gateway: MakeGateway) -> None:
    client = await limited(make_gateway, calls_per_second=3)
    session, other = await t.log_in(client), await t.log_in(client)
    assert [(await get(client, session))[0] for _ in range(5)] == [200, 200, 200, 429, 429]
    assert (await get(client, other))[0] == 200
    await client.server.gateway.clock.travel("demo", by_seconds=1)
    assert (await get(client, session))[0] == 200


# --- findings ---------------------------------------------------------------------------------------------------------

FINDINGS = [
    ("Login", t.credential(), []),
    ("Login", "<Extra/>" + t.credential(), ["unknown-element: Extra"]),
    ("Login", t.credential().replace("<Username>", "<Type>Community</Type><Username>"), ["unknown-element: Type"]),
    ("Login", t.credential().replace("Username>", "UserName>"), ["name-case: UserName"]),
    ("Login", t.credential().replace("<Username>", '<Username xmlns="urn:x">'), ["unknown-element: Username"]),
    ("Login", t.credential().replace("<Username>", "<Username>x</Username><Username>"), ["repeated-member: Username"]),
    (
        "GetInvoices",
        "<searchParams><OrderStates><int>1</int></OrderStates><OrderStatus>Web</OrderStatus></searchParams>",
        ["unknown-element: int", "unknown-element: OrderStatus"],
    ),
    (
        "SaveInvoices",
        "<invoices><InvoiceOrder><InvoiceRows><InvoiceRow><ProductID>1</ProductID></InvoiceRow></InvoiceRows>"
        "</InvoiceOrder><InvoiceOrder/></invoices>",
        ["name-case: ProductID"],
    ),
    ("SaveInvoices", "<invoices>" + "<x/>" * 100 + "</invoices>", ["unknown-element: x"] * 20),
]


@pytest.mark.parametrize(("operation", "inner", "findings"), FINDINGS)
async def test_what_is_skipped_silently_is_noted(operation: str, inner: str, findings: list[str]) -> None:
    path = t.PATH if operation == "Login" else t.INVOICES
    for _time in range(2):  # the second one may come from the parse cache
        call = make_call(path=path, body=t.envelope(operation, inner).encode(), Content_Type="text/xml")
        call.trace = Trace()
        await make_bench().dialect.answer(call)
        assert [each for each in call.findings if each != "wrong-credential"] == findings


async def test_nothing_is_looked_for_when_nobody_watches() -> None:
    call = make_call(body=t.envelope("HasSession", "<x/>").encode(), Content_Type="text/xml")
    await make_bench().dialect.answer(call)
    assert call.findings == []


async def test_another_element_than_the_action_says() -> None:
    call = make_call(
        body=t.envelope("Login", t.credential()).encode(),
        Content_Type="text/xml",
        SOAPAction=f"{t.NAMESPACE}/HasSession",
    )
    call.trace = Trace()
    await make_bench().dialect.answer(call)
    assert call.findings == ["soap-action-mismatch: Login"]


NEAR = [
    ({"method": "PUT"}, "wrong-verb"),
    ({"body": b"<x/>", "Content_Type": "application/json", "SOAPAction": f"{t.NAMESPACE}/Login"}, "wrong-content-type"),
    ({"body": b"<x", "Content_Type": "text/xml", "SOAPAction": f"{t.NAMESPACE}/Login"}, "unreadable-message"),
    ({"path": "/CRM/Company/V001/CompanyService.asmx"}, "unknown-path"),
    (
        {"body": t.envelope("Login", t.credential(password="x")).encode(), "Content_Type": "text/xml"},
        "wrong-credential",
    ),
]


@pytest.mark.parametrize(("request_", "finding"), NEAR, ids=[finding for _, finding in NEAR])
async def test_almost_matches(request_: dict[str, Any], finding: str) -> None:
    call = make_call(**request_)
    await make_bench().dialect.answer(call)
    assert call.findings == [finding]


async def test_the_strict_profile(make_gateway: MakeGateway) -> None:
    tenants = [{**t.TENANTS[0], "profile": "strict"}, t.TENANTS[1]]
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": tenants})
    session = await t.log_in(client)
    inner = "<invoices><InvoiceOrder><CustomerId>1</CustomerId><Customer>1</Customer></InvoiceOrder></invoices>"
    status, text = await t.post(client, t.INVOICES, "SaveInvoices", inner, session)
    assert (status, "soap:Client" in text, "would have been ignored" in text) == (500, True, True)
    status, text = await t.post(
        client, t.INVOICES, "SaveInvoices", inner.replace("<Customer>1</Customer>", ""), session
    )
    assert (status, "<OrderId>1</OrderId>" in text) == (200, True)


# --- secrets ----------------------------------------------------------------------------------------------------------


async def test_what_journals_keep_holds_no_secret() -> None:
    bench = make_bench()
    token = "00000000-0000-4000-8000-00000000240f"
    secrets = ["demo-secret", token]
    messages = [
        ("Login", t.credential()),
        ("AuthenticateByToken", f"<token><ApplicationId>{t.APPLICATION}</ApplicationId><Id>{token}</Id></token>"),
        ("Login", t.credential(password="wrong-secret")),
    ]
    for operation, inner in messages:
        call = make_call(body=t.envelope(operation, inner).encode(), Content_Type="text/xml")
        reply = await bench.dialect.answer(call)
        kept = repr(redact(call, reply, bench.dialect.redaction))
        sessions = [each for _kind, each in bench.vault.kept]
        for secret in (*secrets, "wrong-secret", *sessions):
            assert secret not in kept
        assert operation in kept


def test_failures_before_the_body_are_in_dialect() -> None:
    call = make_call(Content_Type="application/soap+xml; charset=utf-8")
    reply = make_bench().dialect.fail(call, Failure.BODY_TOO_LARGE)
    assert reply.status == 500
    assert b"Maximum request length exceeded." in reply.body
    assert b"soap:Sender" in reply.body
