"""The served contract: it is complete, it agrees with the code, and every answer of the cases keeps to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from adapters.resurs.codec import EXCEPTIONS, FOLDER, Codec
from adapters.resurs.configuration import CONFIGURATION
from adapters.resurs.configuration import NAMESPACE as MESSAGES
from adapters.resurs.services import SERVICES
from gateway.wire.soap.envelope import open_envelope
from gateway.wire.soap.wsdl import Schemas
from gateway.wire.xml import parse
from schemas.resurs.configuration import PeekInvoiceSequenceResponse
from tests.adapters.resurs.dialect import make_call, make_dialect

FILES = [
    "schemas/messages/ConfigurationServiceMessages.xsd",
    "schemas/messages/Exceptions.xsd",
    "schemas/types/common.xsd",
    "schemas/types/configuration.xsd",
]
SCHEMAS = Schemas(FOLDER, sorted({file for service in SERVICES for file in service.schemas}))
OPERATIONS = [row.name for row in CONFIGURATION.operations]
ADDRESS = "http://127.0.0.1:7070/ws/V4/ConfigurationService"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
RESPONSES = sorted((Path(__file__).parent / "cases").rglob("response.xml"))


def served(query: str) -> etree._Element:
    body = Codec(CONFIGURATION, 0).contract.serve(query, ADDRESS)
    assert body is not None
    return parse(body)


def test_names_of_the_wsdl() -> None:
    root = served("wsdl")
    assert root.get("targetNamespace") == "http://ecommerce.resurs.com/v4"
    assert [e.get("name") for e in root.iter(f"{WSDL}service", f"{WSDL}port", f"{WSDL}portType", f"{WSDL}binding")] == [
        "ConfigurationWebService",
        "ConfigurationWebServiceImplPortBinding",
        "ConfigurationService",
        "ConfigurationWebServiceImplPort",
    ]
    assert [e.get("location") for e in root.iter(f"{SOAP}address")] == [ADDRESS]
    assert {e.get("soapAction") for e in root.iter(f"{SOAP}operation")} == {""}


def test_ten_operations_each_with_one_fault() -> None:
    port_type, binding = served("wsdl").find(f"{WSDL}portType"), served("wsdl").find(f"{WSDL}binding")
    assert port_type is not None
    assert binding is not None
    for section in (port_type, binding):
        operations = section.findall(f"{WSDL}operation")
        assert [operation.get("name") for operation in operations] == OPERATIONS
        for operation in operations:
            assert [fault.get("name") for fault in operation.findall(f"{WSDL}fault")] == ["ECommerceErrorException"]


def test_every_link_leads_to_the_address_that_was_asked() -> None:
    links = {link.get("schemaLocation") for link in served("wsdl").iter(f"{XS}import")}
    assert links == {f"{ADDRESS}?xsd={file}" for file in FILES[:2]}
    for file in FILES:
        for link in served(f"xsd={file}").iter(f"{XS}import"):
            assert link.get("schemaLocation") in {f"{ADDRESS}?xsd={other}" for other in FILES}


def test_children_are_unqualified() -> None:
    for file in FILES:
        root = served(f"xsd={file}")
        assert "elementFormDefault" not in root.attrib
        assert not [e for e in root.iter(f"{XS}element") if "form" in e.attrib]


@pytest.mark.parametrize(("file", "prefix"), [(FILES[0], "msg"), (FILES[1], "exc")])
def test_each_message_has_a_type_of_its_own_name(file: str, prefix: str) -> None:
    """Generated clients name their classes after these types, and messages may name them with xsi:type."""
    root = served(f"xsd={file}")
    elements = {str(e.get("name")): e.get("type") for e in root.findall(f"{XS}element")}
    assert elements == {name: f"{prefix}:{name}" for name in elements}
    assert [e.get("name") for e in root.findall(f"{XS}complexType")] == list(elements)
    assert len(elements) == (2 * len(OPERATIONS) if prefix == "msg" else 1)


def test_the_two_invoice_numbers() -> None:
    types = {e.get("name"): e for e in served(f"xsd={FILES[0]}").findall(f"{XS}complexType")}
    peeked, given = (types[n].find(f".//{XS}element") for n in ("peekInvoiceSequenceResponse", "setInvoiceSequence"))
    assert peeked is not None
    assert given is not None
    same = {"name": "nextInvoiceNumber", "type": "xs:integer", "minOccurs": "0"}
    assert dict(peeked.attrib) == same
    assert dict(given.attrib) == {**same, "nillable": "true"}


@pytest.mark.parametrize("path", RESPONSES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_every_answer_keeps_the_schema(path: Path) -> None:
    text = path.read_bytes()
    if not text:
        return
    payload = open_envelope(text).payload
    assert payload is not None
    message = payload.find("detail/*") if payload.tag.endswith("}Fault") else payload
    if message is not None:
        assert message.tag.startswith((f"{{{MESSAGES}}}", f"{{{EXCEPTIONS}}}"))
        assert SCHEMAS.findings(message) == []


@pytest.mark.parametrize("number", [None, 0, 1, 444, 2**63 - 2])
@pytest.mark.parametrize("indent", [0, 3])
def test_every_number_is_written_validly(number: int | None, indent: int) -> None:
    row = next(row for row in CONFIGURATION.operations if row.name == "peekInvoiceSequence")
    written = Codec(CONFIGURATION, indent).write(row, PeekInvoiceSequenceResponse(next_invoice_number=number))
    payload = open_envelope(written).payload
    assert payload is not None
    assert SCHEMAS.findings(payload) == []
    assert payload.findtext("nextInvoiceNumber") == (None if number is None else str(number))


async def test_documents_are_served_with_the_clients_address_and_cheaply() -> None:
    dialect = make_dialect()
    call = make_call("GET", query="wsdl")
    first, second = await dialect.answer(call), await dialect.answer(make_call("GET", query="wsdl"))
    assert first.body is second.body
    assert f'location="{ADDRESS}"'.encode() in first.body
    assert call.operation == "wsdl"


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("wsdl", "wsdl"),
        ("WSDL=", "wsdl"),
        ("wsdl=1", "wsdl"),
        ("wsdl&nocache=1", "wsdl"),
        ("_=1&Wsdl", "wsdl"),
        ("a=wsdl&%77sdl", "wsdl"),
        (f"wsdl&xsd={FILES[2]}", f"xsd={FILES[2]}"),
        (f"_=1&XSD={FILES[2].replace('/', '%2F')}&v=2", f"xsd={FILES[2]}"),
        ("wsdls", ""),
        ("a=wsdl", ""),
        ("xsd", ""),
        ("xsd=other.xsd&wsdl", ""),
        ("&&=", ""),
    ],
)
async def test_which_document_a_query_asks_for(query: str, document: str) -> None:
    call = make_call("GET", query=query)
    reply = await make_dialect().answer(call)
    assert (reply.status, call.operation) == ((200, document) if document else (401, ""))
