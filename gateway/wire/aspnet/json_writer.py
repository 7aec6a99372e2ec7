"""Messages as JSON text, exactly as Newtonsoft.Json writes them: compact, members as declared, few characters escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gateway.wire.aspnet.contract import Contract, Value

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


def _ordered(contract: Contract, value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        member.name: _ordered(member.type, value[member.name])
        if isinstance(member.type, Contract)
        else value[member.name]
        for member in contract.members
    }
