"""What is odd about a request that the services accept in silence, for the journal and the strict profile (ADR-18).

ASMX skips what it does not know, and the first of several simple elements wins (R-26). So a misspelt element counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from gateway.spi.adapter import Call
from gateway.spi.findings import Finding
from gateway.wire.soap.asmx import AsmxCall
from gateway.wire.soap.binding import ArrayType, Element, RecordType, describe
from gateway.wire.soap.envelope import read_content_type
from gateway.wire.xml import XmlLimits, parse_document
from schemas.twentyfoursevenoffice.messages import NAMESPACE

_MOST: Final = 20
"""The most findings of one request that are noted."""
_LARGEST_REMEMBERED: Final = 4096
_QUALIFIED: Final = f"{{{NAMESPACE}}}"

_Found: TypeAlias = tuple[Finding, str]


def note_findings(call: Call, received: AsmxCall, limits: XmlLimits, remember: bool) -> None:
    """Note what did not count in a request that was understood.

    remember: the request holds no secret, so its findings may be kept for equal ones.
    """
    charset = read_content_type(call.headers.get("Content-Type")).charset
    look = _looked_through if remember and len(call.body) <= _LARGEST_REMEMBERED else _look_through
    for finding, name in look(call.body, charset, received.operation.name, received.operation.request, limits):
        call.found(finding, name)


def _look_through(
    body: bytes, charset: str | None, operation: str, request: type[BaseModel], limits: XmlLimits
) -> tuple[_Found, ...]:
    root = parse_document(body, limits, charset).root
    inner = next(child for child in root if child.tag.endswith("}Body"))
    return tuple(islice(_in_body(inner, operation, describe(request)), _MOST))


_looked_through = lru_cache(maxsize=256)(_look_through)


def _in_body(body: Any, operation: str, shape: RecordType) -> Iterator[_Found]:
    known = 0
    for payload in body:
        if payload.tag == f"{_QUALIFIED}{operation}":
            known += 1
            yield from _in_record(payload, shape.elements)
        else:
            yield Finding.ACTION_MISMATCH, _local(payload)
    if known > 1:
        yield Finding.REPEATED_MEMBER, operation


def _in_record(parent: Any, elements: tuple[Element, ...]) -> Iterator[_Found]:
    by_name = {element.name: element for element in elements}
    seen: set[str] = set()
    for child in parent:
        name = _local(child)
        element = by_name.get(name) if child.tag.startswith(_QUALIFIED) else None
        if element is None:
            yield _unknown(name, child, by_name), name
            continue
        if name in seen:
            yield Finding.REPEATED_MEMBER, name
        seen.add(name)
        yield from _in_element(child, element)


def _unknown(name: str, child: Any, by_name: dict[str, Element]) -> Finding:
    other_case = name not in by_name and name.lower() in {known.lower() for known in by_name}
    return Finding.NAME_CASE if other_case and child.tag.startswith(_QUALIFIED) else Finding.UNKNOWN_ELEMENT


def _in_element(child: Any, element: Element) -> Iterator[_Found]:
    if isinstance(element.type, RecordType):
        yield from _in_record(child, element.type.elements)
    elif isinstance(element.type, ArrayType):
        item = element.type.item
        for each in child:
            if each.tag == _QUALIFIED + item.name:
                yield from _in_element(each, item)
            else:
                yield Finding.UNKNOWN_ELEMENT, _local(each)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
