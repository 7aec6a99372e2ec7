"""The contract (`?WSDL`) and the discovery document (`?disco`), written from the models as ASP.NET writes them.

Self-contained WSDL 1.1, document/literal wrapped, prefixes s, tns, s1, soap and soap12, two spaces per level, CRLF lines.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel

from gateway.wire.soap.asmx.records import Operation, Service, soap_action
from gateway.wire.soap.binding import ArrayType, Element, EnumType, RecordType, Scalar, describe, types_in_schema_order
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
    namespaces = {
        "tm": "http://microsoft.com/wsdl/mime/textMatching/",
        "soapenc": "http://schemas.xmlsoap.org/soap/encoding/",
        "mime": f"{_WSDL}mime/",
        "tns": service.namespace,
        "s1": _GUID,
        "soap": f"{_WSDL}soap/",
        "s": XSD,
        "soap12": f"{_WSDL}soap12/",
        "http": f"{_WSDL}http/",
    }
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
    yield 0, f'<wsdl:definitions {declared} targetNamespace="{service.namespace}" xmlns:wsdl="{_WSDL}">'
    yield from _types(service)
    yield from _messages(service.operations)
    yield from _port_type(service)
    for prefix, suffix in _BINDINGS:
        yield from _binding(service, prefix, f"{service.name}{suffix}")
    yield 1, f'<wsdl:service name="{service.name}">'
    for prefix, suffix in _BINDINGS:
        name = f"{service.name}{suffix}"
        yield 2, f'<wsdl:port name="{name}" binding="tns:{name}">'
        yield 3, f'<{prefix}:address location="{address}" />'
        yield 2, "</wsdl:port>"
    yield 1, "</wsdl:service>"
    yield 0, "</wsdl:definitions>"


def _messages(operations: Sequence[Operation]) -> Lines:
    for operation in operations:
        for direction, element in (("In", operation.name), ("Out", f"{operation.name}Response")):
            yield 1, f'<wsdl:message name="{operation.name}Soap{direction}">'
            yield 2, f'<wsdl:part name="parameters" element="tns:{element}" />'
            yield 1, "</wsdl:message>"


def _port_type(service: Service) -> Lines:
    yield 1, f'<wsdl:portType name="{service.name}Soap">'
    for operation in service.operations:
        name = operation.name
        documentation = escape_text(operation.documentation)
        yield 2, f'<wsdl:operation name="{name}">'
        yield 3, f'<wsdl:documentation xmlns:wsdl="{_WSDL}">{documentation}</wsdl:documentation>'
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
            yield 3, f"</wsdl:{direction}>"
        yield 2, "</wsdl:operation>"
    yield 1, "</wsdl:binding>"


# --- schema -----------------------------------------------------------------------------------------------------------


def _types(service: Service) -> Lines:
    yield 1, "<wsdl:types>"
    yield 2, f'<s:schema elementFormDefault="qualified" targetNamespace="{service.namespace}">'
    yield 3, f'<s:import namespace="{_GUID}" />'
    written: set[str] = set()
    for operation in service.operations:
        for name, model in ((operation.name, operation.request), (f"{operation.name}Response", operation.response)):
            yield from _wrapper(name, model)
            for wire_type in types_in_schema_order(describe(model).elements):
                if wire_type.name not in written:
                    written.add(wire_type.name)
                    yield from _named_type(wire_type)
    yield 2, "</s:schema>"
    yield 2, f'<s:schema elementFormDefault="qualified" targetNamespace="{_GUID}">'
    yield 3, '<s:simpleType name="guid">'
    yield 4, '<s:restriction base="s:string">'
    yield 5, f'<s:pattern value="{_GUID_PATTERN}" />'
    yield 4, "</s:restriction>"
    yield 3, "</s:simpleType>"
    yield 2, "</s:schema>"
    yield 1, "</wsdl:types>"


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


def _named_type(wire_type: ArrayType | RecordType | EnumType) -> Lines:
    if isinstance(wire_type, EnumType):
        yield 3, f'<s:simpleType name="{wire_type.name}">'
        yield 4, '<s:restriction base="s:string">'
        for member in wire_type.python:
            yield 5, f'<s:enumeration value="{escape_attribute(str(member.value))}" />'
        yield 4, "</s:restriction>"
        yield 3, "</s:simpleType>"
        return
    yield 3, f'<s:complexType name="{wire_type.name}">'
    yield from _sequence(4, (wire_type.item,) if isinstance(wire_type, ArrayType) else wire_type.elements)
    yield 3, "</s:complexType>"


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
