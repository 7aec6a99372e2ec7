"""What the tables of errors are made of. Each folder of a service has its own `texts`; `errors` puts them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeVar

CORE: Final = "Office24Seven.Library.Core"
ECONOMY: Final = "Office24Seven.Library.Economy"
PROPERTY: Final = f"{CORE}.ParameterException"
NOT_FOUND: Final = f"{CORE}.ParameterNotFoundException"
"""R-39: this type is evidenced; all others are inferred and share its prefix."""


class BusinessText(NamedTuple):
    """A .NET type and a message with placeholders."""

    type: str
    message: str


T = TypeVar("T")


def joined(*tables: Mapping[str, T]) -> dict[str, T]:
    """One table of several. Raises ValueError for a name that two of them have."""
    found: dict[str, T] = {}
    for table in tables:
        if taken := sorted(found.keys() & table.keys()):
            raise ValueError(f"two texts are called {taken[0]}")
        found |= table
    return found
