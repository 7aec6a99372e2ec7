"""What the models of choices share."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict

STRICT: Final = ConfigDict(extra="forbid", frozen=True)


def zone_name(name: str) -> str:
    """The name of a time zone. Raises ValueError for one that there is not."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name
