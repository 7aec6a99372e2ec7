"""Contracts, models and the tables of facts as rows, so that each can be compared line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from lxml import etree
from pydantic import BaseModel

from gateway.wire.soap.binding import (
    ArrayType,
    Element,
    EnumType,
    RecordType,
    Scalar,
    describe,
    types_in_schema_order,
)
from schemas.twentyfoursevenoffice.contract import ServiceContract

HERE: Final = Path(__file__).parent
FILES: Final = HERE.parents[2] / "schemas" / "twentyfoursevenoffice"
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
W: Final = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP: Final = {"Soap": "{http://schemas.xmlsoap.org/wsdl/soap/}", "Soap12": "{http://schemas.xmlsoap.org/wsdl/soap12/}"}

Row: TypeAlias = tuple[str, ...]


def facts(file: str) -> list[Row]:
    """The rows of a table of facts."""
    with (HERE / file).open(newline="", encoding="utf-8") as lines:
        rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [tuple(row) for row in rows]


def grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by kind and name: the order of types does not count, the order of members and operations does."""
    table: dict[str, list[Row]] = {}
    for row in rows:
        table.setdefault(row[0] if row[0] == "operation" else " ".join(row[:2]), []).append(row)
    return table


# --- a contract file ---


def contract(service: ServiceContract) -> etree._Element:
    """The root of a service's contract file."""
    return etree.fromstring((FILES / service.file).read_bytes())


def compiled(root: etree._Element, folder: Path) -> etree.XMLSchema:
    """A contract's schema blocks as libxml2 reads them; an import in the first one points at the second one."""
    main, *guids = root.iterfind(f"{W}types/{XS}schema")
    links = main.findall(f"{XS}import")
    for link, block in zip(links, guids, strict=True):
        (folder / "guid.xsd").write_bytes(etree.tostring(block))
        link.set("schemaLocation", "guid.xsd")
    (folder / "main.xsd").write_bytes(etree.tostring(main))
    return etree.XMLSchema(etree.parse(str(folder / "main.xsd")))


def rows_of_contract(root: etree._Element, suffix: str) -> Iterator[Row]:
    """A contract as rows; the operations are those of one binding, `Soap` or `Soap12`."""
    main = root.find(f"{W}types/{XS}schema")
    service = root.find(f"{W}service")
    assert main is not None
    assert service is not None
    name, prefix = str(service.get("name")), SOAP[suffix]
    address = service.find(f"{W}port[@binding='tns:{name}{suffix}']/{prefix}address")
    assert address is not None
    imported = main.find(f"{XS}import")
    namespace = "-" if imported is None else str(imported.get("namespace"))
    yield "service", name, str(root.get("targetNamespace")), str(address.get("location")), namespace
    for operation in root.iterfind(f"{W}binding[@name='{name}{suffix}']/{W}operation"):
        yield _operation_row(root, operation, prefix)
    for holder in main:
        yield from _holder_rows(holder)


def _operation_row(root: etree._Element, operation: etree._Element, prefix: str) -> Row:
    name = str(operation.get("name"))
    action = operation.find(f"{prefix}operation")
    assert action is not None
    header = operation.find(f"{W}input/{prefix}header")
    if header is not None:
        part = root.find(f"{W}message[@name='{str(header.get('message')).removeprefix('tns:')}']/{W}part")
        assert part is not None
        assert part.get("name") == header.get("part")
        assert part.get("element") == f"tns:{header.get('part')}"
    return "operation", name, str(action.get("soapAction")), "-" if header is None else str(header.get("part"))


def _holder_rows(holder: etree._Element) -> Iterator[Row]:
    name = str(holder.get("name"))
    if holder.tag == f"{XS}simpleType":
        yield "enumeration", name, " ".join(str(value.get("value")) for value in holder.iter(f"{XS}enumeration"))
    elif holder.tag == f"{XS}element":
        yield "wrapper", name, holder.get("type", "-")
    elif holder.tag == f"{XS}complexType":
        extension = holder.find(f"{XS}complexContent/{XS}extension")
        base = "-" if extension is None else str(extension.get("base"))
        yield "record", name, base, "false" if holder.find(f"{XS}anyAttribute") is None else "true"
    for element in holder.iterfind(f".//{XS}sequence/{XS}element"):
        yield ("member", name, *element_row(element))


def element_row(element: etree._Element) -> Row:
    """One element of a contract."""
    default = element.get("default")
    return (
        element.get("name", ""),
        element.get("type", ""),
        element.get("minOccurs", ""),
        element.get("maxOccurs", ""),
        "-" if default is None else default or '""',
        element.get("nillable", "false"),
    )


# --- the models ---


def rows_of_models(service: ServiceContract) -> Iterator[Row]:
    """The members and enumerations of a service's models, without what only a contract file says."""
    for operation in service.operations:
        yield from _rows_of_message(operation.name, operation.request)
        yield from _rows_of_message(f"{operation.name}Response", operation.response)
        if operation.header is not None:
            yield from _rows_of_message(operation.header.__name__, operation.header)


def _rows_of_message(name: str, model: type[BaseModel]) -> Iterator[Row]:
    elements = describe(model).elements
    for element in elements:
        yield ("member", name, *_row_of(element, many=False))
    for kind in types_in_schema_order(elements):
        if isinstance(kind, EnumType):
            yield "enumeration", kind.name, " ".join(str(member.value) for member in kind.python)
        elif isinstance(kind, ArrayType):
            yield ("member", kind.name, *_row_of(kind.item, many=True))
        elif isinstance(kind, RecordType):
            for element in kind.own_elements:
                yield ("member", kind.name, *_row_of(element, many=False))


def _row_of(element: Element, many: bool) -> Row:
    kind, default = element.type, element.default
    prefix = ("s1" if kind.name == "guid" else "s") if isinstance(kind, Scalar) else "tns"
    text = "-"
    if default is not None:
        text = (kind.write(default) if isinstance(kind, Scalar) else str(default.value)) or '""'
    return (
        element.name,
        f"{prefix}:{kind.name}",
        "1" if element.required else "0",
        "unbounded" if many else "1",
        text,
        "true" if element.nillable else "false",
    )
