"""Answers byte by byte, pages and documents; every answer keeps to the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.asmx import UNABLE_TO_PROCESS, AsmxCall, AsmxEndpoint, AsmxOptions, AsmxReply, wsdl
from gateway.wire.soap.envelope import SoapVersion
from gateway.wire.soap.faults import FaultCode
from schemas.twentyfoursevenoffice import messages as m
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE, INVOICE_SERVICE, SERVICES
from tests.schemas.twentyfoursevenoffice.structure import compiled
from tests.wire.soap.asmx.loopback import BASE, ENVELOPE_11, ENVELOPE_12, NS, Loopback, Request, post
from tests.wire.soap.binding.messages import instances

INVOICES, AUTH = Loopback().endpoints
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XS = "http://www.w3.org/2001/XMLSchema"
HEAD = f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{{}}" xmlns:xsi="{XSI}" xmlns:xsd="{XS}">'
TAIL = "</soap:Body></soap:Envelope>"


def answered(
    endpoint: AsmxEndpoint, name: str, response: BaseModel, version: SoapVersion = SoapVersion.SOAP_11
) -> AsmxReply:
    operation = next(each for each in endpoint.service.operations if each.name == name)
    return endpoint.respond(AsmxCall(operation, operation.request.model_construct(), version), response)


ANSWERS: list[tuple[AsmxEndpoint, str, BaseModel, str]] = [
    (
        AUTH,
        "Login",
        m.LoginResponse(result="abc"),
        f'<LoginResponse xmlns="{NS}"><LoginResult>abc</LoginResult></LoginResponse>',
    ),
    (AUTH, "Login", m.LoginResponse(result=""), f'<LoginResponse xmlns="{NS}"><LoginResult /></LoginResponse>'),
    (
        AUTH,
        "HasSession",
        m.HasSessionResponse(),
        f'<HasSessionResponse xmlns="{NS}"><HasSessionResult>false</HasSessionResult></HasSessionResponse>',
    ),
    (
        INVOICES,
        "GetInvoices",
        m.GetInvoicesResponse(result=[]),
        f'<GetInvoicesResponse xmlns="{NS}"><GetInvoicesResult /></GetInvoicesResponse>',
    ),
    (INVOICES, "GetInvoices", m.GetInvoicesResponse(), f'<GetInvoicesResponse xmlns="{NS}" />'),
    (
        INVOICES,
        "GetInvoices",
        m.GetInvoicesResponse(
            result=[
                m.InvoiceOrder(
                    order_id=12,
                    customer_name="Å & co",
                    order_status=m.OrderSlipStateType.WEB,
                    date_ordered=datetime(2024, 1, 31, 9, tzinfo=UTC),
                    currency=m.Currency(rate=Decimal("1.0"), symbol="NOK"),
                    invoice_rows=[m.InvoiceRow(product_id=-1, type=m.RowType.TEXT, name="")],
                )
            ]
        ),
        f'<GetInvoicesResponse xmlns="{NS}"><GetInvoicesResult><InvoiceOrder><OrderId>12</OrderId>'
        "<CustomerName>Å &amp; co</CustomerName><DateOrdered>2024-01-31T09:00:00Z</DateOrdered>"
        '<IncludeVAT xsi:nil="true" /><Currency><Symbol>NOK</Symbol></Currency>'
        "<InvoiceRows><InvoiceRow><ProductId>-1</ProductId><Type>Text</Type></InvoiceRow></InvoiceRows>"
        "</InvoiceOrder></GetInvoicesResult></GetInvoicesResponse>",
    ),
    (
        INVOICES,
        "SaveInvoices",
        m.SaveInvoicesResponse(
            result=[
                m.InvoiceOrder(
                    customer_id=5,
                    include_vat=False,
                    invoice_rows=[],
                    api_exception=m.APIException(type="Office24Seven.X", message="a", stack_trace=""),
                    production_number="1",
                )
            ]
        ),
        f'<SaveInvoicesResponse xmlns="{NS}"><SaveInvoicesResult><InvoiceOrder><CustomerId>5</CustomerId>'
        "<IncludeVAT>false</IncludeVAT><InvoiceRows /><APIException><Type>Office24Seven.X</Type><Message>a</Message>"
        "<StackTrace /></APIException><ProductionNumber>1</ProductionNumber></InvoiceOrder></SaveInvoicesResult>"
        "</SaveInvoicesResponse>",
    ),
    (
        INVOICES,
        "GetInvoiceDocument",
        m.GetInvoiceDocumentResponse(result=b"%PDF"),
        f'<GetInvoiceDocumentResponse xmlns="{NS}"><GetInvoiceDocumentResult>JVBERg==</GetInvoiceDocumentResult>'
        "</GetInvoiceDocumentResponse>",
    ),
    (
        INVOICES,
        "GetOrderSyncList",
        m.GetOrderSyncListResponse(result=[1, 2]),
        f'<GetOrderSyncListResponse xmlns="{NS}"><GetOrderSyncListResult><int>1</int><int>2</int>'
        "</GetOrderSyncListResult></GetOrderSyncListResponse>",
    ),
]


@pytest.mark.parametrize(("endpoint", "name", "response", "payload"), ANSWERS)
def test_answers(endpoint: AsmxEndpoint, name: str, response: BaseModel, payload: str) -> None:
    for version, namespace, media_type in (
        (SoapVersion.SOAP_11, ENVELOPE_11, "text/xml"),
        (SoapVersion.SOAP_12, ENVELOPE_12, "application/soap+xml"),
    ):
        reply = answered(endpoint, name, response, version)
        assert reply.body.decode() == f"{HEAD.format(namespace)}<soap:Body>{payload}{TAIL}"
        assert reply.headers == (
            ("Cache-Control", "private, max-age=0"),
            ("Content-Type", f"{media_type}; charset=utf-8"),
        )
        assert reply.status == 200


def test_further_headers() -> None:
    endpoint = AsmxEndpoint(AUTHENTICATE, AsmxOptions(extra_headers=(("X-Host", "a"),)))
    call = AsmxCall(AUTHENTICATE.operations[1], m.Login(), SoapVersion.SOAP_11)
    reply = endpoint.respond(call, m.LoginResponse(result="a"), (("Set-Cookie", "s=a"),))
    assert reply.headers[-2:] == (("X-Host", "a"), ("Set-Cookie", "s=a"))


# --- faults ---

TEXT = "Your application id is not registered. <&>"
FAULT_11 = (
    f"{HEAD.format(ENVELOPE_11)}<soap:Body><soap:Fault><faultcode>soap:Server</faultcode>"
    "<faultstring>Server was unable to process request. ---&gt; "
    "Your application id is not registered. &lt;&amp;&gt;</faultstring>"
    f"<detail /></soap:Fault>{TAIL}"
)
FAULT_12 = (
    f"{HEAD.format(ENVELOPE_12)}<soap:Body><soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code>"
    '<soap:Reason><soap:Text xml:lang="en">Server was unable to process request. ---&gt; '
    "Your application id is not registered. &lt;&amp;&gt;</soap:Text></soap:Reason>"
    f"<soap:Detail /></soap:Fault>{TAIL}"
)


@pytest.mark.parametrize(("version", "body"), [(SoapVersion.SOAP_11, FAULT_11), (SoapVersion.SOAP_12, FAULT_12)])
def test_a_fault(version: SoapVersion, body: str) -> None:
    reply = AUTH.fault(version, FaultCode.SERVER, UNABLE_TO_PROCESS, TEXT)
    assert (reply.status, reply.body.decode()) == (500, body)
    assert reply.headers == (("Cache-Control", "private"), ("Content-Type", f"{version.media_type}; charset=utf-8"))


def test_a_version_mismatch_says_what_is_understood() -> None:
    reply = AUTH.fault(SoapVersion.SOAP_11, FaultCode.VERSION_MISMATCH, "x")
    root = etree.fromstring(reply.body)
    upgrade = root.find(f"{{{ENVELOPE_11}}}Header/{{{ENVELOPE_12}}}Upgrade")
    assert upgrade is not None
    understood = []
    for each in upgrade:
        prefix, _, name = (each.get("qname") or "").partition(":")
        understood.append((each.nsmap[prefix], name))
    assert understood == [(ENVELOPE_11, "Envelope"), (ENVELOPE_12, "Envelope")]


@pytest.mark.parametrize(
    ("content_type", "version"), [("text/xml", "SOAP_11"), ("application/soap+xml", "SOAP_12"), ("x", "SOAP_11")]
)
def test_the_version_of_a_request_that_nobody_read(content_type: str, version: str) -> None:
    assert AUTH.version_for(post(b"", None, content_type)).name == version


# --- every answer is valid against the contract ---


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, etree.XMLSchema]:
    return {
        each.service.path: compiled(
            etree.fromstring(wsdl(each.service, BASE).encode()), tmp_path_factory.mktemp("schema")
        )
        for each in ENDPOINTS
    }


ENDPOINTS = (INVOICES, AUTH, *(AsmxEndpoint(each) for each in SERVICES if each not in (INVOICE_SERVICE, AUTHENTICATE)))
OPERATIONS = [(endpoint, each) for endpoint in ENDPOINTS for each in endpoint.service.operations]


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)
def test_any_answer_is_valid(schemas: dict[str, etree.XMLSchema], data: st.DataObject) -> None:
    endpoint, operation = data.draw(st.sampled_from(OPERATIONS))
    response = data.draw(instances(operation.response))
    body = etree.fromstring(answered(endpoint, operation.name, response).body)
    schema = schemas[endpoint.service.path]
    assert schema.validate(body[0][0]), schema.error_log


# --- documents and pages ---


def got(endpoint: AsmxEndpoint, query: str, base_url: str = BASE) -> AsmxReply:
    reply = endpoint.receive(Request(method="GET", path=endpoint.service.path.lower(), query=query, base_url=base_url))
    assert isinstance(reply, AsmxReply)
    return reply


@pytest.mark.parametrize("query", ["WSDL", "wsdl", "wsdl="])
def test_the_contract_is_served_with_the_clients_address(query: str) -> None:
    reply = got(INVOICES, query, "https://shop.test/prefix")
    assert reply.body.decode() == wsdl(INVOICE_SERVICE, f"https://shop.test/prefix{INVOICE_SERVICE.path}")
    assert dict(reply.headers)["Content-Type"] == "text/xml; charset=utf-8"
    assert b"24sevenoffice.com/Economy" not in reply.body


def test_discovery() -> None:
    root = etree.fromstring(got(AUTH, "disco").body)
    address = BASE + AUTHENTICATE.path
    assert root.tag == "{http://schemas.xmlsoap.org/disco/}discovery"
    reference, *bindings = root
    assert (reference.get("ref"), reference.get("docRef")) == (f"{address}?wsdl", address)
    named = [
        (each.get("address"), each.nsmap[f"q{number}"], each.get("binding")) for number, each in enumerate(bindings, 1)
    ]
    assert named == [(address, NS, "q1:AuthenticateSoap"), (address, NS, "q2:AuthenticateSoap12")]


def test_the_list_of_operations() -> None:
    reply = got(INVOICES, "")
    page = reply.body.decode()
    assert dict(reply.headers)["Content-Type"] == "text/html; charset=utf-8"
    assert '<a href="?WSDL">' in page
    for operation in INVOICE_SERVICE.operations:
        assert f'<a href="?op={operation.name}">{operation.name}</a>' in page


@pytest.mark.parametrize(("endpoint", "name"), [(endpoint, each.name) for endpoint, each in OPERATIONS])
def test_a_page_has_samples_of_both_versions(endpoint: AsmxEndpoint, name: str) -> None:
    """Each sample is a complete document for the contract's reader: it has every element of the model."""
    page = got(endpoint, f"op={name}").body
    samples = etree.HTML(page).findall(".//pre")
    assert len(samples) == 4
    operation = next(each for each in endpoint.service.operations if each.name == name)
    for sample, namespace in zip(samples, (ENVELOPE_11, ENVELOPE_11, ENVELOPE_12, ENVELOPE_12), strict=True):
        head, _, document = "".join(sample.itertext()).partition("\n\n")
        root = etree.fromstring(document.encode())
        assert root.tag == f"{{{namespace}}}Envelope"
        assert len(root[-1]) == 1
        assert head.startswith((f"POST {endpoint.service.path} HTTP/1.1\nHost: gateway.test\n", "HTTP/1.1 200 OK"))
    request = etree.fromstring("".join(samples[0].itertext()).partition("\n\n")[2].encode())
    assert [child.tag for child in request[-1][0]] == [
        f"{{{endpoint.service.namespace}}}{field.alias}" for field in operation.request.model_fields.values()
    ]
    assert f'SOAPAction: "{endpoint.service.namespace.rstrip("/")}/{name}"' in "".join(samples[0].itertext())


def test_a_sample_shows_a_declared_header() -> None:
    persons = next(each for each in ENDPOINTS if each.service.name == "PersonService")
    for name, shown in (("GetPersons", True), ("GetNotes", False)):
        page = "".join(etree.HTML(got(persons, f"op={name}").body).itertext())
        assert (page.count(f'<Authentication xmlns="{NS}">\n      <Username>string</Username>') == 2) is shown


def test_a_sample_shows_a_type_in_itself_once() -> None:
    company = next(each for each in ENDPOINTS if each.service.name == "CompanyService")
    page = "".join(etree.HTML(got(company, "op=GetCRMGroups").body).itertext())
    assert page.count("<Children />") == 4


def test_a_sample_shows_every_property() -> None:
    text = "".join(etree.HTML(got(INVOICES, "op=SaveInvoices").body).itertext())
    for model in (m.InvoiceOrder, m.InvoiceRow, m.Address, m.TaxSettings):
        for field in model.model_fields.values():
            assert f"<{field.alias}>" in text
    assert "<OrderStatus>None or Offer or Pack" in text


def test_a_page_for_an_operation_that_is_not_there() -> None:
    page = got(INVOICES, "op=<script>").body.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_pages_are_small_files(tmp_path: Path) -> None:
    page = got(INVOICES, "op=SaveInvoices").body
    assert len(page) < 100_000
