"""Messages as JSON text, exactly as Newtonsoft.Json writes them: compact, members as declared, few characters escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.wire.aspnet.contract import Contract, Member, Value

_ALSO_ESCAPED = re.compile("[\x85\u2028\u2029]")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_json(value: Any) -> str:
    """Any value of mappings, lists, text, whole numbers, booleans and None.

    It escapes `"`, backslash, control characters (short forms, else lower-case \\u00xx), U+0085, U+2028 and U+2029.
    """
    text = _encode(value)
    if text.isascii():
        return text
    return _ALSO_ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_message(contract: Contract, value: Value | None) -> str:
    """A message with its members in declared order, nulls and zeros included; a null message is `null`."""
    return write_json(_ordered(contract, value))


def write_messages(contract: Contract, values: Iterable[Value]) -> str:
    """A list of messages."""
    return write_json([_ordered(contract, value) for value in values])


def _ordered(contract: Contract, value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {member.name: _member(member, value[member.name]) for member in contract.members}


def _member(member: Member, value: Any) -> Any:
    if not isinstance(member.type, Contract):
        return value
    kind = member.type
    return [_ordered(kind, item) for item in value] if member.many and value is not None else _ordered(kind, value)
