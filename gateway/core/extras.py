"""Vendor-only fields as JSON text and back, without loss.

JSON has no decimals, dates or times. They are written as an object with one key: `{"$decimal": "1.50"}`,
`{"$date": "2024-02-29"}`, `{"$datetime": "2024-02-29T12:00:00+00:00"}`. A time keeps its offset, or that it has none, but not
the zone's name and not `fold`. Keys that begin with `$` are refused, so that nothing else can look like such an object. Tuples
come back as lists.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

_TAGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "$decimal": Decimal,
    "$datetime": dt.datetime.fromisoformat,
    "$date": dt.date.fromisoformat,
}
_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode(value: Any) -> str:
    """JSON text of a value. Raises ValueError for a type that would not come back as it went."""
    return _write(plain(value))


def decode(text: str) -> Any:
    """The value that `encode` wrote."""
    return _read(text)


def plain(value: Any) -> Any:
    """The value in JSON's own types. Raises ValueError."""
    kind = type(value)
    if kind in _AS_THEY_ARE:  # first, because nearly everything is one of these
        return value
    if kind is dict or isinstance(value, Mapping):
        return {_key(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dt.datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"cannot be kept: {value!r} ({type(value).__name__})")


def _key(name: Any) -> str:
    if not isinstance(name, str) or name.startswith("$"):
        raise ValueError(f"cannot be a name: {name!r}")
    return name


def _restore(pairs: dict[str, Any]) -> Any:
    if len(pairs) == 1:
        ((name, text),) = pairs.items()
        if name in _TAGS:
            return _TAGS[name](text)
    return pairs


_read = json.JSONDecoder(object_hook=_restore).decode
