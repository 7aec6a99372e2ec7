"""What is odd about a request that the services accept in silence, for the journal and the strict profile (ADR-18).

ASMX skips what it does not know, and the first of several simple elements wins (R-26). So a misspelt element counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

_MOST: Final = 20
"""The most findings of one request that are noted."""
_LARGEST_REMEMBERED: Final = 4096

_Found: TypeAlias = tuple[Finding, str]


def note_findings(call: Call, received: AsmxCall, namespace: str, limits: XmlLimits, remember: bool) -> None:
    """Note what did not count in a request that was understood.

    remember: the request holds no secret, so its findings may be kept for equal ones.
    """
    charset = read_content_type(call.headers.get("Content-Type")).charset
    look = _looked_through if remember and len(call.body) <= _LARGEST_REMEMBERED else _look_through
    operation = received.operation
    for finding, name in look(call.body, charset, namespace, operation.name, operation.request, limits):
        call.found(finding, name)


def _look_through(
    body: bytes, charset: str | None, namespace: str, operation: str, request: type[BaseModel], limits: XmlLimits
) -> tuple[_Found, ...]:
    root = parse_document(body, limits, charset).root
    inner = next(child for child in root if child.tag.endswith("}Body"))
    return tuple(islice(_Look(f"{{{namespace}}}").in_body(inner, operation, describe(request)), _MOST))


_looked_through = lru_cache(maxsize=256)(_look_through)


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks through messages of one service.

    qualified: what precedes the name of its elements: the namespace in braces.
    """

    qualified: str

    def in_body(self, body: Any, operation: str, shape: RecordType) -> Iterator[_Found]:
        known = 0
        for payload in body:
            if payload.tag == f"{self.qualified}{operation}":
                known += 1
                yield from self._in_record(payload, shape.elements)
            else:
                yield Finding.ACTION_MISMATCH, _local(payload)
        if known > 1:
            yield Finding.REPEATED_MEMBER, operation

    def _in_record(self, parent: Any, elements: tuple[Element, ...]) -> Iterator[_Found]:
        by_name = {element.name: element for element in elements}
        seen: set[str] = set()
        for child in parent:
            name = _local(child)
            element = by_name.get(name) if child.tag.startswith(self.qualified) else None
            if element is None:
                yield self._unknown(name, child, by_name), name
                continue
            if name in seen:
                yield Finding.REPEATED_MEMBER, name
            seen.add(name)
            yield from self._in_element(child, element)

    def _unknown(self, name: str, child: Any, by_name: dict[str, Element]) -> Finding:
        other_case = name not in by_name and name.lower() in {known.lower() for known in by_name}
        return Finding.NAME_CASE if other_case and child.tag.startswith(self.qualified) else Finding.UNKNOWN_ELEMENT

    def _in_element(self, child: Any, element: Element) -> Iterator[_Found]:
        if isinstance(element.type, RecordType):
            yield from self._in_record(child, element.type.elements)
        elif isinstance(element.type, ArrayType):
            item = element.type.item
            for each in child:
                if each.tag == self.qualified + item.name:
                    yield from self._in_element(each, item)
                else:
                    yield Finding.UNKNOWN_ELEMENT, _local(each)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
