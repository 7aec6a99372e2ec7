"""The pages for people: the list of operations, one page per operation with sample messages, and error pages.

The layout is that of ASP.NET's help pages: a list with links, and `?op=` pages with both SOAP versions. The words are our
own. There is no test form, because the framework shows it only on the server itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import BaseModel

from gateway.wire.soap.asmx.records import Operation, Service, soap_action
from gateway.wire.soap.binding import ArrayType, Element, EnumType, RecordType, describe
from gateway.wire.soap.envelope import SoapVersion
from gateway.wire.xml import XSD, XSI

_STYLE: Final = (
    "body{font-family:Verdana,sans-serif;font-size:.8em;margin:0}h1{background:#036;color:#fff;margin:0;padding:10px}"
    "div{margin:20px}pre{background:#e5e5cc;padding:10px;overflow:auto}b{color:#00f;font-weight:normal}"
)


def _page(title: str, body: str) -> str:
    return (
        f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n<h1>{title}</h1>\n<div>\n{body}\n</div>\n</body>\n</html>\n"
    )


def service_page(service: Service) -> str:
    """The operations of a service."""
    items = "\n".join(
        f'<li><a href="?op={quote(each.name)}">{escape(each.name)}</a><br>{escape(each.documentation)}</li>'
        for each in service.operations
    )
    intro = '<p>The following operations are supported. See the <a href="?WSDL">Service Description</a>.</p>'
    about = f"<p>{escape(service.documentation)}</p>\n" if service.documentation else ""
    return _page(f"{escape(service.name)} Web Service", f"{about}{intro}\n<ul>\n{items}\n</ul>")


def unknown_operation(service: Service, asked: str) -> str:
    """The page for an operation that the service does not have."""
    name = escape(service.name)
    return _page(f"{name} Web Service", f"<p>There is no operation '{escape(asked)}' in {name}.</p>")


def wrong_verb() -> str:
    """The page for a verb that is neither GET nor POST. Inferred: the host words it."""
    return _page("405 - Method Not Allowed", "<p>Request format is unrecognized.</p>")


def unrecognized_path(below: str) -> str:
    """The page for something after `.asmx`, which only the HTTP bindings would have."""
    text = f"Request format is unrecognized for URL unexpectedly ending in '{escape(below)}'."
    return _page("Server Error", f"<p>{text}</p>")


# --- samples ----------------------------------------------------------------------------------------------------------


def operation_page(service: Service, operation: Operation, address: str) -> str:
    """Sample messages of one operation, one pair for each SOAP version."""
    parts = [f"<h2>{escape(operation.name)}</h2>", f"<p>{escape(operation.documentation)}</p>"]
    for version, label in ((SoapVersion.SOAP_11, "SOAP 1.1"), (SoapVersion.SOAP_12, "SOAP 1.2")):
        header, name = operation.header, operation.name
        head: Iterable[str] = () if header is None else _wrapper(service, header.__name__, header)
        request = _envelope(version, head, _wrapper(service, name, operation.request))
        response = _envelope(version, (), _wrapper(service, f"{name}Response", operation.response))
        parts += [
            f"<h3>{label}</h3>",
            f"<p>A sample {label} request and response. Replace the <b>placeholders</b> with values.</p>",
            f"<pre>{_request_head(service, operation, address, version)}\n\n{request}</pre>",
            f"<pre>{_response_head(version)}\n\n{response}</pre>",
        ]
    return _page(f"{escape(service.name)} Web Service", "\n".join(parts))


def _response_head(version: SoapVersion) -> str:
    length = "Content-Length: <b>length</b>"
    return f"HTTP/1.1 200 OK\nContent-Type: {version.media_type}; charset=utf-8\n{length}"


def _request_head(service: Service, operation: Operation, address: str, version: SoapVersion) -> str:
    url = urlsplit(address)
    lines = [
        f"POST {escape(url.path)} HTTP/1.1",
        f"Host: {escape(url.netloc)}",
        f"Content-Type: {version.media_type}; charset=utf-8",
        "Content-Length: <b>length</b>",
    ]
    if version is SoapVersion.SOAP_11:
        action = soap_action(service.namespace, operation.name)
        lines.append(escape(f'SOAPAction: "{action}"', quote=False))
    return "\n".join(lines)


def _envelope(version: SoapVersion, header: Iterable[str], body: Iterable[str]) -> str:
    prefix = "soap" if version is SoapVersion.SOAP_11 else "soap12"
    header = list(header)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<{prefix}:Envelope xmlns:xsi="{XSI}" xmlns:xsd="{XSD}" xmlns:{prefix}="{version.namespace}">',
        *((f"  <{prefix}:Header>", *header, f"  </{prefix}:Header>") if header else ()),
        f"  <{prefix}:Body>",
        *body,
        f"  </{prefix}:Body>",
        f"</{prefix}:Envelope>",
    ]
    return "\n".join(escape(line, quote=False).replace("\x01", "<b>").replace("\x02", "</b>") for line in lines)


def _wrapper(service: Service, name: str, model: type[BaseModel]) -> Iterator[str]:
    elements = describe(model).elements
    if not elements:
        yield f'    <{name} xmlns="{service.namespace}" />'
        return
    yield f'    <{name} xmlns="{service.namespace}">'
    for element in elements:
        yield from _sample(element, 6, ())
    yield f"    </{name}>"


def _sample(element: Element, indent: int, around: tuple[str, ...]) -> Iterator[str]:
    """An element with placeholders; an array shows two items. What holds its own type does not show it again.

    around: the names of the records that the element stands in.
    \\x01 and \\x02 stand for `<b>` and `</b>`: the lines are escaped as a whole afterwards, and these two survive that.
    """
    space, name = " " * indent, element.name
    wire_type = element.type
    if isinstance(wire_type, EnumType):
        choices = " or ".join(str(member.value) for member in wire_type.python)
        yield f"{space}<{name}>\x01{choices}\x02</{name}>"
    elif isinstance(wire_type, ArrayType | RecordType):
        inner = (wire_type.item, wire_type.item) if isinstance(wire_type, ArrayType) else wire_type.elements
        record = wire_type.item.type.name if isinstance(wire_type, ArrayType) else wire_type.name
        if record in around:
            yield f"{space}<{name} />"
            return
        below = (*around, wire_type.name) if isinstance(wire_type, RecordType) else around
        yield f"{space}<{name}>"
        for each in inner:
            yield from _sample(each, indent + 2, below)
        yield f"{space}</{name}>"
    else:
        yield f"{space}<{name}>\x01{wire_type.name}\x02</{name}>"
