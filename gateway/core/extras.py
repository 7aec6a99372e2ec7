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
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

_TAGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "$decimal": Decimal,
    "$datetime": dt.datetime.fromisoformat,
    "$date": dt.date.fromisoformat,
}
_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})
_SEQUENCES: Final = frozenset({list, tuple})
_ALWAYS_KEPT: Final = _AS_THEY_ARE | {Decimal, dt.date, dt.datetime}


def encode(value: Any) -> str:
    """JSON text of a value. Raises ValueError for a type that would not come back as it went."""
    _check(value)
    return _write(value)


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
    if isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _written(value)


def _check(value: Any) -> None:
    """Refuse what the writer, which is in C, would change in silence, and keys that look like ours. Raises ValueError."""
    waiting = [value]
    for one in waiting:  # grows by what is inside
        kind = type(one)
        items: Iterable[Any]
        if kind is dict or (kind not in _SEQUENCES and isinstance(one, Mapping)):
            _check_names(one)
            items = one.values()
        elif kind in _SEQUENCES or isinstance(one, (list, tuple)):
            items = one
        elif isinstance(one, float) and not math.isfinite(one):
            raise _unkeepable(one)
        else:
            continue
        waiting.extend([item for item in items if type(item) not in _ALWAYS_KEPT])


def _check_names(names: Iterable[Any]) -> None:
    """All names at once, because nearly always nothing is wrong with any of them."""
    try:
        is_plain = "$" not in "".join(names)
    except TypeError:  # a name is no text
        is_plain = False
    if not is_plain:
        for name in names:
            _key(name)


def _key(name: Any) -> str:
    if not isinstance(name, str) or name.startswith("$"):
        raise ValueError(f"cannot be a name: {name!r}")
    return name


def _written(value: Any) -> Any:
    """A value of a type that JSON does not have, in JSON's own types. Raises ValueError."""
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dt.datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    raise _unkeepable(value)


def _unkeepable(value: Any) -> ValueError:
    return ValueError(f"cannot be kept: {value!r} ({type(value).__name__})")


def _restore(pairs: dict[str, Any]) -> Any:
    if len(pairs) == 1:
        ((name, text),) = pairs.items()
        if name in _TAGS:
            return _TAGS[name](text)
    return pairs


_write: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False, default=_written
).encode
_read: Final = json.JSONDecoder(object_hook=_restore).decode
