"""Paths, the coverage table, limits, what is noted of requests, and which secrets are removed from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.service import Service
from adapters.twentyfoursevenoffice.services import SERVICES, UNSERVED, operation_name
from gateway.core.values import TenantId
from gateway.spi.adapter import Failure
from gateway.spi.redaction import redact
from gateway.spi.trace import Trace
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE
from schemas.twentyfoursevenoffice.operations import SERVICES as CONTRACTS
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
    table = make_bench().dialect.operations
    shown = {each.name: each.served for each in table}
    assert len(shown) == len(table), "two operations have one name"
    expected = {operation_name(AUTHENTICATE.name, each.name): True for each in AUTHENTICATE.operations}
    for service in SERVICES:
        for operation in service.contract.operations:
            expected[operation_name(service.contract.name, operation.name)] = operation.name in service.handlers
    assert shown == expected | dict.fromkeys(UNSERVED, False)
    assert all(each.note for each in table if not each.served)


def test_the_number_of_operations_of_each_service() -> None:
    """Source: the first two rows of the golden cases, W."""
    assert {each.path.rpartition("/")[2]: len(each.operations) for each in CONTRACTS} == {
        "authenticate.asmx": 9,
        "InvoiceService.asmx": 8,
        "CompanyService.asmx": 17,
        "ProductService.asmx": 10,
        "ClientService.asmx": 6,
        "Accountservice.asmx": 10,
        "PaymentService.asmx": 2,
        "TransactionService.asmx": 6,
        "AttachmentService.asmx": 13,
        "PersonService.asmx": 20,
    }


def test_a_handler_serves_an_operation_of_its_contract() -> None:
    for service in SERVICES:
        assert set(service.handlers) <= {each.name for each in service.contract.operations}
        assert service.lists | service.repeated <= set(service.handlers)


def test_operations_of_one_name_are_called_by_their_service_too() -> None:
    assert operation_name("CompanyService", "SaveCompanies") == "SaveCompanies"
    assert operation_name("CompanyService", "GetCategories") == "CompanyService.GetCategories"
    assert operation_name("ProductService", "GetCategories") == "ProductService.GetCategories"


@pytest.mark.parametrize("service", SERVICES, ids=[each.contract.path for each in SERVICES])
async def test_an_operation_without_handler_is_declined(service: Service) -> None:
    bench = make_bench()
    dialect = bench.dialect
    without = replace(service, handlers={}, lists=frozenset())
    dialect._mounted = tuple(
        replace(each, service=without) if each.service is service else each for each in dialect._mounted
    )
    found = bench.directory.by_password(t.UUID_APPLICATION, "demo@example.com", "demo-secret")
    assert found is not None
    session = await bench.sessions.begin(found, found.members[0])
    contract = service.contract
    for operation in contract.operations:
        body = t.envelope(operation.name, "", contract.namespace)
        call = make_call(path=contract.path, body=body.encode(), cookie=session, Content_Type="text/xml")
        reply = await dialect.answer(call)
        declined = f"{operation.name} is not supported.".encode()
        assert (reply.status, declined in reply.body) == (500, True), (operation.name, reply.body)
        assert call.operation == operation_name(contract.name, operation.name)


def test_endpoints() -> None:
    dialect = make_bench().dialect
    found = dialect.endpoints("http://here", TenantId("demo"))
    assert [each.url for each in found] == [f"http://here{each.path}" for each in CONTRACTS]
    assert all(each.wsdl_url == f"{each.url}?WSDL" for each in found)
    login = found[0]
    assert login.url == f"http://here{t.PATH}"
    assert login.credentials == {
        "application_id": t.APPLICATION,
        "username": "demo@example.com",
        "password": "demo-secret",
    }
    assert [each for each in found if each.example] == [login]
    assert "curl" in login.example
    assert len({each.title for each in found}) == len(found)
    assert len(dialect.endpoints("http://here", TenantId("other"))) == 2 * len(CONTRACTS)
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
    ({"path": "/CRM/Company/CompanyService.asmx"}, "unknown-path"),
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
