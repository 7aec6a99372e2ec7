"""What the framework tolerates in silence: members that it does not know, drops for their place, or converts. R-02 to R-05.

The dialect looks for it only while somebody watches (ADR-17), and only in messages that it accepted. The code stands
apart from the readers, which stay as fast as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from gateway.spi.adapter import Call
from gateway.spi.findings import Finding
from gateway.wire.aspnet.contract import Contract, Scalar
from gateway.wire.aspnet.form import read_pairs
from gateway.wire.aspnet.negotiation import Formatter, read_media_type, reader_for
from gateway.wire.xml import XmlRefused, parse

Found: TypeAlias = Iterator[tuple[Finding, str]]
_READ: Final = frozenset({"LOCATIONID", "ACCESS_TOKEN"})
"""Parameters of the query that mean something."""


def note_findings(call: Call, contract: Contract) -> None:
    """Note on the call everything that is odd about its accepted message."""
    for finding, name in (*_in_query(call.query), *_in_body(call, contract)):
        call.found(finding, name)


def _in_query(query: str) -> Found:
    for name, _ in read_pairs(query.encode("utf-8", "surrogateescape")):
        if name.upper() not in _READ:
            yield Finding.IGNORED_PARAMETER, name


def _in_body(call: Call, contract: Contract) -> Found:
    formatter = reader_for(read_media_type(call.headers.get("Content-Type", "")))
    if formatter is Formatter.JSON:
        yield from _in_json(call.body, contract)
    elif formatter is Formatter.XML:
        yield from _in_xml(call.body, contract)
    elif formatter is Formatter.FORM:
        yield from _in_names([name for name, _ in read_pairs(call.body)], contract)


def _in_json(body: bytes, contract: Contract) -> Found:
    try:
        pairs = json.loads(body, object_pairs_hook=list)
    except (
        ValueError,
        RecursionError,
    ):  # comments, single quotes, text after the value: the vendor's reader accepts them
        yield Finding.LENIENT_SYNTAX, ""
        return
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):  # null
        return
    yield from _in_names([name for name, _ in pairs], contract)
    for name, value in pairs:
        member = contract.member(name)
        if member is not None and isinstance(member.type, Scalar) and not _fits(value, member.type):
            yield Finding.CONVERTED_VALUE, member.name


def _fits(value: Any, kind: Scalar) -> bool:
    if kind is Scalar.STRING:
        return value is None or isinstance(value, str)
    if kind is Scalar.BOOLEAN:
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool)


def _in_names(names: list[str], contract: Contract) -> Found:
    seen: set[str] = set()
    for name in names:
        member = contract.member(name)
        if member is None:
            yield Finding.UNKNOWN_MEMBER, name
            continue
        if member.name in seen:
            yield Finding.REPEATED_MEMBER, member.name
        if member.name != name:
            yield Finding.NAME_CASE, name
        seen.add(member.name)


def _in_xml(body: bytes, contract: Contract) -> Found:
    """The serializer reads members in its own order only. It drops one that comes too late, and one that comes twice."""
    try:
        root = parse(body)
    except XmlRefused:  # the vendor's reader knows encodings that ours refuses
        yield Finding.LENIENT_SYNTAX, ""
        return
    order = {f"{{{contract.namespace}}}{member.name}": place for place, member in enumerate(contract.xml_members)}
    last = -1
    for child in root:
        name = str(child.tag)
        place = order.get(name)
        local = name.rpartition("}")[2]
        if place is None:
            known = contract.member(local) is not None
            yield (Finding.MISPLACED_MEMBER if known else Finding.UNKNOWN_ELEMENT), local
        elif place <= last:
            yield Finding.MISPLACED_MEMBER, local
        else:
            last = place
