"""What the models of choices share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict

from gateway.wire.soap.binding import describe

STRICT: Final = ConfigDict(extra="forbid", frozen=True)


def zone_name(name: str) -> str:
    """The name of a time zone. Raises ValueError for one that there is not."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


def refuse_twins(what: str, values: Iterable[Any]) -> None:
    """Raises ValueError when two of a list have the same value, such as the same id."""
    if twins := [value for value, times in Counter(values).items() if times > 1]:
        raise ValueError(f"two have the {what} {twins[0]}")


def refuse_unknown_properties(model: type[BaseModel], names: Sequence[str]) -> None:
    """Raises ValueError for a name that is no element of a message type; a call may hold such names, a setting must not."""
    known = [element.name for element in describe(model).elements]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"unknown {', '.join(unknown)}; there are {', '.join(known)}")
