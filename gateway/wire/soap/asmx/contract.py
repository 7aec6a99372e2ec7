"""The contract (`?WSDL`) and the discovery document (`?disco`), written from the models as ASP.NET writes them.

Self-contained WSDL 1.1, document/literal wrapped, prefixes s, tns, soap and soap12, two spaces per level, CRLF lines. A
contract that has guids has a second schema for them, with the prefix s1. A header's type allows any attribute, because ASP.NET
gives mustUnderstand and its kin to each header.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel

from gateway.wire.soap.asmx.records import Operation, Service, soap_action
from gateway.wire.soap.binding import (
    SCALARS,
    ArrayType,
    Element,
    EnumType,
    RecordType,
    Scalar,
    describe,
    types_in_schema_order,
)
from gateway.wire.xml import XSD, XSI, escape_attribute, escape_text

_LINE: Final = "\r\n"
_GUID: Final = "http://microsoft.com/wsdl/types/"
_GUID_PATTERN: Final = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_TRANSPORT: Final = "http://schemas.xmlsoap.org/soap/http"
_BINDINGS: Final = (("soap", "Soap"), ("soap12", "Soap12"))

Lines = Iterator[tuple[int, str]]
"""Lines of a document with their depth."""


def _document(lines: Lines) -> str:
    text = _LINE.join(f"{'  ' * depth}{line}" for depth, line in lines)
    return f'<?xml version="1.0" encoding="utf-8"?>{_LINE}{text}'


# --- WSDL -------------------------------------------------------------------------------------------------------------


def wsdl(service: Service, address: str) -> str:
    """The contract of a service whose SOAP address is `address`."""
    return _document(_definitions(service, escape_attribute(address)))


def _definitions(service: Service, address: str) -> Lines:
    guids = {"s1": _GUID} if _has_guids(service) else {}
    namespaces = {
        "tm": "http://microsoft.com/wsdl/mime/textMatching/",
        "soapenc": "http://schemas.xmlsoap.org/soap/encoding/",
        "mime": f"{_WSDL}mime/",
        "tns": service.namespace,
        **guids,
        "soap": f"{_WSDL}soap/",
        "s": XSD,
        "soap12": f"{_WSDL}soap12/",
        "http": f"{_WSDL}http/",
    }
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
    yield 0, f'<wsdl:definitions {declared} targetNamespace="{service.namespace}" xmlns:wsdl="{_WSDL}">'
    yield from _documentation(1, service.documentation)
    yield from _types(service)
    yield from _messages(service.operations)
    yield from _port_type(service)
    for prefix, suffix in _BINDINGS:
        yield from _binding(service, prefix, f"{service.name}{suffix}")
    yield 1, f'<wsdl:service name="{service.name}">'
    yield from _documentation(2, service.documentation)
    for prefix, suffix in _BINDINGS:
        name = f"{service.name}{suffix}"
        yield 2, f'<wsdl:port name="{name}" binding="tns:{name}">'
        yield 3, f'<{prefix}:address location="{address}" />'
        yield 2, "</wsdl:port>"
    yield 1, "</wsdl:service>"
    yield 0, "</wsdl:definitions>"


def _documentation(depth: int, text: str) -> Lines:
    if text:
        yield depth, f'<wsdl:documentation xmlns:wsdl="{_WSDL}">{escape_text(text)}</wsdl:documentation>'


def _messages(operations: Sequence[Operation]) -> Lines:
    for operation in operations:
        for direction, element in (("In", operation.name), ("Out", f"{operation.name}Response")):
            yield 1, f'<wsdl:message name="{operation.name}Soap{direction}">'
            yield 2, f'<wsdl:part name="parameters" element="tns:{element}" />'
            yield 1, "</wsdl:message>"
        if operation.header is not None:
            header = operation.header.__name__
            yield 1, f'<wsdl:message name="{operation.name}{header}">'
            yield 2, f'<wsdl:part name="{header}" element="tns:{header}" />'
            yield 1, "</wsdl:message>"


def _port_type(service: Service) -> Lines:
    yield 1, f'<wsdl:portType name="{service.name}Soap">'
    for operation in service.operations:
        name = operation.name
        yield 2, f'<wsdl:operation name="{name}">'
        yield from _documentation(3, operation.documentation)
        yield 3, f'<wsdl:input message="tns:{name}SoapIn" />'
        yield 3, f'<wsdl:output message="tns:{name}SoapOut" />'
        yield 2, "</wsdl:operation>"
    yield 1, "</wsdl:portType>"


def _binding(service: Service, prefix: str, name: str) -> Lines:
    yield 1, f'<wsdl:binding name="{name}" type="tns:{service.name}Soap">'
    yield 2, f'<{prefix}:binding transport="{_TRANSPORT}" />'
    for operation in service.operations:
        action = soap_action(service.namespace, operation.name)
        yield 2, f'<wsdl:operation name="{operation.name}">'
        yield 3, f'<{prefix}:operation soapAction="{action}" style="document" />'
        for direction in ("input", "output"):
            yield 3, f"<wsdl:{direction}>"
            yield 4, f'<{prefix}:body use="literal" />'
            if direction == "input" and operation.header is not None:
                header = operation.header.__name__
                yield 4, f'<{prefix}:header message="tns:{operation.name}{header}" part="{header}" use="literal" />'
            yield 3, f"</wsdl:{direction}>"
        yield 2, "</wsdl:operation>"
    yield 1, "</wsdl:binding>"


# --- schema -----------------------------------------------------------------------------------------------------------


def _types(service: Service) -> Lines:
    guids = _has_guids(service)
    yield 1, "<wsdl:types>"
    yield 2, f'<s:schema elementFormDefault="qualified" targetNamespace="{service.namespace}">'
    if guids:
        yield 3, f'<s:import namespace="{_GUID}" />'
    written: set[str] = set()
    for operation in service.operations:
        for name, model in ((operation.name, operation.request), (f"{operation.name}Response", operation.response)):
            yield from _wrapper(name, model)
            yield from _new_types(describe(model).elements, written)
        header = operation.header
        if header is not None and header.__name__ not in written:
            written.add(header.__name__)
            yield 3, f'<s:element name="{header.__name__}" type="tns:{header.__name__}" />'
            yield from _named_type(describe(header), is_header=True)
            yield from _new_types(describe(header).elements, written)
    yield 2, "</s:schema>"
    if guids:
        yield from _guid_schema()
    yield 1, "</wsdl:types>"


def _has_guids(service: Service) -> bool:
    return any(
        element.type is SCALARS["guid"]
        for operation in service.operations
        for model in (operation.request, operation.response)
        for element in _elements_below(describe(model))
    )


def _elements_below(record: RecordType) -> Iterator[Element]:
    yield from record.elements
    for wire_type in types_in_schema_order(record.elements):
        if not isinstance(wire_type, EnumType):
            yield from (wire_type.item,) if isinstance(wire_type, ArrayType) else wire_type.elements


def _guid_schema() -> Lines:
    yield 2, f'<s:schema elementFormDefault="qualified" targetNamespace="{_GUID}">'
    yield 3, '<s:simpleType name="guid">'
    yield 4, '<s:restriction base="s:string">'
    yield 5, f'<s:pattern value="{_GUID_PATTERN}" />'
    yield 4, "</s:restriction>"
    yield 3, "</s:simpleType>"
    yield 2, "</s:schema>"


def _new_types(elements: Sequence[Element], written: set[str]) -> Lines:
    """The types that the elements need and that were not written before."""
    for wire_type in types_in_schema_order(elements):
        if wire_type.name not in written:
            written.add(wire_type.name)
            yield from _named_type(wire_type)


def _wrapper(name: str, model: type[BaseModel]) -> Lines:
    elements = describe(model).elements
    yield 3, f'<s:element name="{name}">'
    if elements:
        yield 4, "<s:complexType>"
        yield from _sequence(5, elements)
        yield 4, "</s:complexType>"
    else:
        yield 4, "<s:complexType />"
    yield 3, "</s:element>"


def _named_type(wire_type: ArrayType | RecordType | EnumType, is_header: bool = False) -> Lines:
    if isinstance(wire_type, EnumType):
        yield 3, f'<s:simpleType name="{wire_type.name}">'
        yield 4, '<s:restriction base="s:string">'
        for member in wire_type.python:
            yield 5, f'<s:enumeration value="{escape_attribute(str(member.value))}" />'
        yield 4, "</s:restriction>"
        yield 3, "</s:simpleType>"
        return
    yield 3, f'<s:complexType name="{wire_type.name}">'
    if isinstance(wire_type, ArrayType):
        yield from _sequence(4, (wire_type.item,))
    elif wire_type.base is None:
        yield from _sequence(4, wire_type.elements)
    else:
        yield from _extension(wire_type.base, wire_type.own_elements)
    if is_header:
        yield 4, "<s:anyAttribute />"
    yield 3, "</s:complexType>"


def _extension(base: RecordType, elements: Sequence[Element]) -> Lines:
    yield 4, '<s:complexContent mixed="false">'
    yield 5, f'<s:extension base="tns:{base.name}">'
    yield from _sequence(6, elements)
    yield 5, "</s:extension>"
    yield 4, "</s:complexContent>"


def _sequence(depth: int, elements: Sequence[Element]) -> Lines:
    yield depth, "<s:sequence>"
    for element in elements:
        yield depth + 1, _element(element)
    yield depth, "</s:sequence>"


def _element(element: Element) -> str:
    """One element of the schema. An item of an array has no attribute in a model; it may come any number of times."""
    many = element.repeated or not element.attribute
    attributes = {
        "minOccurs": "1" if element.required and not many else "0",
        "maxOccurs": "unbounded" if many else "1",
    }
    if element.default is not None:
        attributes["default"] = _default_text(element)
    attributes["name"] = element.name
    if element.nillable:
        attributes["nillable"] = "true"
    attributes["type"] = _type_name(element)
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<s:element {written} />"


def _default_text(element: Element) -> str:
    if isinstance(element.default, enum.Enum):
        return escape_attribute(str(element.default.value))
    if isinstance(element.type, Scalar):
        return escape_attribute(element.type.write(element.default))
    raise TypeError(f"{element.name}: only texts have defaults")


def _type_name(element: Element) -> str:
    if not isinstance(element.type, Scalar):
        return f"tns:{element.type.name}"
    return "s1:guid" if element.type.name == "guid" else f"s:{element.type.name}"


# --- discovery --------------------------------------------------------------------------------------------------------


def discovery(service: Service, address: str) -> str:
    """The discovery document of a service at `address`."""
    return _document(_references(service, escape_attribute(address)))


def _references(service: Service, address: str) -> Lines:
    disco = "http://schemas.xmlsoap.org/disco/"
    yield 0, f'<discovery xmlns:xsi="{XSI}" xmlns:xsd="{XSD}" xmlns="{disco}">'
    yield 1, f'<contractRef ref="{address}?wsdl" docRef="{address}" xmlns="{disco}scl/" />'
    for number, (_, suffix) in enumerate(_BINDINGS, start=1):
        binding = f'xmlns:q{number}="{service.namespace}" binding="q{number}:{service.name}{suffix}"'
        yield 1, f'<soap address="{address}" {binding} xmlns="{disco}soap/" />'
    yield 0, "</discovery>"
