"""Values to XML, as Builder and `errors.to_xml` of Rails 2.3 write them.

Each level is indented by two blanks, and a line break follows every element. `&`, `<` and `>` become entities, characters
outside ASCII become decimal references, and quotes and apostrophes stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

INSTRUCT: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_SPECIAL = re.compile("[&<>\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

_IN_JSON = re.compile("[<>&]")


def escape(text: str) -> bytes:
    """Element content in ASCII. Characters that XML cannot hold become `*`, as Builder has it."""
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], "*"), text)
    return text.encode("ascii", "xmlcharrefreplace")


def errors_to_xml(messages: Iterable[str]) -> bytes:
    """`errors.to_xml`: one `error` element per message, in the order given."""
    lines = b"".join(b"  <error>%b</error>\n" % escape(message) for message in messages)
    return INSTRUCT + b"<errors>\n" + lines + b"</errors>\n"


def errors_to_json(messages: Iterable[str]) -> bytes:
    """The same list as the JSON generation writes it: without blanks, and with `<`, `>`, `&` and non-ASCII as references."""
    text = json.dumps({"errors": [{"error": message} for message in messages]}, separators=(",", ":"))
    return _IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04X}", text).encode()


def decimal_to_s(amount: Decimal) -> bytes:
    """An amount as Ruby writes a float of ordinary size: `30.0`, `7.4048`, `-0.5`; never an exponent, never `-0.0`."""
    text = f"{amount:f}"
    whole, _, places = text.partition(".")
    places = places.rstrip("0") or "0"
    if places == "0" and not whole.strip("-0"):
        return b"0.0"
    return f"{whole}.{places}".encode()
