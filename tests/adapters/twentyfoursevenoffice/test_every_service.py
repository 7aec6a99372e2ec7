"""What holds for each service: both hosts, both SOAP versions, one session, one limit, and answers in the vendor's words.

Each test asks every service of the contracts, so that a new one need not be named here.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.services import SERVICES, UNSERVED, operation_name
from gateway.simulation.fault_models import FaultRule
from schemas.twentyfoursevenoffice.contract import ServiceContract
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE
from schemas.twentyfoursevenoffice.operations import SERVICES as CONTRACTS
from tests.adapters.twentyfoursevenoffice import tenants as t
from tests.adapters.twentyfoursevenoffice.dialect import make_bench, make_call
from tests.conftest import MakeGateway, only

HOSTS: Final = ("api.24sevenoffice.com", "webservices.24sevenoffice.com")
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
BEHIND_A_LOGIN: Final = tuple(each.contract for each in SERVICES)
PATHS: Final = [each.path for each in BEHIND_A_LOGIN]
SERVED: Final = tuple(each.contract for each in SERVICES if each.handlers)


@dataclass(frozen=True)
class Answer:
    """What came back, as text."""

    status: int
    headers: Mapping[str, str]
    text: str


def action(contract: ServiceContract, operation: str) -> str:
    """SOAPAction. Source: G-06."""
    return f"{contract.namespace.removesuffix('/')}/{operation}"


def message(contract: ServiceContract, operation: str, inner: str = "", soap_12: bool = False) -> str:
    text = t.envelope(operation, inner, contract.namespace)
    return text.replace("http://schemas.xmlsoap.org/soap/envelope/", SOAP_12) if soap_12 else text


async def send(client: TestClient, path: str, body: str = "", method: str = "POST", **headers: str) -> Answer:
    client.session.cookie_jar.clear()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.request(method, path, data=body.encode() or None, headers=named) as answer:
        return Answer(answer.status, dict(answer.headers), await answer.text())


async def call(
    client: TestClient, contract: ServiceContract, operation: str, session: str = "", inner: str = "", **headers: str
) -> Answer:
    """A SOAP 1.1 call as most clients make it."""
    given = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action(contract, operation)}"', **headers}
    if session:
        given["Cookie"] = f"ASP.NET_SessionId={session}"
    return await send(client, contract.path, message(contract, operation, inner), **given)


def fault(answer: Answer) -> str:
    """The text of a fault."""
    assert (answer.status, answer.headers["Content-Type"][:8]) in {(500, "text/xml"), (500, "applicat")}, answer
    found = re.search(r"<faultstring>(.*?)</faultstring>|<soap:Text xml:lang=\"en\">(.*?)</soap:Text>", answer.text)
    assert found, answer.text
    return found[1] or found[2]


def served_of(contract: ServiceContract) -> str:
    """An operation that a service serves, the first one whose message needs nothing where there is such a one."""
    (service,) = (each for each in SERVICES if each.contract is contract)
    names = [each.name for each in contract.operations if each.name in service.handlers]
    return next((name for name in names if name.startswith("Get")), names[0])


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", HOSTS)
async def test_every_service_shows_its_contract_on_both_hosts(make_gateway: MakeGateway, host: str) -> None:
    """Source: G-01, G-03, G-04, G-05."""
    client = await make_gateway(only("twentyfoursevenoffice"))
    for contract in CONTRACTS:
        for query in ("?WSDL", "?wsdl"):
            wsdl = await send(client, contract.path.lower() + query, method="GET", Host=host)
            assert (wsdl.status, wsdl.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
            (types, _, ports) = wsdl.text.partition("<wsdl:portType")
            found = re.findall(r'<wsdl:operation name="(\w+)"', ports.partition("</wsdl:portType>")[0])
            assert found == [each.name for each in contract.operations]
            assert f'targetNamespace="{contract.namespace}"' in types
            assert len(re.findall(r'<soap(?:12)?:address location="http://[^"]+"', wsdl.text)) == 2
            assert f'location="http://{host}{contract.path}"' in wsdl.text
        disco = await send(client, contract.path + "?disco", method="GET", Host=host)
        assert disco.text.count("<soap ") == 2
        assert f'ref="http://{host}{contract.path}?wsdl"' in disco.text
        page = await send(client, contract.path, method="GET", Host=host)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        for operation in contract.operations:
            assert f"?op={operation.name}" in page.text
            sample = await send(client, f"{contract.path}?op={operation.name}", method="GET", Host=host)
            assert (sample.status, action(contract, operation.name) in sample.text) == (200, True)


# --- what is no call --------------------------------------------------------------------------------------------------


async def test_what_is_no_call_gets_the_web_servers_answer(make_gateway: MakeGateway) -> None:
    client = await make_gateway(only("twentyfoursevenoffice"))
    xml = {"Content-Type": "text/xml; charset=utf-8"}
    for contract in CONTRACTS:
        wrong = await send(client, contract.path, "x", method="PUT")
        assert (wrong.status, "Request format is unrecognized." in wrong.text) == (405, True)
        named = {**xml, "SOAPAction": f'"{action(contract, contract.operations[0].name)}"'}
        json = await send(client, contract.path, "{}", **{**named, "Content-Type": "application/json"})
        assert (json.status, json.text) == (415, "")
        assert (await send(client, contract.path, "<x", **named)).status == 400
        unknown = await send(client, contract.path, message(contract, "Nothing"), **xml, SOAPAction='"urn:nothing"')
        assert fault(unknown) == "Server did not recognize the value of HTTP Header SOAPAction: urn:nothing."
        soap_12 = {"Content-Type": "application/soap+xml; charset=utf-8"}
        unknown = await send(client, contract.path, message(contract, "Nothing", soap_12=True), **soap_12)
        assert fault(unknown).startswith("Unable to handle request")
        assert "<soap:Value>soap:Sender</soap:Value>" in unknown.text


async def test_a_service_that_is_not_served_is_not_there(make_gateway: MakeGateway) -> None:
    """Source: R-05, R-30."""
    client = await make_gateway(only("twentyfoursevenoffice"))
    for path in UNSERVED.values():
        for where, method in ((path, "POST"), (path.lower() + "?WSDL", "GET")):
            for host in HOSTS:
                answer = await send(client, where, method=method, Host=host)
                assert (answer.status, "The resource cannot be found." in answer.text) == (404, True)


async def test_a_namespace_that_differs_in_letter_case_is_another_one(make_gateway: MakeGateway) -> None:
    """Source: G-08."""
    client = await make_gateway(only("twentyfoursevenoffice"))
    for contract in BEHIND_A_LOGIN:
        for other in {each.namespace for each in CONTRACTS} - {contract.namespace} | {contract.namespace.lower()} - {
            contract.namespace
        }:
            name = contract.operations[0].name
            sent = f'"{other.removesuffix("/")}/{name}"'
            headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": sent}
            answer = await send(client, contract.path, message(contract, name), **headers)
            assert "did not recognize the value of HTTP Header SOAPAction" in fault(answer)


# --- sessions ---------------------------------------------------------------------------------------------------------


async def test_without_a_session_every_operation_is_refused(make_gateway: MakeGateway) -> None:
    """Source: G-10. The message is read before the session is looked for."""
    client = await make_gateway(only("twentyfoursevenoffice"))
    for contract in BEHIND_A_LOGIN:
        for operation in contract.operations:
            answer = await call(client, contract, operation.name)
            assert fault(answer).endswith(" ---&gt; Session is not authenticated"), (contract.path, operation.name)
        soap_12 = {"Content-Type": "application/soap+xml; charset=utf-8"}
        named = message(contract, contract.operations[0].name, soap_12=True)
        answer = await send(client, contract.path, named, **soap_12)
        assert fault(answer).endswith(" ---&gt; Session is not authenticated")
        assert "<soap:Value>soap:Receiver</soap:Value>" in answer.text


@pytest.mark.parametrize("contract", BEHIND_A_LOGIN, ids=PATHS)
async def test_a_lost_session_and_a_lost_identity_are_two_errors(contract: ServiceContract) -> None:
    """Source: G-10, G-11."""
    bench = make_bench()
    found = bench.directory.by_password(t.UUID_APPLICATION, "demo@example.com", "demo-secret")
    assert found is not None
    session = await bench.sessions.begin(found, next(each for each in found.members if str(each.id) == t.DEMO))
    blocked, gone, renamed = (copy.deepcopy(t.TENANTS) for _ in range(3))
    blocked[0]["twentyfoursevenoffice"]["users"][0]["identities"][0]["blocked"] = True
    gone[0]["twentyfoursevenoffice"]["users"][0]["identities"].pop(0)
    for tenant in renamed:
        tenant["twentyfoursevenoffice"]["users"][0]["username"] = "new@example.com"
    body = message(contract, contract.operations[0].name).encode()
    for tenants, said in (
        (blocked, b"Client is not authenticated on this identity"),
        (gone, b"Client is not authenticated on this identity"),
        (renamed, b"Session is not authenticated"),
    ):
        other = make_bench(tenants, bench.vault)
        request = make_call(path=contract.path, body=body, cookie=session, Content_Type="text/xml")
        reply = await other.dialect.answer(request)
        assert (reply.status, said + b"</faultstring>" in reply.body) == (500, True)


async def test_one_session_serves_every_service_on_both_hosts(make_gateway: MakeGateway) -> None:
    """Source: G-09. A call comes as far as its handler: what it says then is its own matter."""
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": t.TENANTS})
    for login_host in HOSTS:
        inner = t.credential()
        login = await call(client, AUTHENTICATE, "Login", inner=inner, Host=login_host)
        session = login.text.partition("<LoginResult>")[2].partition("<")[0]
        for contract in SERVED:
            for host in HOSTS:
                answer = await call(client, contract, served_of(contract), session, Host=host)
                assert "is not authenticated" not in answer.text
                assert answer.status == 200 or "Server was unable to process request." in fault(answer), answer.text


# --- limits -----------------------------------------------------------------------------------------------------------


async def test_calls_of_all_services_count_together(make_gateway: MakeGateway) -> None:
    """Source: G-12."""
    changes = only("twentyfoursevenoffice")
    count = len(SERVED)
    changes["dialects"]["twentyfoursevenoffice"] = {"settings": {"hourly_limit": count}}
    client = await make_gateway({**changes, "tenants": t.TENANTS})
    for tenant in ("demo", "other"):
        await client.server.gateway.clock.freeze(tenant, client.server.gateway.clock.now())
    session = await t.log_in(client)
    for used, contract in enumerate(SERVED, start=1):
        answer = await call(client, contract, served_of(contract), session)
        assert answer.headers["APILimitRemaining"] == str(count - used), contract.path
        assert "Limit exceeded" not in answer.text
    for excess, contract in enumerate(SERVED, start=1):
        answer = await call(client, contract, served_of(contract), session)
        assert f"Limit exceeded by {excess}. Request is blocked." in fault(answer)


async def test_the_throttle_is_one_for_all_services(make_gateway: MakeGateway) -> None:
    """Source: R-41."""
    changes = only("twentyfoursevenoffice")
    changes["dialects"]["twentyfoursevenoffice"] = {"settings": {"calls_per_second": 1}}
    client = await make_gateway({**changes, "tenants": t.TENANTS})
    for tenant in ("demo", "other"):
        await client.server.gateway.clock.freeze(tenant, client.server.gateway.clock.now())
    for contract in SERVED:
        session = await t.log_in(client)
        assert (await call(client, SERVED[0], "GetPaymentMethods", session)).status == 200
        answer = await call(client, contract, served_of(contract), session)
        assert (answer.status, answer.text) == (429, "")


# --- failures ---------------------------------------------------------------------------------------------------------

FAILURES: Final = {
    "store_unavailable": (500, "Server was unable to process request. ---&gt;"),
    "deadline": (500, "Server was unable to process request. ---&gt;"),
    "internal": (500, "Server was unable to process request. ---&gt;"),
    "overloaded": (503, "The service is unavailable."),
    "rate_limited": (429, ""),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_failures_speak_the_vendors_words(make_gateway: MakeGateway, failure: str) -> None:
    client = await make_gateway({**only("twentyfoursevenoffice"), "tenants": t.TENANTS})
    session = await t.log_in(client)
    status, said = FAILURES[failure]
    faults = client.server.gateway.faults
    for contract in SERVED:
        name = served_of(contract)
        rule: dict[str, Any] = {"action": {"kind": "failure", "failure": failure}, "tenant": "demo"}
        rule["operation"] = operation_name(contract.name, name)
        rule["at"] = "before_commit"
        added = faults.add(FaultRule.model_validate(rule))
        answer = await call(client, contract, name, session)
        assert (answer.status, said in answer.text) == (status, True), (contract.path, answer)
        assert "invoice-gateway" not in answer.text + str(answer.headers)
        struck = faults.get(added.id)
        assert (struck.calls, struck.hits) == (1, 1), contract.path
        faults.clear()


@pytest.mark.parametrize("contract", CONTRACTS, ids=[each.path for each in CONTRACTS])
async def test_a_request_that_is_too_large(contract: ServiceContract) -> None:
    bench = make_bench(max_request_bytes=2048)
    body = message(contract, contract.operations[0].name, "<x>" + "y" * 2048 + "</x>").encode()
    reply = await bench.dialect.answer(make_call(path=contract.path, body=body, Content_Type="text/xml"))
    assert (reply.status, b"Server was unable to read request." in reply.body) == (500, True)
