"""Messages as XML, as DataContractSerializer reads and writes them behind Web API.

Reading goes through the one hardened parser. Before that, `xml_prolog` settles what .NET's own reader sees differently.
A wrong document gives no message at all, even when parts of it could be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.wire.aspnet.contract import Contract, Member, Scalar, Value
from gateway.wire.aspnet.json_numbers import NotANumber, read_integer
from gateway.wire.aspnet.xml_prolog import Normal, NotXml, normalise
from gateway.wire.xml import XSI, XmlLimits, XmlRefused, parse

LIMITS: Final = XmlLimits(max_bytes=64 * 1024 * 1024, max_depth=255)
_SERIALIZATION: Final = "http://schemas.microsoft.com/2003/10/Serialization/"
_NIL: Final = f"{{{XSI}}}nil"
_TYPE: Final = f"{{{XSI}}}type"
_REF: Final = f"{{{_SERIALIZATION}}}Ref"
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
_XML_SPACE: Final = " \t\r\n"
Element = Any
"""An lxml element; the type is private to lxml."""


# --- reading ----------------------------------------------------------------------------------------------------------


def read_xml(text: str, charset: str, contract: Contract, limits: XmlLimits = LIMITS) -> dict[str, Any] | None:
    """Read a message; None for a root marked nil. Raises NotXml."""
    normal = normalise(text, charset)
    try:
        root = parse(normal.text.encode("utf-8", "surrogatepass"), limits, charset="utf-8")
    except XmlRefused as refused:
        raise NotXml(refused.detail) from None
    if root.tag != f"{{{contract.namespace}}}{contract.name}":
        raise NotXml("another root element was expected")
    return _Reader(normal).message(root, contract)


class _Reader:
    def __init__(self, normal: Normal) -> None:
        self._normal = normal

    def message(self, element: Element, contract: Contract) -> dict[str, Any] | None:
        """Read the members. They are found in contract order only: one that is late, repeated or unknown is skipped."""
        if _is_nil(element):
            return None
        _refuse_other_type(element, contract)
        values = contract.defaults()
        if _has_text(element.text):
            raise NotXml("text between members")
        remaining = list(contract.xml_members)
        for child in element:
            if _has_text(child.tail):
                raise NotXml("text between members")
            place = next((i for i, m in enumerate(remaining) if child.tag == _tag(contract, m)), None)
            if place is None:
                _is_nil(child)  # .NET reads the attributes of a skipped element, too, and refuses bad ones
                continue
            member = remaining[place]
            # The serializer only looks forward: members before this one can no longer come.
            del remaining[: place + 1]
            values[member.name] = self._member(child, member)
        return values

    def _member(self, element: Element, member: Member) -> Any:
        if isinstance(member.type, Contract):
            return self.message(element, member.type)
        if _is_nil(element):
            if member.type is not Scalar.STRING:
                raise NotXml(f"{member.name} cannot be nil")
            return None
        if len(element):
            raise NotXml(f"{member.name} holds elements")
        return _scalar(self._normal.restore(element.text or ""), member.type)


def _tag(contract: Contract, member: Member) -> str:
    return f"{{{contract.namespace}}}{member.name}"


def _has_text(text: str | None) -> bool:
    return text is not None and bool(text.strip(_XML_SPACE))


def _is_nil(element: Element) -> bool:
    """i:nil as xs:boolean; another value is an error, and so is a reference to an object not seen before."""
    if element.get(_REF) is not None:
        raise NotXml("reference to an unknown object")
    nil = element.get(_NIL)
    if nil is None:
        return False
    truth = _TRUTH.get(nil.strip(_XML_SPACE))
    if truth is None:
        raise NotXml("nil is neither true nor false")
    return truth


def _refuse_other_type(element: Element, contract: Contract) -> None:
    named = element.get(_TYPE)
    if named is None:
        return
    prefix, _, local = named.strip(_XML_SPACE).rpartition(":")
    if (element.nsmap.get(prefix or None), local) != (contract.namespace, contract.name):
        raise NotXml(f"type {named} is unknown")


def _scalar(text: str, scalar: Scalar) -> Any:
    if scalar is Scalar.STRING:
        return text
    trimmed = text.strip(_XML_SPACE)
    if scalar is Scalar.BOOLEAN:
        if trimmed not in _TRUTH:
            raise NotXml("not a boolean")
        return _TRUTH[trimmed]
    try:
        return read_integer(trimmed, scalar.bits)
    except NotANumber as error:
        raise NotXml(str(error)) from None


# --- writing ----------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile("\r\n|[&<>\x00-\x08\n-\x1f\ufffe\uffff]")
_NAMED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def xml_text_of(text: str, line_end: str) -> str:
    """Element content as XmlWriter writes it without character checks.

    It writes `&amp;`, `&lt;` and `&gt;`, a reference like `&#x1F;` for what XML cannot hold, and each line break as
    `line_end`.
    """
    if not _SPECIAL.search(text):
        return text

    def replaced(match: re.Match[str]) -> str:
        sign = match[0]
        if sign in {"\r\n", "\n", "\r"}:
            return line_end
        return _NAMED.get(sign) or f"&#x{ord(sign):X};"

    return _SPECIAL.sub(replaced, text)


def write_xml(contract: Contract, value: Value | None, line_end: str = "\r\n") -> str:
    """A message as one line of XML without a declaration; a null message is an empty root marked nil."""
    declared = f'xmlns:i="{XSI}" xmlns="{contract.namespace}"'
    if value is None:
        return f'<{contract.name} i:nil="true" {declared} />'
    prefixes = {contract.namespace: ""}
    return f"<{contract.name} {declared}>{_members(contract, value, prefixes, 2, line_end)}</{contract.name}>"


def write_xml_list(contract: Contract, values: Iterable[Value], line_end: str = "\r\n") -> str:
    """A list of messages: `ArrayOf` and their name is the root."""
    root, declared = f"ArrayOf{contract.name}", f'xmlns:i="{XSI}" xmlns="{contract.namespace}"'
    items = "".join(_item(contract, value, {contract.namespace: ""}, 3, line_end) for value in values)
    return f"<{root} {declared}>{items}</{root}>" if items else f"<{root} {declared} />"


def write_xml_boolean(value: bool) -> str:
    """A bare truth value."""
    return f'<boolean xmlns="{_SERIALIZATION}">{_scalar_text(value, "")}</boolean>'


def _item(contract: Contract, value: Value, prefixes: Mapping[str, str], depth: int, line_end: str) -> str:
    name = prefixes[contract.namespace] + contract.name
    return f"<{name}>{_members(contract, value, prefixes, depth, line_end)}</{name}>"


def _members(contract: Contract, value: Value, prefixes: Mapping[str, str], depth: int, line_end: str) -> str:
    return "".join(_written(m, contract, value[m.name], prefixes, depth, line_end) for m in contract.xml_members)


def _written(
    member: Member, owner: Contract, value: Any, prefixes: Mapping[str, str], depth: int, line_end: str
) -> str:
    """One member. A namespace not yet in scope gets the prefix d<depth>p1, declared where it is first needed."""
    name = prefixes[owner.namespace] + member.name
    declared = ""
    if isinstance(member.type, Contract) and member.type.namespace not in prefixes:
        prefix = f"d{depth}p1"
        declared = f' xmlns:{prefix}="{member.type.namespace}"'
        prefixes = {**prefixes, member.type.namespace: f"{prefix}:"}
    if value is None:
        return f'<{name}{declared} i:nil="true" />'
    if not isinstance(member.type, Contract):
        content = _scalar_text(value, line_end)
    elif member.many:
        content = "".join(_item(member.type, item, prefixes, depth + 1, line_end) for item in value)
    else:
        content = _members(member.type, value, prefixes, depth + 1, line_end)
    return f"<{name}{declared}>{content}</{name}>"


def _scalar_text(value: bool | int | str, line_end: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else xml_text_of(value, line_end)
