"""Request bodies to values, as `Hash.from_xml` of Rails 2.3 reads them.

Bytes pass the hardened parser first, xmltodict reads what that parser wrote, and this module applies the conventions:

* Dashes in names equal underscores.
* `type=` casts a value. The types `symbol` and `yaml` are refused, as patched versions of Rails do.
* `nil="true"` and an empty element are None.
* Attributes stand beside children, and a repeated element is a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateway.wire.xml import DEFAULT_LIMITS, XmlLimits, parse, to_mapping

Parameter: TypeAlias = "str | bool | int | float | Decimal | date | list[Parameter] | dict[str, Parameter] | None"
Parameters: TypeAlias = dict[str, Parameter]

_TEXT: Final = "#text"
_ATTRIBUTE: Final = "@"
_REFUSED_TYPES: Final = frozenset({"symbol", "yaml"})
MAX_DIGITS: Final = 40
"""A longer run of digits is cut to this many digits: still far above any bound, and cheap to hold."""


class ParametersRefused(Exception):
    """Well-formed XML that cannot become parameters: a forbidden type, or a date that is none."""


def parameters_from_xml(body: bytes, limits: XmlLimits = DEFAULT_LIMITS) -> Parameters:
    """Read a document: one key, the root's name. The encoding is the document's own: Rails does not ask the transport.

    Raises XmlRefused and ParametersRefused.
    """
    mapping = to_mapping(parse(body, limits), strip_whitespace=False, attr_prefix=_ATTRIBUTE, cdata_key=_TEXT)
    return {_name(key): _cast(value) for key, value in mapping.items()}


def _name(tag: str) -> str:
    """The local name with underscores."""
    return tag.rpartition(":")[2].replace("-", "_")


def _cast(value: Any) -> Parameter:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [_cast(item) for item in value]
    return _cast_element(value)


def _cast_element(element: Mapping[str, Any]) -> Parameter:
    """An element with attributes, children or both; text beside children is dropped."""
    attributes = {key[1:]: value for key, value in element.items() if key.startswith(_ATTRIBUTE)}
    children = {key: value for key, value in element.items() if not key.startswith(_ATTRIBUTE) and key != _TEXT}
    kind = attributes.get("type")
    if kind in _REFUSED_TYPES:
        raise ParametersRefused(f"type {kind!r} is not allowed")
    if kind == "array":
        return _list(attributes, children)
    content = element.get(_TEXT)
    if content is not None and not children:
        return _CASTS.get(kind, str)(content)
    if kind == "string" and not children and attributes.get("nil") != "true":
        return ""
    if attributes.get("nil") == "true" or (not children and attributes.keys() == {"type"}):
        return None
    return _merged(attributes, children)


def _merged(attributes: Mapping[str, str], children: Mapping[str, Any]) -> Parameters:
    """Attributes and children under one roof; a name used by both becomes a list."""
    merged: Parameters = {_name(key): value for key, value in attributes.items()}
    for tag, value in children.items():
        name, cast = _name(tag), _cast(value)
        merged[name] = [merged[name], cast] if tag in attributes else cast
    return merged


def _list(attributes: Mapping[str, str], children: Mapping[str, Any]) -> list[Parameter]:
    """`type="array"`: the first kind of child decides; other attributes cannot be cast."""
    if len(attributes) > 1:
        raise ParametersRefused("an array with attributes cannot be read")
    for value in children.values():
        return [_cast(item) for item in value] if isinstance(value, list) else [_cast(value)]
    return []


_LEADING_INTEGER = re.compile(r"\s*([+-]?)(\d+(?:_\d+)*)", re.ASCII)
_LEADING_FLOAT = re.compile(r"\s*[+-]?\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})\s*", re.ASCII)
_DAY_FIRST = re.compile(r"\s*(\d{1,2})[-/](\d{1,2})[-/](\d{4})\s*", re.ASCII)


def to_i(text: str) -> int:
    """Ruby's String#to_i: the leading integer, 0 when there is none ("abc" is 0, " 12x" is 12)."""
    match = _LEADING_INTEGER.match(text)
    if match is None:
        return 0
    number = int(match[2].replace("_", "").lstrip("0")[:MAX_DIGITS] or "0")
    return -number if match[1] == "-" else number


def to_f(text: str) -> float:
    """Ruby's String#to_f: the leading number, 0.0 when there is none. May be infinite."""
    match = _LEADING_FLOAT.match(text)
    return float(match[0].replace("_", "")) if match else 0.0


def _to_decimal(text: str) -> Decimal:
    match = _LEADING_FLOAT.match(text)
    try:
        return Decimal(match[0].strip().replace("_", "")) if match else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _to_boolean(text: str) -> bool:
    return text.strip() in {"1", "true"}


def to_date(text: str) -> date:
    """`2013-05-30` or `30/05/2013`, with dashes or slashes. Raises ParametersRefused."""
    if match := _DATE.fullmatch(text):
        parts = int(match[1]), int(match[2]), int(match[3])
    elif match := _DAY_FIRST.fullmatch(text):
        parts = int(match[3]), int(match[2]), int(match[1])
    else:
        raise ParametersRefused("not a date")
    try:
        return date(*parts)
    except ValueError:
        raise ParametersRefused("no such day") from None


def _cast_date(text: str) -> date:
    """As `to_date`, or the day of a date with a time in ISO 8601. Ruby's Date.parse, which casts here, reads that, too."""
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return to_date(text)


def _to_datetime(text: str) -> datetime:
    """ISO 8601, also with a blank for the T and the word UTC; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    except ValueError:
        raise ParametersRefused("not a date and time") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_CASTS: Final[Mapping[str | None, Callable[[str], Parameter]]] = MappingProxyType(
    {
        "integer": to_i,
        "float": to_f,
        "double": to_f,
        "decimal": _to_decimal,
        "boolean": _to_boolean,
        "date": _cast_date,
        "datetime": _to_datetime,
        "dateTime": _to_datetime,
        "string": str,
    }
)
"""By `type=`. Any other type, the binary ones included, leaves the text as it is."""
