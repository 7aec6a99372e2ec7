"""application/x-www-form-urlencoded as Web API's model binder reads it: pairs, jQuery-style names, conversions.

Query strings are read into pairs in the same way. There is always a message, even when no pair fits; only a name that
cannot be read leaves none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote_plus

from gateway.wire.aspnet.contract import Contract, Member, Scalar
from gateway.wire.aspnet.json_characters import WHITE
from gateway.wire.aspnet.json_numbers import NotANumber, read_integer
from gateway.wire.aspnet.modelstate import GENERIC_ERROR, VALUE_REQUIRED, not_valid

MAX_KEYS: Final = 1000
"""Pairs above which the framework refuses a form."""
_BLANK = re.compile(f"[{WHITE}]*\\Z")
_ENDS = re.compile(f"\\A[{WHITE}]+|[{WHITE}]+\\Z")
_HEX_PREFIX = re.compile(r"#|0[xX]|&[hH]")
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]+)\Z")


class UnreadableForm(Exception):
    """The names cannot be understood: a bracket is missing, or there are too many pairs."""


@dataclass(slots=True)
class FormRead:
    """The message, and errors as (path, text) in the order of the members."""

    value: dict[str, Any]
    errors: list[tuple[str, str]] = field(default_factory=list)


def read_pairs(body: bytes) -> list[tuple[str, str]]:
    """Names and values. `+` is a blank, `%xx` is UTF-8, and a bad `%` stays. `;` does not separate. A bare name means ""."""
    pairs = []
    for part in body.split(b"&") if body else ():
        name, _, value = part.decode("utf-8", "replace").partition("=")
        pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def first_value(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first value under a name in any case; None when there is none."""
    folded = name.upper()
    return next((value for key, value in pairs if key.upper() == folded), None)


def member_key(name: str) -> str:
    """A jQuery-style name in the binder's spelling: `a[b]` is `a.b`, `a[]` is `a`, `a[0]` stays. Raises UnreadableForm."""
    if "[" not in name:
        return name
    parts: list[str] = []
    at = 0
    while (opening := name.find("[", at)) >= 0:
        closing = name.find("]", opening)
        if closing < 0:
            raise UnreadableForm("a closing bracket is missing")
        inside = name[opening + 1 : closing]
        parts.append(name[at:opening])
        if inside:
            parts.append(f"[{inside}]" if inside[0].isdecimal() else f".{inside}")
        at = closing + 1
    return "".join((*parts, name[at:]))


def read_form(body: bytes, contract: Contract) -> FormRead:
    """Read a message. Raises UnreadableForm."""
    pairs = read_pairs(body)
    if len(pairs) > MAX_KEYS:
        raise UnreadableForm("too many names")
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(member_key(name).upper(), []).append(value)
    read = FormRead(contract.defaults())
    _bind(read, read.value, contract, "", values)
    return read


def _bind(
    read: FormRead, target: dict[str, Any], contract: Contract, prefix: str, values: dict[str, list[str]]
) -> None:
    for member in contract.members:
        path = f"{prefix}{member.name}"
        if isinstance(member.type, Contract):
            if any(key.startswith((f"{path}.".upper(), f"{path}[".upper())) for key in values):
                target[member.name] = member.type.defaults()
                _bind(read, target[member.name], member.type, f"{path}.", values)
        elif (given := values.get(path.upper())) is not None:
            _bind_scalar(read, target, member, path, given)


def _bind_scalar(read: FormRead, target: dict[str, Any], member: Member, path: str, given: list[str]) -> None:
    """The first value counts. Blank is null: fine for a string, a missing value for a number."""
    raw = given[0]
    if _BLANK.match(raw):
        if member.type is not Scalar.STRING:
            read.errors.append((path, VALUE_REQUIRED))
        return
    try:
        target[member.name] = _converted(raw, member.type)
    except NotANumber:
        shown = raw if len(given) == 1 else _LIST_TYPE
        read.errors.append((path, not_valid(shown, member.name)))
    except OverflowError:
        read.errors.append((path, GENERIC_ERROR))


_LIST_TYPE: Final = "System.Collections.Generic.List`1[System.String]"
"""How .NET prints several values of one name inside an error text."""


def _converted(raw: str, scalar: Any) -> Any:
    if scalar is Scalar.STRING:
        return raw
    text = _ENDS.sub("", raw)
    if scalar is Scalar.BOOLEAN:
        if text.lower() not in {"true", "false"}:
            raise NotANumber(text)
        return text.lower() == "true"
    return _integer(text, scalar.bits)


def _integer(text: str, bits: int) -> int:
    """Decimal, or hexadecimal after `0x`, `&h` or `#`. Raises NotANumber where .NET reports a format error.

    Raises OverflowError for every other error of the conversion: the binder has one general text for those.
    """
    prefix = _HEX_PREFIX.match(text)
    if prefix is None:
        return _decimal(text, bits)
    digits = text[prefix.end() :]
    if not digits or digits.startswith("-"):
        raise OverflowError("not digits at all: .NET reports no format error here")
    match = _HEX.match(digits)
    if match is None:
        raise NotANumber(text)
    value = int(match[1], 16)
    if value >> bits:
        raise OverflowError(text)
    return value - (1 << bits) if value >> (bits - 1) else value


def _decimal(text: str, bits: int) -> int:
    try:
        return read_integer(text, bits)
    except NotANumber:
        if re.fullmatch(r"[+-]?[0-9]+\0*", text):
            raise OverflowError(text) from None
        raise
