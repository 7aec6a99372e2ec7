"""How a tenant's section for a dialect names one of the tenant's series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel


class NamesSeries:
    """Marks a field that holds the key of a series."""


SeriesKey: TypeAlias = Annotated[str, NamesSeries()]
"""The key of one of the tenant's series. That the tenant has it is checked before a dialect is built."""


def series_named(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each key of a series that a section names, with the keys that lead to it.

    value: a checked section, or a part of it.
    """
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            own = getattr(value, name)
            if any(isinstance(mark, NamesSeries) for mark in info.metadata):
                yield (*path, name), own
            else:
                yield from series_named(own, (*path, name))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from series_named(item, (*path, index))
