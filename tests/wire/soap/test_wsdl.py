"""Contract files are served whole, with the client's own address in every place; messages are validated against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.wire.soap.wsdl import Addition, Contract, Schemas
from gateway.wire.xml import parse

FOLDER = Path(__file__).parent / "contract"
QUERIES = {"wsdl": "Counter.wsdl", "xsd=t/messages.xsd": "types/messages.xsd", "xsd=common.xsd": "common.xsd"}
XS = "{http://www.w3.org/2001/XMLSchema}"


def served(contract: Contract, query: str, address: str = "http://127.0.0.1:7070/ws/Counter") -> bytes:
    body = contract.serve(query, address)
    assert body is not None
    return body


def test_addresses_are_the_clients() -> None:
    root = parse(served(Contract(FOLDER, QUERIES), "wsdl"))
    addresses = [e.get("location") for e in root.iter("{*}address")]
    assert addresses == ["http://127.0.0.1:7070/ws/Counter"] * 2
    links = [e.get("schemaLocation") for e in root.iter(f"{XS}import")]
    assert links == ["http://127.0.0.1:7070/ws/Counter?xsd=t/messages.xsd"]
    inner = parse(served(Contract(FOLDER, QUERIES), "xsd=t/messages.xsd"))
    links = [e.get("schemaLocation") for e in inner.iter(f"{XS}import")]
    assert links == ["http://127.0.0.1:7070/ws/Counter?xsd=common.xsd"]


def test_nothing_of_the_original_address_is_left() -> None:
    for query in QUERIES:
        body = served(Contract(FOLDER, QUERIES), query)
        assert b"vendor.invalid" not in body
        assert b"invoice-gateway" not in body


def test_unknown_queries_are_not_served() -> None:
    contract = Contract(FOLDER, QUERIES)
    for query in ("", "WSDL", "xsd=../common.xsd", "xsd=types/messages.xsd", "xsd="):
        assert contract.serve(query, "http://h") is None


def test_an_address_cannot_break_out_of_its_attribute() -> None:
    root = parse(served(Contract(FOLDER, QUERIES), "wsdl", 'http://h/"><evil a="&'))
    assert [e.get("location") for e in root.iter("{*}address")] == ['http://h/"><evil a="&'] * 2
    assert not list(root.iter("evil"))


def test_the_declaration_is_the_callers() -> None:
    declaration = b"<?xml version='1.0' encoding='UTF-8'?>"
    assert served(Contract(FOLDER, QUERIES, declaration), "xsd=common.xsd").startswith(declaration + b"<xs:schema")


def test_rendered_once_per_address_and_never_without_bound() -> None:
    contract = Contract(FOLDER, QUERIES)
    assert served(contract, "wsdl") is served(contract, "wsdl")
    for number in range(500):
        served(contract, "wsdl", f"http://h{number}")
    assert len(contract._served) <= 64
    assert b"http://h499" in served(contract, "wsdl", "http://h499")


def test_a_link_that_nothing_serves_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing serves"):
        Contract(FOLDER, {"wsdl": "Counter.wsdl"})


SCHEMAS = Schemas(FOLDER, ["types/messages.xsd", "common.xsd"])
MESSAGES = [
    ("<m:read xmlns:m='urn:example:counter'><name>a</name></m:read>", []),
    ("<note xmlns='urn:example:common'>a</note>", []),
    ("<readResponse xmlns='urn:example:counter'><value xmlns=''> +007 </value></readResponse>", []),
    ("<m:read xmlns:m='urn:example:counter'><name/></m:read>", ["SCHEMAV_CVC_MINLENGTH_VALID"]),
    ("<m:read xmlns:m='urn:example:counter'/>", ["SCHEMAV_ELEMENT_CONTENT"]),
    ("<read xmlns='urn:example:counter'><name>a</name></read>", ["SCHEMAV_ELEMENT_CONTENT"]),
    ("<read><name>a</name></read>", ["SCHEMAV_CVC_ELT_1"]),
    (
        "<m:readResponse xmlns:m='urn:example:counter'><value>1.0</value></m:readResponse>",
        ["SCHEMAV_CVC_DATATYPE_VALID_1_2_1"],
    ),
]


@pytest.mark.parametrize(("text", "rules"), MESSAGES)
def test_messages_are_validated(text: str, rules: list[str]) -> None:
    element = parse(f"<wrapper>{text}</wrapper>".encode())[0]
    assert [finding.rule for finding in SCHEMAS.findings(element)] == rules
    assert SCHEMAS.is_valid(element) == (not rules)


COLOUR = Addition("common.xsd", "label", "colour", "c:name")
LABELS = [
    ("<text>a</text>", True, True),
    ("<text>a</text><colour>red</colour>", False, True),
    ("<text>a</text><colour/>", False, False),
    ("<colour>red</colour><text>a</text>", False, False),
]


@pytest.mark.parametrize(("children", "plain", "extended"), LABELS)
def test_additions_are_validated(children: str, plain: bool, extended: bool) -> None:
    """The changed file is imported by another one, too."""
    element = parse(f"<c:label xmlns:c='urn:example:common'>{children}</c:label>".encode())
    assert SCHEMAS.is_valid(element) == plain
    assert Schemas(FOLDER, ["types/messages.xsd", "common.xsd"], [COLOUR]).is_valid(element) == extended


def test_additions_are_served() -> None:
    fields = [
        [
            (e.get("name"), e.get("minOccurs"))
            for e in parse(served(contract, "xsd=common.xsd")).findall(f".//{XS}sequence/*")
        ]
        for contract in (Contract(FOLDER, QUERIES), Contract(FOLDER, QUERIES, additions=[COLOUR]))
    ]
    assert fields == [[("text", None)], [("text", None), ("colour", "0")]]


def test_an_addition_to_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="there is no sequence in other"):
        Contract(FOLDER, QUERIES, additions=[Addition("common.xsd", "other", "colour", "xs:string")])
